import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { call, type Call, DIALECTS, type House, openHouse, until } from './house.ts';
import { asking } from './questions.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

let house: House;
beforeEach(async () => {
  house = await openHouse({ headerHold: '300ms', patience: '100ms' });
});
afterEach(() => house.close());

const FORMS = DIALECTS.flatMap((dialect) => [true, false].map((stream) => ({ dialect, stream })));

function ask(dialect: DialectName, stream: boolean, headers: Record<string, string> = {}, route = 'cancel'): Call {
  return call(house, asking(dialect, stream, `${route}-${dialect}`, 'words=12'), headers);
}

async function waiting(): Promise<string[]> {
  return (await house.exchanges('?state=deferred')).map(({ id }) => id);
}

async function run(id: string): Promise<void> {
  expect((await house.api(`exchanges/${id}/run`, 'POST')).status).toBe(202);
}

describe('a client that holds on', () => {
  test('gets the answer on the connection that it has, in every dialect and form', async () => {
    house.strike('529');
    const calls = FORMS.map(({ dialect, stream }) => ask(dialect, stream, { 'x-understudy-queue': 'wait=50s' }));
    await until(async () => (await waiting()).length === FORMS.length);
    const ids = await waiting();
    // Asked again in vain: nobody is told anything.
    await run(ids[0]!);
    await until(async () => (await house.exchanges('?state=failed')).length === 1);
    house.strike();
    await Promise.all(ids.map(run));
    const replies = await Promise.all(calls.map(({ reply }) => reply));
    for (const [index, { dialect, stream }] of FORMS.entries()) {
      const { status, text, broken, headers } = replies[index]!;
      expect({ dialect, stream, status, broken }).toEqual({ dialect, stream, status: 200, broken: false });
      expect(ids).toContain(headers['x-understudy-exchange']);
      // The same as it is told to whoever asks for it later, but for what kept a stream open.
      const later = await fetch(`${house.app.address}/api/exchanges/${headers['x-understudy-exchange'] as string}/answer`);
      const kept = await later.text();
      expect(quiet(text)).toBe(stream ? quiet(kept) : kept);
      expect(kept.length).toBeGreaterThan(100);
    }
    expect(house.app.status().deferred).toBe(0);
  });

  test('gets headers after headerHold where its dialect has keep-alives, and only then', async () => {
    house.strike('529');
    const heads = FORMS.map(async ({ dialect, stream }) => {
      const question = asking(dialect, stream, `wait-${dialect}`, 'words=12');
      const response = await fetch(new URL(question.path, house.app.address), {
        method: 'POST',
        headers: question.headers,
        body: new Uint8Array(question.body),
        signal: AbortSignal.timeout(3000),
      }).catch(() => undefined);
      return [dialect, stream, response?.status, response?.headers.has('x-understudy-exchange')];
    });
    const told = await Promise.all(heads);
    const wanted = FORMS.map(({ dialect, stream }) =>
      stream && dialect !== 'gemini' ? [dialect, stream, 200, true] : [dialect, stream, undefined, undefined],
    );
    expect(told).toEqual(wanted);
  });

  test('is told at its deadline what has become of its request', async () => {
    house.strike('529');
    const replies = await Promise.all(FORMS.map(({ dialect, stream }) => ask(dialect, stream, { 'x-understudy-queue': 'wait=1s' }).reply));
    const ids = await waiting();
    expect(ids).toHaveLength(FORMS.length);
    for (const [index, { dialect, stream }] of FORMS.entries()) {
      const { status, text, broken, headers } = replies[index]!;
      const held = stream && dialect !== 'gemini';
      expect({ dialect, stream, status, broken }).toEqual({ dialect, stream, status: held ? 200 : 424, broken: held });
      expect(ids).toContain(headers['x-understudy-exchange']);
      expect(text).toContain(`kept as ${headers['x-understudy-exchange'] as string}`);
    }
  });

  test('leaves its request behind when it goes, unless its route withdraws it', async () => {
    house.strike('529');
    const staying = ask('anthropic-messages', true, {}, 'wait');
    const leaving = ask('openai-chat', true, {}, 'withdraw');
    await until(async () => (await waiting()).length === 2);
    staying.leave();
    leaving.leave();
    await until(async () => (await waiting()).length === 1);
    const [left] = await waiting();
    expect((await house.exchange(left!)).dialect).toBe('anthropic-messages');
    house.strike();
    await run(left!);
    await until(async () => (await house.exchange(left!)).state === 'answered');
  });

  test('finds its request again by a key, and then by its bytes alone', async () => {
    house.strike('529');
    const key = { 'idempotency-key': randomUUID(), 'x-understudy-queue': 'wait=50s' };
    const first = ask('openai-chat', false, key);
    await until(async () => (await waiting()).length === 1);
    first.leave();
    const again = [ask('openai-chat', false, key), ask('anthropic-messages', false, { 'x-understudy-queue': 'wait=50s' })];
    await until(async () => (await waiting()).length === 2);
    const [chat, messages] = (await waiting()).map((id) => id).toSorted();
    again.push(ask('anthropic-messages', false, { 'x-understudy-queue': 'wait=50s' }));
    await until(async () => (await house.exchanges()).filter(({ runs, state }) => runs !== undefined && state === 'failed').length >= 2);
    expect(await waiting()).toHaveLength(2);
    house.strike();
    await Promise.all([chat!, messages!].map(run));
    const replies = await Promise.all(again.map(({ reply }) => reply));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await waiting()).toEqual([]);
  });

  test('is told at once that its request was given up, and that the server stops', async () => {
    house.strike('529');
    const given = ask('openai-chat', false, { 'x-understudy-queue': 'wait=50s' });
    await until(async () => (await waiting()).length === 1);
    expect((await house.api(`exchanges/${(await waiting())[0]!}/cancel`, 'POST')).status).toBe(200);
    expect((await given.reply).text).toContain('cancelled');
    const stopped = ask('openai-chat', false, { 'x-understudy-queue': 'wait=50s' });
    await until(async () => (await waiting()).length === 1);
    const [id] = await waiting();
    await house.restart();
    expect(await stopped.reply).toMatchObject({ status: 424, text: expect.stringContaining(`kept as ${id!}`) as string });
    expect(await waiting()).toEqual([id]);
  });
});

/** Without keep-alives. */
function quiet(text: string): string {
  return text.replaceAll(/event: ping\ndata: \{[^}]*\}\n\n|: [^\n]*\n\n/g, '');
}
