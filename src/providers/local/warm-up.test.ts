import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { LocalScript } from '../../sim/local/script.ts';
import { type LocalServer, startLocalService } from '../../sim/local/serve.ts';
import { createCall } from '../http-call.ts';
import { localAsker } from './ask.ts';
import { identify } from './identify.ts';
import { type LocalChoice, rankedModels } from './rank.ts';
import { createWarmUp } from './warm-up.ts';

const http = createCall({ environment: {}, connection: () => undefined });
const ask = localAsker(http.call, systemClock);
const GIBIBYTE = 1024 ** 3;
let server: LocalServer | undefined;
afterEach(() => server?.close());

async function choices(script: LocalScript): Promise<LocalChoice[]> {
  server = await startLocalService(script);
  const look = await identify({ baseUrl: `${server.url}/v1`, named: true }, ask, new Map());
  return look.type === 'service' ? rankedModels([look.service], undefined, 64 * GIBIBYTE) : [];
}
const posts = () =>
  server!.requests().flatMap(({ method, path, body }) => (method === 'POST' && path !== '/api/show' ? [[path, body]] : []));

describe('a model is loaded ahead', () => {
  it.each<[LocalScript['kind'], string]>([
    ['ollama', '/api/generate'],
    ['lmstudio', '/api/v1/models/load'],
    ['lmstudio-before-0.4', '/v1/chat/completions'],
    ['llamacpp-router', '/v1/chat/completions'],
  ])('by %s in its own way, with nothing of anybody’s', async (kind, path) => {
    const found = await choices({ kind, models: [{ name: 'm', bytes: GIBIBYTE }] });
    expect(await createWarmUp(ask, virtualClock()).warm(found, 8 * GIBIBYTE)).toMatchObject({
      type: 'done',
      target: expect.stringContaining('/m'),
    });
    expect(server!.script.models[0]!.running).toBeDefined();
    const [last] = posts().slice(-1);
    expect(last![0]).toBe(path);
    expect(JSON.stringify(last![1])).not.toContain('prompt');
  });

  it('where it is not in memory yet, and one with tools before one without', async () => {
    const script: LocalScript = {
      kind: 'ollama',
      models: [
        { name: 'large', parameters: '30B', capabilities: ['completion'] },
        { name: 'small', parameters: '8B' },
      ],
    };
    const found = await choices(script);
    const warmUp = createWarmUp(ask, virtualClock());
    expect(await warmUp.warm(found, 64 * GIBIBYTE)).toMatchObject({ type: 'done', target: expect.stringMatching(/small$/) });
    const look = await identify({ baseUrl: `${server!.url}/v1`, named: true }, ask, new Map());
    const again = look.type === 'service' ? rankedModels([look.service], undefined, 64 * GIBIBYTE) : [];
    expect(await createWarmUp(ask, virtualClock()).warm(again, 64 * GIBIBYTE)).toEqual({ type: 'not-needed' });
    expect(await warmUp.warm([], GIBIBYTE)).toEqual({ type: 'nobody' });
  });

  it('not where memory is short', async () => {
    const found = await choices({ kind: 'ollama', models: [{ name: 'm', bytes: 10 * GIBIBYTE }] });
    expect(await createWarmUp(ask, virtualClock()).warm(found, 11 * GIBIBYTE)).toMatchObject({ type: 'no-memory', needs: 12 * GIBIBYTE });
    expect(posts()).toEqual([]);
  });

  it('seldom, one at a time, and a failure is told', async () => {
    const found = await choices({ kind: 'ollama', models: [{ name: 'm' }] });
    const clock = virtualClock();
    const warmUp = createWarmUp(ask, clock);
    server!.script.models = [];
    const [first, beside] = await Promise.all([warmUp.warm(found, 64 * GIBIBYTE), warmUp.warm(found, 64 * GIBIBYTE)]);
    expect([first, beside]).toMatchObject([{ type: 'failed', why: 'it answered with status 404' }, { type: 'too-soon' }]);
    await clock.advance(4 * 60_000);
    expect(await warmUp.warm(found, 64 * GIBIBYTE)).toEqual({ type: 'too-soon' });
    await clock.advance(2 * 60_000);
    await server!.close();
    expect(await warmUp.warm(found, 64 * GIBIBYTE)).toMatchObject({ type: 'failed', why: 'the connection broke' });
  });
});
