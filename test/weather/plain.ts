import { wireReader } from '../../src/drill/wire-reader.ts';
import type { VirtualClock } from '../../src/exchange/virtual-clock.ts';
import type { Headers } from '../../src/dialects/dialect.ts';
import type { Contender, MakeContender, Outcome } from './contender.ts';
import type { Host } from './climate.ts';
import type { Sky } from './sky.ts';
import { questionFor } from './question.ts';

/** A person closes the tab sooner or later: ten minutes, which is also the default timeout of the official SDKs. */
const PATIENCE = 10 * 60_000;
/** Anthropic's and OpenAI's SDKs: two retries, 0.5 s doubling to 8 s with up to a quarter of jitter, Retry-After below a minute. */
const RETRIES = 2;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const LONGEST_RETRY_AFTER = 60_000;
/** A plain proxy's time limit to the headers; LiteLLM and its like recommend 30 to 60 s where the default is 10 minutes. */
const PROXY_HEADERS = 60_000;

type Fetched = { type: 'answer'; end: Outcome['end'] } | { type: 'failed'; retry: boolean; wait?: number };

/** No gateway: an official SDK asks the lead, with its own retries. */
export const noGateway: MakeContender = (clock, sky) => ({
  name: 'no gateway (official SDK)',
  ask: (model, prompt, expected) => asking(clock, sky, ['lead'], PATIENCE, model, prompt, expected),
});

/** Retry, then the next: what most gateways do. Once bytes have gone out nothing can be helped any more. */
export const retryThenFallback: MakeContender = (clock, sky) => ({
  name: 'plain retry-then-fallback proxy',
  ask: (model, prompt, expected) => asking(clock, sky, ['lead', 'second', 'third'], PROXY_HEADERS, model, prompt, expected),
});

async function asking(
  clock: VirtualClock,
  sky: Sky,
  hosts: readonly Host[],
  headersLimit: number,
  ...[model, prompt, expected]: Parameters<Contender['ask']>
): Promise<Outcome> {
  const began = clock.monotonic();
  const asked: Outcome['asked'] = [];
  const ended = (end: Outcome['end']): Outcome => ({ end, took: clock.monotonic() - began, asked });
  for (const host of hosts) {
    for (let attempt = 0; attempt <= RETRIES; attempt++) {
      asked.push({ host, trial: false });
      const left = PATIENCE - (clock.monotonic() - began);
      const fetched = await fetchOnce(clock, sky, host, model, prompt, expected, Math.min(headersLimit, left), left);
      if (fetched.type === 'answer') return ended(fetched.end);
      if (!fetched.retry || attempt === RETRIES) break;
      await sleep(clock, fetched.wait ?? Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT) * 0.875);
    }
  }
  return ended('error');
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** One streamed request. From the headers of a 200 on, its bytes go straight to the client. */
function fetchOnce(
  clock: VirtualClock,
  sky: Sky,
  host: Host,
  model: string,
  prompt: string,
  expected: string,
  headersLimit: number,
  limit: number,
): Promise<Fetched> {
  const { promise, resolve } = Promise.withResolvers<Fetched>();
  const reader = wireReader('anthropic-messages');
  let status = 0;
  let after: number | undefined;
  const stopLimit = clock.after(limit, () => settle({ type: 'answer', end: 'cut' }));
  const stopHeaders = clock.after(headersLimit, () => settle({ type: 'failed', retry: true }));
  const { path, headers, body } = questionFor(model, prompt);
  const cancel = sky.call(
    { method: 'POST', origin: `http://${host}.test`, path, headers, body, connectTimeout: 5000, fresh: false },
    {
      headers(code, received) {
        stopHeaders();
        status = code;
        after = retryAfter(received);
      },
      data(chunk) {
        reader.push(chunk.toString());
      },
      end() {
        if (status !== 200) return settle(failure(status, after));
        const { text, finished, error } = reader.reading;
        if (error !== undefined) return settle({ type: 'answer', end: 'error' });
        settle({ type: 'answer', end: finished && text === expected ? 'whole' : 'cut' });
      },
      error: () => settle(status === 200 ? { type: 'answer', end: 'error' } : { type: 'failed', retry: true }),
    },
  );

  function settle(fetched: Fetched): void {
    stopLimit();
    stopHeaders();
    cancel();
    resolve(fetched);
  }
  return promise;
}

function failure(status: number, after: number | undefined): Fetched {
  const retry = status === 408 || status === 409 || status === 429 || status >= 500;
  return { type: 'failed', retry, ...(after !== undefined && after <= LONGEST_RETRY_AFTER && { wait: after }) };
}

function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
