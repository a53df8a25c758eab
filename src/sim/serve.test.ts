import { connect } from 'node:net';
import { Client } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../exchange/json.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { SimDialect } from './asked.ts';
import { wholeText } from './assistant.ts';
import type { Fault } from './faults/fault.ts';
import { FAULTS } from './faults/catalogue.ts';
import { playScene } from './play.ts';
import type { Position } from './position.ts';
import { questionFor, requestBody, simRequest } from './sample-request.ts';
import type { Scene } from './scene.ts';
import { startSim, type SimServer, type SimServerOptions } from './serve.ts';
import { createSimProvider } from './sim-provider.ts';

const running: SimServer[] = [];
async function sim(options: SimServerOptions = {}): Promise<SimServer> {
  const server = await startSim(options);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

interface Met {
  status?: number;
  headers: Record<string, unknown>;
  chunks: Buffer[];
  end: string;
}

/** Milliseconds of silence that count as hanging, once everything that was awaited has come. */
const SILENCE = 100;
/** Milliseconds after which a machine is too slow for this test. */
const SLOW_MACHINE = 10_000;

/** One request over undici. `awaited`: so many bytes come before it hangs; by default it is not expected to hang. */
async function ask(client: Client, dialect: SimDialect, body: JsonObject, awaited = Infinity, stream = true): Promise<Met> {
  const request = simRequest(dialect, body, { model: 'm', stream });
  const met: Met = { headers: {}, chunks: [], end: '' };
  await new Promise<void>((resolve) => {
    let received = 0;
    let timer = setTimeout(() => over('hang'), awaited === 0 ? SILENCE : SLOW_MACHINE);
    function over(end: string): void {
      clearTimeout(timer);
      met.end ||= end;
      resolve();
    }
    client.dispatch(
      {
        method: 'POST',
        path: request.path,
        headers: Object.entries(request.headers).flatMap(([name, value]) => [name, value!]),
        body: request.body,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart(_controller, status, headers) {
          if (status < 200) return;
          met.status = status;
          met.headers = headers;
        },
        onResponseData(_controller, chunk) {
          met.chunks.push(chunk);
          received += chunk.length;
          if (received < awaited) return;
          clearTimeout(timer);
          timer = setTimeout(() => over('hang'), SILENCE);
        },
        onResponseEnd: () => over('end'),
        onResponseError: (_controller, error) =>
          over(/ECONNRESET|reset/i.test(`${'code' in error ? String(error.code) : ''} ${error.message}`) ? 'reset' : 'closed'),
      },
    );
  });
  return met;
}

/** The same scene in process, with waits and hangs as the socket test sees them. */
async function inProcess(scene: Scene): Promise<{ status?: number; body: string; end: string }> {
  const clock = virtualClock();
  const seen: { status?: number; body: string; end: string } = { body: '', end: 'hang' };
  const pieces: Buffer[] = [];
  const cancel = playScene(scene, clock, {
    headers: (status) => void (seen.status = status),
    data: (chunk) => void pieces.push(chunk),
    end: () => void (seen.end = 'end'),
    error: (error) => void (seen.end = error.symptom === 'protocol' ? 'closed' : error.symptom),
  });
  await clock.drain(399);
  cancel();
  return { ...seen, body: Buffer.concat(pieces).toString() };
}

/** Faults whose waits are long, or that a socket shows in another way (see broken-host.test.ts and below). */
const APART = new Set([
  'early-413',
  'stale-connection',
  'gzip',
  'gzip-cut',
  'gzip-cut-clean',
  'split-bytes',
  'huge-event',
  'drip-events',
  'informational-100',
  'informational-102',
  'informational-103',
  'runaway-endless',
]);

const DIALECTS: SimDialect[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'];

describe('every fault on a real socket is what it is in process', () => {
  const cells = FAULTS.filter((fault) => fault.group !== 'A' && !APART.has(fault.id)).map((fault, index): [Fault, SimDialect, boolean] => {
    const order = DIALECTS.map((_, place) => DIALECTS[(index + place) % DIALECTS.length]!);
    const choices = order.flatMap((each): [SimDialect, boolean][] => [
      [each, index % 3 !== 0],
      [each, index % 3 === 0],
    ]);
    return [
      fault,
      ...choices.find(
        ([each, stream]) =>
          fault.applies(each, stream, 'text') || fault.applies(each, stream, 'parallel') || fault.applies(each, stream, 'thinking'),
      )!,
    ];
  });
  it('pairwise', async () => {
    const server = await sim();
    const differences: unknown[] = [];
    for (const [fault, dialect, stream] of cells) {
      const content = (['text', 'parallel', 'thinking'] as const).find((each) => fault.applies(dialect, stream, each))!;
      const position: Position = fault.positioned && stream ? (content === 'parallel' ? 'arguments' : 'text-middle') : 'start';
      const rules = [{ fault: fault.id, position, scope: {}, schedule: { type: 'ever' as const } }];
      expect(server.setFaults(rules)).toEqual({ ok: true, value: undefined });
      const body = requestBody(dialect, stream, content, 'm');
      const provider = createSimProvider({ clock: virtualClock(), faults: rules });
      const expected = await inProcess(provider.play(simRequest(dialect, body, { model: 'm', stream })).scene);
      const client = new Client(server.url, { pipelining: 1 });
      const met = await ask(client, dialect, body, expected.end === 'hang' ? Buffer.byteLength(expected.body) : Infinity, stream);
      await client.destroy();
      const sizes = [Buffer.concat(met.chunks).length, Buffer.byteLength(expected.body)];
      const got = [met.status, met.end, sizes[0]];
      // Dates and ids differ, lengths do not.
      const wanted = [expected.status, expected.end, sizes[1]];
      if (JSON.stringify(got) !== JSON.stringify(wanted)) differences.push([fault.id, dialect, stream, got, wanted]);
    }
    expect(differences).toEqual([]);
  }, 60_000);
});

describe('sockets', () => {
  const body = requestBody('anthropic-messages', true, 'text', 'm');

  it('chunks arrive as they were written', async () => {
    const server = await sim({ faults: [{ fault: 'split-bytes' }] });
    const client = new Client(server.url);
    const met = await ask(client, 'anthropic-messages', body);
    await client.destroy();
    expect(met.end).toBe('end');
    expect(new Set(met.chunks.map((chunk) => chunk.length))).toEqual(new Set([1]));
  });

  it('informational answers, gzip and huge events come through', async () => {
    const server = await sim();
    for (const fault of ['informational-102', 'informational-103', 'gzip', 'huge-event']) {
      server.setFaults([{ fault }]);
      const client = new Client(server.url);
      const met = await ask(client, 'anthropic-messages', body);
      await client.destroy();
      expect([fault, met.status, met.end]).toEqual([fault, 200, 'end']);
      expect(met.headers['content-encoding']).toBe(fault === 'gzip' ? 'gzip' : undefined);
    }
  });

  it('a kept connection dies only when it is used again', async () => {
    const server = await sim({ faults: [{ fault: 'stale-connection' }] });
    const client = new Client(server.url, { pipelining: 1 });
    expect((await ask(client, 'anthropic-messages', body)).end).toBe('end');
    expect((await ask(client, 'anthropic-messages', body)).end).toBe('reset');
    await client.destroy();
    expect(server.requests().map((request) => request.reused)).toEqual([false, true]);
  });

  it('says 100 without having been asked', async () => {
    const server = await sim({ faults: [{ fault: 'informational-100' }] });
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}'),
      );
      socket.on('data', (data) => {
        received += data.toString();
        if (!received.includes('HTTP/1.1 200')) return;
        resolve(received);
        socket.destroy();
      });
    });
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });

  it('refuses before the body has come', async () => {
    const server = await sim({ faults: [{ fault: 'early-413' }] });
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n{"half');
      });
      socket.on('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('notices clients that vanish and lets go of them', async () => {
    const server = await sim();
    const request = simRequest('anthropic-messages', body);
    for (let round = 0; round < 20; round++) {
      server.setFaults([{ fault: round % 2 === 0 ? 'runaway-endless' : 'stall' }]);
      const leave = new AbortController();
      const answer = await fetch(server.url + request.path, { method: 'POST', body: request.body.toString(), signal: leave.signal });
      await answer.body!.getReader().read();
      leave.abort();
    }
    await expect.poll(() => server.sockets()).toBe(0);
    await expect.poll(() => server.requests().every((request) => request.state === 'left')).toBe(true);
    expect(server.requests()).toHaveLength(20);
  });

  it('is steered by other processes, and says what is wrong with their rules', async () => {
    const server = await sim();
    const set = (text: string): Promise<Response> => fetch(`${server.url}/__sim/faults`, { method: 'POST', body: text });
    expect((await set('{"faults":[{"fault":"529","schedule":{"type":"once"},"scope":{"model":"a*"}}]}')).status).toBe(200);
    const status = async (model: string): Promise<number> => {
      const request = simRequest('openai-chat', { ...requestBody('openai-chat', false, 'text', model) });
      return (await fetch(server.url + request.path, { method: 'POST', body: request.body.toString() })).status;
    };
    expect([await status('b'), await status('abc'), await status('abc')]).toEqual([200, 529, 200]);
    const seen = (await (await fetch(`${server.url}/__sim/requests`)).json()) as { model: string; fault?: string }[];
    expect(seen.map(({ model, fault }) => [model, fault])).toEqual([
      ['b', undefined],
      ['abc', '529'],
      ['abc', undefined],
    ]);
    const wrong = async (text: string): Promise<string> => (await set(text)).text();
    expect(await wrong('{"faults":[{"fault":"nope"}]}')).toContain('there is no fault');
    expect(await wrong('{"faults":[{"fault":"529","schedule":{"type":"flap"}}]}')).toContain('faults[0].schedule');
    expect(await wrong('nothing')).toContain('not JSON');
  });

  it('keeps a realistic pace', async () => {
    const server = await sim({ pace: { headers: 20, firstToken: 20, perToken: 1, scale: 1 } });
    const client = new Client(server.url);
    const met = await ask(client, 'openai-chat', requestBody('openai-chat', true, 'text', 'm'));
    await client.destroy();
    expect(met.end).toBe('end');
    expect(met.chunks.length).toBeGreaterThan(50);
    expect(wholeText(questionFor('text'))).toContain('simulated');
  });

  it('answers what is not a question', async () => {
    const server = await sim({ strict: true, key: 'good', models: ['only'] });
    const post = (path: string, text: string, key: string): Promise<Response> =>
      fetch(server.url + path, { method: 'POST', body: text, headers: { 'x-api-key': key } });
    expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200);
    expect((await post('/v1/messages', '{', 'good')).status).toBe(400);
    expect((await post('/v1/messages', '{"model":"only"}', 'bad')).status).toBe(401);
    expect((await post('/v1/messages', '{"model":"other"}', 'good')).status).toBe(404);
    expect((await post('/chat/completions', '{"model":"only"}', 'good')).status).toBe(400);
    expect((await post('/v1/elsewhere', '{}', 'good')).status).toBe(404);
    expect((await post('/v1beta/openai/chat/completions', '{"model":"only"}', 'good')).status).toBe(400);
    expect(await (await post('/v1beta/models/other:generateContent?key=good', '{}', 'good')).json()).toMatchObject({
      error: { code: 404, status: 'NOT_FOUND' },
    });
    expect((await fetch(`${server.url}/v1beta/models/only`, { headers: { 'x-goog-api-key': 'good' } })).status).toBe(200);
    expect((await post('/v1beta/models/only:countTokens', '{"contents":[]}', 'good')).status).toBe(200);
    expect((await fetch(`${server.url}/v1/responses/resp_none`)).status).toBe(404);
    expect(((await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] }).data[0]!.id).toBe('only');
  });
});

describe('a body beyond what can be said back', () => {
  it('gets an error, and the server lives on', async () => {
    const { url } = await sim();
    const depth = 200_000;
    const body = `{"model":"m","input":"hi","metadata":{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    const ask = (text: string): Promise<Response> => fetch(`${url}/v1/responses`, { method: 'POST', body: text });
    const refused = await ask(body);
    expect([refused.status, await refused.json()]).toMatchObject([500, { error: { code: 'server_error' } }]);
    expect((await ask('{"model":"m","input":"hi"}')).status).toBe(200);
  });
});
