import { expect, test } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import { createEmbeddedCall, EMBEDDED_ORIGIN } from './embedded-call.ts';
import type { Engine, EngineListener } from './engine-process.ts';
import type { EngineJob } from './messages.ts';

const SETUP = { folder: '/engine', file: '/m.gguf', context: 512 };
const USAGE = { input: 7, cached: 3, output: 2 };
const messages = [{ role: 'user', content: 'Hi' }];

interface Heard {
  status?: number;
  headers?: Readonly<Record<string, string | undefined>>;
  body: string;
  error?: string;
}

/** Asks over an engine that does as `play` says. */
function ask(body: JsonObject, play: (listener: EngineListener, job: EngineJob) => void): Promise<Heard> {
  const engine = {
    ask(_setup: unknown, job: EngineJob, listener: EngineListener) {
      play(listener, job);
      return () => undefined;
    },
  } as unknown as Engine;
  const call = createEmbeddedCall(
    engine,
    (name) => (name === 'm' ? ok(SETUP) : err({ status: 404, message: `no ${name}` })),
    systemClock,
    () => {
      throw new Error('nobody else is asked here');
    },
  );
  return new Promise((resolve) => {
    const heard: Heard = { body: '' };
    call(
      {
        method: 'POST',
        origin: EMBEDDED_ORIGIN,
        path: '/chat/completions',
        headers: [],
        body: Buffer.from(JSON.stringify({ model: 'm', messages, ...body })),
        connectTimeout: 1000,
        fresh: false,
      },
      {
        headers: (status, headers) => void Object.assign(heard, { status, headers }),
        data: (chunk) => void (heard.body += chunk.toString()),
        end: () => resolve(heard),
        error: ({ symptom, message }) => resolve({ ...heard, error: `${symptom}: ${message}` }),
      },
    );
  });
}

test('an answer of words, thoughts and a call, whole and in a stream', async () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } } }];
  const play = ({ told }: EngineListener): void => {
    told({ type: 'reading', id: 1, tokens: 7 });
    told({ type: 'text', id: 1, text: 'hm', thought: true });
    told({ type: 'text', id: 1, text: 'Let ', thought: false });
    told({ type: 'text', id: 1, text: 'me', thought: false });
    told({ type: 'call', id: 1, name: 'f', arguments: { a: null } });
    told({ type: 'done', id: 1, reason: 'tool-calls', usage: USAGE });
  };
  const whole = JSON.parse((await ask({ tools }, play)).body) as { choices: JsonObject[]; usage: JsonObject };
  expect(whole.choices[0]).toMatchObject({
    message: { content: 'Let me', reasoning_content: 'hm', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
    finish_reason: 'tool_calls',
  });
  expect(whole.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } });
  const { status, headers, body } = await ask({ tools, stream: true }, play);
  expect([status, headers?.['content-type']]).toEqual([200, 'text/event-stream']);
  expect(body.trimEnd().endsWith('data: [DONE]')).toBe(true);
});

test('a process that dies before or within an answer is a broken connection, never an end', async () => {
  const before = await ask({ stream: true }, ({ failed }) => failed({ type: 'crashed', message: 'its process ended (SIGKILL)' }));
  expect(before).toEqual({ body: '', error: 'closed: embedded engine: its process ended (SIGKILL)' });
  const within = await ask({ stream: true }, ({ told, failed }) => {
    told({ type: 'text', id: 1, text: 'half', thought: false });
    failed({ type: 'crashed', message: 'its process ended (SIGSEGV)' });
  });
  expect(within).toMatchObject({ status: 200, error: 'reset: embedded engine: its process ended (SIGSEGV)' });
  expect(within.body).not.toContain('[DONE]');
});

test.each([
  [{ n: 2 }, 400, 'n: 1'],
  [{ model: 'x' }, 404, 'no x'],
  [{ messages: 'none' }, 400, 'messages'],
] as const)('%j is refused with %i', async (body, status, word) => {
  const heard = await ask(body as unknown as JsonObject, () => {
    throw new Error('it is not asked');
  });
  expect(heard.status).toBe(status);
  expect(heard.body).toContain(word);
});

test('too long is told as such, and a pause with its length', async () => {
  const long = await ask({}, ({ told }) => told({ type: 'refused', id: 1, tooLong: true, message: '900 tokens' }));
  expect([long.status, JSON.parse(long.body)]).toEqual([400, { error: expect.objectContaining({ code: 'context_length_exceeded' }) }]);
  const pause = await ask({ stream: true }, ({ failed }) => failed({ type: 'unable', message: 'given a pause', wait: 1500 }));
  expect([pause.status, pause.headers?.['retry-after']]).toEqual([503, '2']);
});
