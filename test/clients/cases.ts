import type { FaultRule } from '../../src/sim/sim-provider.ts';

/** What happens to every answer of the lead while Claude Code works; the backup is well. */
export interface ClientCase {
  name: string;
  /** For ever and for every request. Absent: the lead is well. */
  fault?: FaultRule;
  /** The lead's answer is whole in the end and no other is needed. */
  leadAnswers?: true;
  /** Claude Code gets its headers and keep-alives long before anything is known of an answer. */
  earlyHeaders?: true;
}

/** The backup's dialect: Claude Code's own, or another one. */
export const BACKUPS = ['anthropic-messages', 'openai-chat'] as const;
export type Backup = (typeof BACKUPS)[number];

export const CASES: readonly ClientCase[] = [
  { name: 'calm', leadAnswers: true },
  { name: 'never answers', fault: { fault: 'hang' } },
  { name: 'never answers, early 200', fault: { fault: 'hang' }, earlyHeaders: true },
  { name: 'hangs after the headers', fault: { fault: 'hang-after-headers' } },
  { name: 'pings for ever', fault: { fault: 'pings-for-ever', position: 'before-content' } },
  { name: 'stalls while thinking', fault: { fault: 'stall', position: 'reasoning' } },
  { name: 'stalls in its text', fault: { fault: 'stall', position: 'text-middle' } },
  { name: 'stalls in tool arguments', fault: { fault: 'stall', position: 'arguments' } },
  { name: 'reset in its text', fault: { fault: 'reset-inside', position: 'text-middle' } },
  { name: 'cut in tool arguments', fault: { fault: 'cut-inside', position: 'arguments' } },
  // The call is complete: it counts, and must not be made again by the next.
  { name: 'cut after the tool call', fault: { fault: 'cut-edge', position: 'after-calls' }, leadAnswers: true },
  { name: 'ends without saying so', fault: { fault: 'clean-end', position: 'text-middle' } },
  { name: 'no terminator', fault: { fault: 'missing-terminator' }, leadAnswers: true },
  { name: 'error event in its text', fault: { fault: 'error-event', position: 'text-middle' } },
  { name: '529', fault: { fault: '529' } },
  { name: '502, an HTML page', fault: { fault: '502-html' } },
  { name: '200, an HTML page', fault: { fault: '200-html' } },
  { name: '401 for ever', fault: { fault: '401' } },
];
