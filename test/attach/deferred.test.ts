import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { generateText } from 'ai';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { call, DIALECTS, type House, openHouse, until } from './house.ts';
import { asking } from './questions.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

/** A request that comes while everything is down. */
async function deferred(dialect: DialectName, stream: boolean, headers: Record<string, string> = {}, route = 'defer'): Promise<string> {
  const reply = await call(house, asking(dialect, stream, `${route}-${dialect}`, 'words=12'), headers).reply;
  expect(reply.status).toBe(424);
  const id = reply.headers['x-understudy-exchange'] as string;
  expect(JSON.parse(reply.text)).toMatchObject({ error: { message: expect.stringContaining(`kept as ${id}`) as string } });
  return id;
}

async function run(id: string): Promise<string> {
  const { status, body } = await house.api(`exchanges/${id}/run`, 'POST');
  // The queue may have been faster.
  if (status === 409) return (await house.api(`exchanges/${id}`)).body['answeredBy'] as string;
  expect(status).toBe(202);
  return body['exchange'] as string;
}

describe('what nobody can answer', () => {
  test('says so in every dialect when it is given up or its time is over, and is not asked again', async () => {
    house.strike('529');
    const cancelled = await Promise.all(DIALECTS.map((dialect) => deferred(dialect, true)));
    for (const id of cancelled) expect((await house.api(`queue/${id}/cancel`, 'POST')).body['state']).toBe('cancelled');
    const late = await Promise.all(DIALECTS.map((dialect) => deferred(dialect, false, { 'x-understudy-deadline': '1s' })));
    await until(async () => (await house.api(`queue/${late[0]!}`)).body['state'] === 'expired');
    await until(() => house.app.status().deferred === 0);
    house.strike();
    for (const [ids, why] of [
      [cancelled, 'it was cancelled'],
      [late, 'nobody could answer it in its time'],
    ] as const)
      for (const id of ids) {
        const response = await fetch(`${house.app.address}/api/exchanges/${id}/answer`);
        expect(response.status).toBeGreaterThanOrEqual(500);
        expect(await response.text()).toContain(`${id} was kept, and is not asked again: ${why}`);
      }
  });

  test('waits, outlives a restart, is asked again, and has its answer under both ids, in every dialect and form', async () => {
    const forms = DIALECTS.flatMap((dialect) => [true, false].map((stream) => ({ dialect, stream })));
    house.strike('529');
    const ids = await Promise.all(forms.map(({ dialect, stream }) => deferred(dialect, stream)));
    expect(house.app.status().deferred).toBe(8);
    await house.restart();
    expect(house.app.status().deferred).toBe(8);
    expect((await house.exchanges('?state=deferred')).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const id of ids) expect((await fetch(`${house.app.address}/api/exchanges/${id}/answer`)).status).toBe(424);

    house.strike();
    const runs = await Promise.all(ids.map(run));
    await until(() => house.app.status().deferred === 0);
    const answers = (): Promise<{ type: string; text: string }[]> =>
      Promise.all(
        [...ids, ...runs].map(async (name) => {
          const response = await fetch(`${house.app.address}/api/exchanges/${name}/answer`);
          expect(response.status).toBe(200);
          return { type: response.headers.get('content-type')!, text: await response.text() };
        }),
      );
    const told = await answers();
    expect(told.slice(0, 8)).toEqual(told.slice(8));
    for (const [index, { dialect, stream }] of forms.entries()) {
      const [one, other] = await Promise.all([house.exchange(ids[index]!), house.exchange(runs[index]!)]);
      expect(one).toMatchObject({ state: 'answered', answeredBy: other.id, text: other.text });
      expect(other).toMatchObject({ state: 'complete', runs: one.id });
      expect(other.text!.length).toBeGreaterThan(20);
      // As its client would have got it.
      const direct = await call(house, asking(dialect, stream, `cancel-${dialect}`, 'words=12')).reply;
      expect(told[index]!.type).toBe(direct.headers['content-type']);
    }
    await house.restart();
    expect(await answers()).toEqual(told);
    expect(await house.exchange(ids[0]!)).toMatchObject({ state: 'answered', answeredBy: runs[0] });
    expect(house.app.status().deferred).toBe(0);
  });

  test('goes on waiting when it is asked again in vain, and is asked once however many want it', async () => {
    house.strike('529');
    const id = await deferred('openai-chat', false);
    const failing = await run(id);
    await until(async () => (await house.exchange(failing)).state === 'failed');
    expect((await house.exchange(id)).state).toBe('deferred');
    expect(house.app.status().deferred).toBe(1);
    house.strike();
    const before = house.paid();
    const runs = await Promise.all([run(id), run(id), run(id)]);
    expect(new Set(runs).size).toBe(1);
    await until(async () => (await house.exchange(id)).state === 'answered');
    expect(house.paid() - before).toBe(1);
  });

  test('can be given up, and is then not asked again', async () => {
    house.strike('529');
    const id = await deferred('anthropic-messages', true);
    expect(await house.api(`exchanges/${id}/cancel`, 'POST')).toEqual({ status: 200, body: { exchange: id } });
    expect((await house.exchange(id)).state).toBe('cancelled');
    for (const what of ['run', 'cancel']) {
      const { status, body } = await house.api(`exchanges/${id}/${what}`, 'POST');
      expect(status).toBe(409);
      expect(body).toMatchObject({ error: { code: 'not-waiting', message: expect.stringContaining('cancelled') as string } });
    }
    await house.restart();
    expect((await house.exchange(id)).state).toBe('cancelled');
    expect(house.app.status().deferred).toBe(0);
  });

  test('is asked again by its own client, under the same key', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const question = asking('anthropic-messages', true, 'defer-anthropic-messages', 'words=12');
    house.strike('529');
    const id = await deferred('anthropic-messages', true, key);
    const vain = await call(house, question, key).reply;
    expect(vain.status).toBe(424);
    expect(JSON.parse(vain.text)).toMatchObject({ error: { message: expect.stringContaining(`kept as ${id}`) as string } });
    expect((await house.exchanges('?state=deferred')).length).toBe(1);
    house.strike();
    const answer = await call(house, question, key).reply;
    expect(answer).toMatchObject({ status: 200, broken: false });
    await until(async () => (await house.exchange(id)).state === 'answered');
    const again = await call(house, question, key).reply;
    expect(again.headers['x-understudy-attached']).toBe('true');
    expect(again.text).toBe(answer.text);
    expect((await house.exchanges('?state=deferred')).length).toBe(0);
  });

  test('is answered by the same question when it is asked anew, and waits once however often that is in vain', async () => {
    house.strike('529');
    const id = await deferred('openai-chat', true);
    const question = asking('openai-chat', true, 'defer-openai-chat', 'words=12');
    const vain = await call(house, question).reply;
    expect(vain.status).toBe(424);
    expect(JSON.parse(vain.text)).toMatchObject({ error: { message: expect.stringContaining(`kept as ${id}`) as string } });
    expect(house.app.status().deferred).toBe(1);
    house.strike();
    const other = await call(house, asking('openai-chat', true, 'defer-openai-chat', 'words=13')).reply;
    expect(other.status).toBe(200);
    expect(house.app.status().deferred).toBe(1);
    const answer = await call(house, question).reply;
    expect(answer.status).toBe(200);
    await until(() => house.app.status().deferred === 0);
    expect(await house.exchange(id)).toMatchObject({ state: 'answered', answeredBy: answer.headers['x-understudy-exchange'] });
  });

  test('is kept where the request allows it, and only there', async () => {
    house.strike('529');
    await deferred('openai-chat', false, { 'x-understudy-queue': 'allow' }, 'cancel');
    for (const route of ['cancel', 'unsaved']) {
      const reply = await call(house, asking('openai-chat', false, `${route}-openai-chat`, 'words=5')).reply;
      expect(reply.status).toBeGreaterThanOrEqual(500);
    }
    expect(house.app.status().deferred).toBe(1);
  });

  test.each(['400-invalid', '401', '404-model'])('what time does not cure is not kept: %s', async (fault) => {
    house.strike(fault);
    const reply = await call(house, asking('anthropic-messages', true, 'defer-anthropic-messages', 'words=5')).reply;
    expect(reply.status).not.toBe(424);
    expect(house.app.status().deferred).toBe(0);
  });
});

describe('official clients ask once, and are told', () => {
  let asked = 0;
  const counting: typeof fetch = (input, init) => {
    asked += 1;
    return fetch(input, init);
  };
  beforeEach(() => {
    asked = 0;
    house.strike('529');
  });

  const clients: [string, () => Promise<unknown>][] = [
    [
      'openai',
      () =>
        new OpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', fetch: counting }).chat.completions.create({
          model: 'defer-openai-chat',
          messages: [{ role: 'user', content: 'hi' }],
        }),
    ],
    [
      'anthropic',
      () =>
        new Anthropic({ baseURL: house.app.address, apiKey: 'k', fetch: counting }).messages.create({
          model: 'defer-anthropic-messages',
          max_tokens: 100,
          messages: [{ role: 'user', content: 'hi' }],
        }),
    ],
    [
      '@google/genai',
      () =>
        new GoogleGenAI({
          apiKey: 'k',
          vertexai: false,
          httpOptions: { baseUrl: house.app.address, fetch: counting, retryOptions: { attempts: 3 } },
        }).models.generateContent({ model: 'defer-gemini', contents: 'hi' }),
    ],
    [
      'ai',
      () =>
        generateText({
          model: createOpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', fetch: counting }).chat('defer-openai-chat'),
          prompt: 'hi',
        }),
    ],
  ];
  test.each(clients)('%s', async (_name, ask) => {
    await expect(ask()).rejects.toThrow(/is kept as x_/);
    expect(asked).toBe(1);
    expect(house.app.status().deferred).toBe(1);
  });
});

describe('a response in the background', () => {
  test('stays queued, and is completed under the id that was promised', async () => {
    const client = new OpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', maxRetries: 0 });
    house.strike('529');
    const queued = await client.responses.create({ model: 'defer-openai-responses', input: 'hi [sim words=12]', background: true });
    await until(() => house.app.status().deferred === 1);
    expect(await client.responses.retrieve(queued.id)).toMatchObject({ id: queued.id, status: 'queued' });
    await house.restart();
    const again = new OpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', maxRetries: 0 });
    await until(async () => (await again.responses.retrieve(queued.id)).status === 'queued');
    house.strike();
    await run(queued.id.slice('resp_'.length));
    await until(async () => (await again.responses.retrieve(queued.id)).status === 'completed');
    const done = await again.responses.retrieve(queued.id);
    expect(done.id).toBe(queued.id);
    expect(done.output_text.length).toBeGreaterThan(20);
    const next = await again.responses.create({ model: 'cancel-openai-responses', input: 'and then?', previous_response_id: queued.id });
    expect(next.status).toBe('completed');
  });

  test('can be cancelled while it waits', async () => {
    const client = new OpenAI({ baseURL: `${house.app.address}/v1`, apiKey: 'k', maxRetries: 0 });
    house.strike('529');
    const queued = await client.responses.create({ model: 'defer-openai-responses', input: 'hi', background: true });
    await until(() => house.app.status().deferred === 1);
    expect(await client.responses.cancel(queued.id)).toMatchObject({ id: queued.id, status: 'cancelled' });
    expect(await client.responses.retrieve(queued.id)).toMatchObject({ status: 'cancelled' });
    expect(house.app.status().deferred).toBe(0);
  });
});
