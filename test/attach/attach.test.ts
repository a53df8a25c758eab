import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { call, DIALECTS, type House, openHouse, type Reply, until } from './house.ts';
import { asking } from './questions.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

let house: House;
let before = 0;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.strike();
  before = house.paid();
});

const paid = (): number => house.paid() - before;
const FORMS = [true, false];
const named = (stream: boolean): string => (stream ? 'streamed' : 'whole');

/** Everything that an SDK reads of two answers is the same, and the second says that it is no answer of its own. */
function same(attached: Reply, first: Reply): void {
  expect(attached.text).toBe(first.text);
  expect(attached.status).toBe(first.status);
  const { 'x-understudy-attached': mark, date: _, ...rest } = attached.headers;
  const { date: __, ...own } = first.headers;
  expect(mark).toBe('true');
  expect(rest).toEqual(own);
}

describe('under an Idempotency-Key', () => {
  for (const dialect of DIALECTS) {
    for (const stream of FORMS) {
      for (const route of ['cancel', 'foreign']) {
        test(`two at once are one attempt and two readers: ${dialect}, ${named(stream)}, ${route}`, async () => {
          const question = asking(dialect, stream, `${route}-${dialect}`, 'words=20 pace=2ms');
          const key = { 'Idempotency-Key': randomUUID() };
          const replies = await Promise.all([call(house, question, key).reply, call(house, question, key).reply]);
          const [attached, first] = replies.toSorted((one) => (one.headers['x-understudy-attached'] ? -1 : 1));
          expect(first!.headers['x-understudy-attached']).toBeUndefined();
          same(attached!, first!);
          expect(first!.status).toBe(200);
          expect(paid()).toBe(1);
        });
      }

      test(`a client that dies and comes back pays once, and so does one that comes after the end: ${dialect}, ${named(stream)}`, async () => {
        const question = asking(dialect, stream, `cancel-${dialect}`, 'words=40 pace=3ms');
        const key = { 'Idempotency-Key': randomUUID() };
        const dying = call(house, question, key);
        await (stream ? dying.speaking : until(() => paid() === 1));
        dying.leave();
        const second = await call(house, question, key).reply;
        expect(second.status).toBe(200);
        expect(second.broken).toBe(false);
        const third = await call(house, question, key).reply;
        expect(third.text).toBe(second.text);
        expect([second, third].map(({ headers }) => headers['x-understudy-attached'])).toEqual(['true', 'true']);
        expect(paid()).toBe(1);
      });
    }

    test(`something else is 422 in the words of ${dialect}`, async () => {
      const key = { 'Idempotency-Key': randomUUID() };
      const first = await call(house, asking(dialect, false, `cancel-${dialect}`, 'words=5'), key).reply;
      expect(first.status).toBe(200);
      for (const other of [asking(dialect, false, `cancel-${dialect}`, 'words=6'), asking(dialect, true, `cancel-${dialect}`, 'words=5')]) {
        const reply = await call(house, other, key).reply;
        expect(reply.status).toBe(422);
        expect(JSON.parse(reply.text)).toMatchObject({ error: { message: expect.stringContaining('Idempotency-Key') as string } });
      }
      expect(paid()).toBe(1);
    });
  }

  test('finished answers outlive a restart, byte for byte', async () => {
    const questions = DIALECTS.flatMap((dialect) =>
      FORMS.map((stream) => asking(dialect, stream, `cancel-${dialect}`, 'words=30 thinking')),
    );
    const keys = questions.map(() => ({ 'Idempotency-Key': randomUUID() }));
    const first = await Promise.all(questions.map((question, index) => call(house, question, keys[index]).reply));
    expect(first.map(({ status }) => status)).toEqual(questions.map(() => 200));
    await house.restart();
    const again = await Promise.all(questions.map((question, index) => call(house, question, keys[index]).reply));
    again.forEach((reply, index) => same(reply, first[index]!));
    expect(paid()).toBe(questions.length);
  });

  test.each([
    ['before its first word', '500'],
    ['in its middle', 'reset-edge'],
  ])('what failed %s is asked anew', async (_when, fault) => {
    house.strike(fault);
    const question = asking('anthropic-messages', true, 'cancel-anthropic-messages', 'words=30');
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await call(house, question, key).reply;
    expect(first.status !== 200 || first.broken).toBe(true);
    house.strike();
    const second = await call(house, question, key).reply;
    expect(second).toMatchObject({ status: 200, broken: false });
    expect(second.headers['x-understudy-attached']).toBeUndefined();
    expect(second.text).toContain('message_stop');
  });

  test('what is not kept can be joined while it comes, and is asked anew after its end', async () => {
    const question = asking('openai-chat', true, 'unsaved-openai-chat', 'words=30 pace=3ms');
    const key = { 'Idempotency-Key': randomUUID() };
    const first = call(house, question, key);
    await first.speaking;
    const [one, two] = await Promise.all([first.reply, call(house, question, key).reply]);
    same(two, one);
    expect(paid()).toBe(1);
    const third = await call(house, question, key).reply;
    expect(third.headers['x-understudy-attached']).toBeUndefined();
    expect(paid()).toBe(2);
  });

  test('a key is of one dialect, and at most 255 characters long', async () => {
    const key = { 'Idempotency-Key': 'k'.repeat(255) };
    for (const dialect of DIALECTS) {
      const reply = await call(house, asking(dialect, false, `cancel-${dialect}`, 'words=5'), key).reply;
      expect(reply.status).toBe(200);
    }
    expect(paid()).toBe(4);
    const long = await call(house, asking('gemini', false, 'cancel-gemini', 'words=5'), { 'Idempotency-Key': 'k'.repeat(256) }).reply;
    expect(long.status).toBe(400);
  });
});

/** Kills the connection of an SDK's first request at a moment of our choosing; its retry goes through. */
function dying(moment: () => Promise<void>): { fetch: typeof fetch; attached: () => (string | null)[] } {
  const attached: (string | null)[] = [];
  let first = true;
  return {
    attached: () => attached,
    async fetch(input, init) {
      if (!first) {
        const response = await fetch(input, init);
        attached.push(response.headers.get('x-understudy-attached'));
        return response;
      }
      first = false;
      const controller = new AbortController();
      const sent = fetch(input, { ...init, signal: controller.signal });
      sent.catch(() => undefined);
      await moment();
      controller.abort();
      throw new TypeError('the connection is lost');
    },
  };
}

describe('official SDKs that lose their connection', () => {
  const MESSAGES = [{ role: 'user' as const, content: 'the sea [sim words=60 pace=10ms]' }];

  test.each([
    ['finish', {}],
    ['cancel', { 'Idempotency-Key': 'of-openai' }],
  ])('openai pays once: route %s, %o', async (route, headers) => {
    const line = dying(() => until(() => paid() === 1));
    const client = new OpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', fetch: line.fetch, maxRetries: 2 });
    const answer = await client.chat.completions.create({ model: `${route}-openai-chat`, messages: MESSAGES }, { headers });
    expect(answer.choices[0]!.message.content!.split(' ').length).toBeGreaterThan(50);
    expect(line.attached()).toEqual(['true']);
    expect(paid()).toBe(1);
  });

  test.each([
    ['finish', {}],
    ['cancel', { 'Idempotency-Key': 'of-anthropic' }],
  ])('anthropic pays once: route %s, %o', async (route, headers) => {
    const line = dying(() => until(() => paid() === 1));
    const client = new Anthropic({ baseURL: house.app.address, apiKey: 'k', fetch: line.fetch, maxRetries: 2 });
    const stream = client.messages.stream({ model: `${route}-anthropic-messages`, max_tokens: 1000, messages: MESSAGES }, { headers });
    expect((await stream.finalText()).split(' ').length).toBeGreaterThan(50);
    expect(line.attached()).toEqual(['true']);
    expect(paid()).toBe(1);
  });
});

describe('without a key', () => {
  const question = asking('openai-chat', true, 'finish-openai-chat', 'words=60 pace=8ms');
  const count = (retries: number): Record<string, string> => ({ 'x-stainless-retry-count': String(retries) });

  /** No client is left, as far as the server has noticed. */
  async function unheld(): Promise<boolean> {
    const metrics = await (await fetch(`${house.app.address}/metrics`)).text();
    return /^understudy_in_flight_bytes 0$/m.test(metrics);
  }

  test('a client that is still there keeps its own', async () => {
    const first = call(house, question, count(0));
    await first.speaking;
    const second = await call(house, question, count(1)).reply;
    expect(second.headers['x-understudy-attached']).toBeUndefined();
    expect((await first.reply).broken).toBe(false);
    expect(paid()).toBe(2);
  });

  test('an answer left behind is given to one retry, and again when that one leaves too; first requests get their own', async () => {
    const first = call(house, question, count(0));
    await first.speaking;
    first.leave();
    await until(unheld);
    const second = call(house, question, count(1));
    await second.speaking;
    second.leave();
    await until(unheld);
    const fresh = call(house, question, count(0));
    const third = await call(house, question, count(2)).reply;
    expect(third.headers['x-understudy-attached']).toBe('true');
    expect((await fresh.reply).headers['x-understudy-attached']).toBeUndefined();
    const fourth = await call(house, question, count(3)).reply;
    expect(fourth.headers['x-understudy-attached']).toBeUndefined();
    expect(paid()).toBe(3);
  });

  test('a first try that counted nothing is attached to as well', async () => {
    const first = call(house, question, {});
    await first.speaking;
    first.leave();
    await until(unheld);
    const other = await call(house, question, {}).reply;
    expect(other.headers['x-understudy-attached']).toBeUndefined();
    const retry = await call(house, question, count(1)).reply;
    expect(retry.headers['x-understudy-attached']).toBe('true');
    expect(retry.broken).toBe(false);
    expect(paid()).toBe(2);
  });

  test('where the answer is cancelled with its client, a retry asks anew', async () => {
    const cancelled = asking('openai-chat', true, 'cancel-openai-chat', 'words=60 pace=8ms');
    const first = call(house, cancelled, count(0));
    await first.speaking;
    first.leave();
    await until(() => house.sim.requests().at(-1)?.state === 'left');
    const second = await call(house, cancelled, count(1)).reply;
    expect(second.headers['x-understudy-attached']).toBeUndefined();
    expect(paid()).toBe(2);
  });
});
