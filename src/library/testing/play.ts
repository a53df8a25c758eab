import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { VirtualClock } from '../../exchange/virtual-clock.ts';
import { failoverWith } from '../create-failover.ts';
import type { AttemptReport, FailoverOptions, SwitchReport } from '../options.ts';
import { finished, said, type ScriptedModel, type Step } from './scripted-model.ts';

export const PROMPT: LanguageModelV4CallOptions['prompt'] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];

export interface Played {
  parts: LanguageModelV4StreamPart[];
  error?: unknown;
  attempts: AttemptReport[];
  switches: SwitchReport[];
}

/** Lets virtual time pass until a promise is settled. */
export async function inTime<Value>(clock: VirtualClock, waited: PromiseLike<Value>): Promise<Value> {
  let over = false;
  const settled = (async () => {
    try {
      return await waited;
    } finally {
      over = true;
    }
  })();
  settled.catch(() => undefined);
  for (let turn = 0; turn < 20_000 && !over; turn++) {
    await new Promise((done) => {
      setImmediate(done);
    });
    if (turn % 10 === 9) await clock.advance(500);
  }
  if (!over) throw new Error('it hangs');
  return settled;
}

export async function play(
  clock: VirtualClock,
  models: ScriptedModel[],
  asked: Partial<LanguageModelV4CallOptions> = {},
  options: Partial<FailoverOptions> = {},
): Promise<Played> {
  const attempts: AttemptReport[] = [];
  const switches: SwitchReport[] = [];
  const model = failoverWith(
    { models, onAttempt: (attempt) => attempts.push(attempt), onSwitch: (change) => switches.push(change), ...options },
    { clock, random: (bytes) => bytes.fill(127) },
  );
  const parts: LanguageModelV4StreamPart[] = [];
  try {
    const { stream } = await inTime(clock, model.doStream({ prompt: PROMPT, ...asked }));
    await inTime(
      clock,
      (async () => {
        for await (const part of stream) parts.push(part);
      })(),
    );
    return { parts, attempts, switches };
  } catch (error) {
    return { parts, error, attempts, switches };
  }
}

export function textOf(parts: readonly LanguageModelV4StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
}

export function finishOf(parts: readonly LanguageModelV4StreamPart[]): Extract<LanguageModelV4StreamPart, { type: 'finish' }> {
  const last = parts.at(-1);
  if (last?.type !== 'finish') throw new Error(`no finish but ${String(last?.type)}`);
  return last;
}

/** The assistant's words so far, where a prompt asks to carry them on. */
function soFar({ prompt }: LanguageModelV4CallOptions): string | undefined {
  const [before, last] = prompt.slice(-2);
  if (before?.role !== 'assistant' || last?.role !== 'user') return undefined;
  return before.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Carries a text on as it is asked to, by repeating its last words; or begins it again. */
export function continuing(text: string, how: 'anchor' | 'restart'): (options: LanguageModelV4CallOptions) => Step[] {
  return (options) => {
    const partial = soFar(options);
    const from = partial === undefined || how === 'restart' ? 0 : Math.max(0, partial.length - 60);
    return said(text.slice(from).match(/[\s\S]{1,7}/gu) ?? []);
  };
}

export const CUTS: Readonly<Record<string, Step[]>> = {
  'error part': [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, finished('interrupted')],
  'error of the stream': [{ cut: new TypeError('terminated') }],
  'silent end': ['close'],
  interrupted: [finished('interrupted')],
  stall: ['hang'],
};
