import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Dialect } from '../dialects/dialect.ts';
import { openaiChat } from '../dialects/openai-chat/dialect.ts';
import { systemClock } from '../exchange/clock.ts';
import type { Entry } from '../journal/entry.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import type { Delivery } from './delivery.ts';
import { streamedAnswer } from './streamed-answer.ts';
import { call } from './testing/raw-client.ts';
import { attempt, complete, failed, head, words } from './testing/scripted-ports.ts';
import { wholeAnswer } from './whole-answer.ts';

let server: Server | undefined;
afterEach(() => server?.close());

const QUESTION = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

/** Serves one answer of a dialect that breaks. */
async function serve(dialect: Dialect, entries: Entry[], write: (delivery: Delivery) => void, logged: string[]): Promise<number> {
  const journal = memoryJournal({ clock: systemClock });
  const log = journal.open(
    { id: 'x_1', at: 0, dialect: dialect.name, model: 'm', route: 'r', stream: true, principal: 'local', save: true },
    Buffer.from(QUESTION),
  );
  for (const entry of entries) log.append(entry);
  const inspected = openaiChat.inspect(Buffer.from(QUESTION), '/v1/chat/completions');
  if (!inspected.ok) throw new Error(inspected.error.message);
  const say = (_: object, message: string): void => void logged.push(message);
  server = createServer((_, response) =>
    write({
      response,
      dialect,
      head: inspected.value,
      request: () => undefined,
      asked: { log, abandon: () => undefined },
      journal: () => journal.state(),
      clock: systemClock,
      log: { info: say, warn: say, error: say },
      keepAlive: 10_000,
      slowReader: 10_000,
      closed: () => undefined,
    }),
  );
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const breaks = (): never => {
  throw new Error('a slip in a codec');
};

test('a codec that breaks leaves nobody waiting, not even when it breaks in telling so', async () => {
  const logged: string[] = [];
  const encoder = { ...openaiChat.encoder({ exchange: 'x_1', head: { model: 'm', stream: true, includeUsage: false }, created: 0 }) };
  const dialect: Dialect = { ...openaiChat, encoder: () => ({ ...encoder, encode: breaks, error: breaks }) };
  const port = await serve(
    dialect,
    [attempt(), head(), { type: 'events', attempt: 0, events: words('Hi') }, complete],
    streamedAnswer,
    logged,
  );
  expect(await call(port, '/')).toMatchObject({ status: 200, text: '', complete: false });
  expect(logged).toEqual(['writing an answer failed', 'telling of a failed answer failed']);
});

test('nor where the answer is whole', async () => {
  const logged: string[] = [];
  const port = await serve({ ...openaiChat, encodeError: breaks }, [attempt(), failed(false)], wholeAnswer, logged);
  await expect(call(port, '/')).rejects.toThrow(/hang up|ECONNRESET/);
  expect(logged).toContain('telling of a failed answer failed');
});
