import type { Clock } from '../../exchange/clock.ts';
import type { AskLocal } from './ask.ts';
import type { LocalChoice } from './rank.ts';

/** What became of it. `done`: in memory now; `not-needed`: it was; `too-soon`: it was tried a while ago. */
export type Warmed =
  | { type: 'done'; target: string; took: number }
  | { type: 'failed'; target: string; why: string }
  | { type: 'no-memory'; target: string; needs: number; free: number }
  | { type: 'not-needed' | 'too-soon' | 'nobody' };

export interface WarmUp {
  /** Has the model loaded that would be asked first, unless it is in memory already. `free`: bytes of memory. */
  warm(choices: readonly LocalChoice[], free: number): Promise<Warmed>;
}

/** Milliseconds between two attempts: an Ollama drops an unused model after five minutes (docs/faq.mdx). */
const SELDOM = 5 * 60_000;
/** A large file from a slow disk. */
const LOADING = 5 * 60_000;
/** How long Ollama is to keep what nobody has asked yet: outages are longer than its five minutes. */
const KEEP = '15m';
/** Beside the file itself: the conversation's cache, and room for everything else on the machine. */
const SPARE = 1.2;

/** Loads one model at a time, and seldom. Nothing of anybody's is sent. */
export function createWarmUp(ask: AskLocal, clock: Clock): WarmUp {
  let last = -Infinity;
  let under = false;

  return {
    async warm(choices, free) {
      // An agent is whom an outage hurts most, and it needs tools.
      const choice = choices.find(({ model }) => model.tools !== false) ?? choices[0];
      if (!choice) return { type: 'nobody' };
      const { model, service } = choice;
      if (model.loaded) return { type: 'not-needed' };
      if (under || clock.monotonic() - last < SELDOM) return { type: 'too-soon' };
      const target = `${service.provider}/${model.name}`;
      last = clock.monotonic();
      const needs = (model.bytes ?? 0) * SPARE;
      if (needs > free) return { type: 'no-memory', target, needs, free };
      under = true;
      try {
        const why = await load(ask, choice);
        return why === undefined ? { type: 'done', target, took: clock.monotonic() - last } : { type: 'failed', target, why };
      } finally {
        under = false;
      }
    },
  };
}

/** Why it could not be loaded. */
async function load(ask: AskLocal, { service, model: { name } }: LocalChoice): Promise<string | undefined> {
  const root = service.baseUrl.replace(/\/v1$/, '');
  if (service.kind === 'ollama')
    return problemOf(await ask(`${root}/api/generate`, { model: name, keep_alive: KEEP, stream: false }, LOADING));
  if (service.kind === 'lmstudio') {
    const loaded = await ask(`${root}/api/v1/models/load`, { model: name }, LOADING);
    // Before 0.4 there is no such place; there a model is loaded when it is asked.
    if (!loaded.ok || loaded.value.status !== 404) return problemOf(loaded);
  }
  const word = { model: name, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }], stream: false };
  return problemOf(await ask(`${service.baseUrl}/chat/completions`, word, LOADING));
}

function problemOf(answer: Awaited<ReturnType<AskLocal>>): string | undefined {
  if (!answer.ok) return answer.error === 'silent' ? `no answer within ${LOADING / 60_000} minutes` : 'the connection broke';
  const { status } = answer.value;
  return status >= 200 && status < 300 ? undefined : `it answered with status ${status}`;
}
