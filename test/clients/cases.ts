import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import { VARIANTS, type Variant } from './driven.ts';

/** What happens to every answer of the lead while the CLI works; the backup is well. */
export interface Trouble {
  name: string;
  /** For ever and for every request. Absent: the lead is well. */
  fault?: FaultRule;
  /** The lead's answer is whole in the end and no other is needed. */
  leadAnswers?: true;
  /** The CLI gets its headers and keep-alives long before anything is known of an answer. */
  earlyHeaders?: true;
}

export interface ClientCase {
  variant: Variant;
  trouble: Trouble;
  /** One question, or one with a tool round. */
  kind: 'prompt' | 'tool round';
  backup: DialectName;
}

const CALM: Trouble = { name: 'calm', leadAnswers: true };

/** What every CLI is put through. */
const USUAL: readonly Trouble[] = [
  CALM,
  { name: '529', fault: { fault: '529' } },
  { name: 'error event in its text', fault: { fault: 'error-event', position: 'text-middle' } },
  { name: 'stalls in its text', fault: { fault: 'stall', position: 'text-middle' } },
  { name: 'reset in its text', fault: { fault: 'reset-inside', position: 'text-middle' } },
  { name: 'ends without saying so', fault: { fault: 'clean-end', position: 'text-middle' } },
  { name: '200, an HTML page', fault: { fault: '200-html' } },
  { name: '401 for ever', fault: { fault: '401' } },
];

/** What Claude Code is put through besides. */
const FURTHER: readonly Trouble[] = [
  { name: 'never answers', fault: { fault: 'hang' } },
  { name: 'never answers, early 200', fault: { fault: 'hang' }, earlyHeaders: true },
  { name: 'hangs after the headers', fault: { fault: 'hang-after-headers' } },
  { name: 'pings for ever', fault: { fault: 'pings-for-ever', position: 'before-content' } },
  { name: 'stalls while thinking', fault: { fault: 'stall', position: 'reasoning' } },
  { name: 'stalls in tool arguments', fault: { fault: 'stall', position: 'arguments' } },
  { name: 'cut in tool arguments', fault: { fault: 'cut-inside', position: 'arguments' } },
  // The call is complete: it counts, and must not be made again by the next.
  { name: 'cut after the tool call', fault: { fault: 'cut-edge', position: 'after-calls' }, leadAnswers: true },
  { name: 'no terminator', fault: { fault: 'missing-terminator' }, leadAnswers: true },
  { name: '502, an HTML page', fault: { fault: '502-html' } },
];

const DIALECTS: readonly DialectName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'];

/** In these a message of the user's may follow another. */
const OPENAI: readonly DialectName[] = ['openai-chat', 'openai-responses'];

/** Everything: each CLI, each trouble, a prompt and a tool round; the backup's dialect goes round, Claude Code meets all four. */
export function allCases(): ClientCase[] {
  return VARIANTS.flatMap((variant, row) =>
    [...USUAL, ...(variant.client === 'claude' ? FURTHER : [])].flatMap((trouble, column) => {
      const next = DIALECTS[(row + column) % DIALECTS.length]!;
      const backups = variant.wordsOnly ? [] : variant.client === 'claude' ? DIALECTS : [next];
      const prompt: ClientCase = {
        variant,
        trouble,
        kind: 'prompt',
        backup: variant.contextBesideQuestion ? OPENAI[column % 2]! : next,
      };
      // Where nothing is called, there are no arguments to fail in.
      const inCall = trouble.fault?.position === 'arguments';
      return [...backups.map((backup): ClientCase => ({ variant, trouble, kind: 'tool round', backup })), ...(inCall ? [] : [prompt])];
    }),
  );
}

/** What CI has time for: every CLI and provider once in calm, and every trouble with some of them; another choice for each `turn`. */
export function sample(turn: number): ClientCase[] {
  const all = allCases();
  return VARIANTS.flatMap((variant, row) => {
    const kind = variant.wordsOnly ? 'prompt' : 'tool round';
    const rounds = all.filter((each) => each.variant === variant && each.kind === kind);
    const calm = rounds.filter(({ trouble }) => trouble === CALM).slice(0, 1);
    const troubled = rounds.filter(({ trouble }) => trouble !== CALM);
    const wanted = variant.client === 'claude' ? 6 : 1;
    const step = Math.max(1, Math.floor(troubled.length / wanted));
    return [...calm, ...Array.from({ length: wanted }, (_, index) => troubled[(turn + row + index * step) % troubled.length]!)];
  });
}
