import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../exchange/json.ts';
import { virtualClock, type VirtualClock } from '../exchange/virtual-clock.ts';
import { requestBody, simRequest } from './sample-request.ts';
import { sceneBody, type Scene } from './scene.ts';
import { createSimProvider, type FaultRule, type SimProvider } from './sim-provider.ts';

function provider(faults: FaultRule[] = []): { sim: SimProvider; clock: VirtualClock } {
  const clock = virtualClock();
  return { sim: createSimProvider({ clock, faults }), clock };
}

const chat = (stream: boolean, more: JsonObject = {}): JsonObject => ({ ...requestBody('openai-chat', stream, 'text', 'm'), ...more });
const question = (text: string): JsonObject => chat(true, { messages: [{ role: 'user', content: text }] });

function status(scene: Scene): number | undefined {
  const head = scene.find((step) => step.type === 'head');
  return head?.type === 'head' ? head.status : undefined;
}

describe('rules', () => {
  it('persist as their schedule says, on the provider’s clock', async () => {
    const { sim, clock } = provider([{ fault: '529', schedule: { type: 'flap', on: 1000, off: 500 } }]);
    const seen: (number | undefined)[] = [];
    for (let step = 0; step < 6; step++) {
      seen.push(status(sim.play(simRequest('openai-chat', chat(false))).scene));
      await clock.advance(500);
    }
    expect(seen).toEqual([529, 529, 200, 529, 529, 200]);
  });

  it('the first that is in scope and strikes is played, and its use counts only then', () => {
    const { sim } = provider([
      { fault: '500', schedule: { type: 'once' }, scope: { model: 'other' } },
      { fault: '529', schedule: { type: 'once' } },
      { fault: '401', scope: { key: 'sim-key' } },
    ]);
    const ask = (model: string): string | undefined => sim.play(simRequest('openai-chat', chat(false, { model }))).fault;
    expect([ask('m'), ask('m'), ask('other'), ask('other')]).toEqual(['529', '401', '500', '401']);
    expect(sim.setFaults([{ fault: 'no-such-thing' }])).toMatchObject({ ok: false, error: expect.stringContaining('no-such-thing') });
    expect(ask('m')).toBe('401');
  });

  it('ids of two answers differ, and of two providers', () => {
    const { sim } = provider();
    const other = createSimProvider({ clock: virtualClock(), name: 'other' });
    const bodies = [sim, sim, other].map(
      (each) => JSON.parse(sceneBody(each.play(simRequest('openai-chat', chat(false))).scene).toString()) as { id: string },
    );
    expect(new Set(bodies.map((body) => body.id)).size).toBe(3);
  });
});

describe('requests', () => {
  it('a pace in the prompt is kept', () => {
    const { sim } = provider();
    const waits = sim.play(simRequest('openai-chat', question('x [sim pace=20ms words=30]'))).scene.filter((step) => step.type === 'wait');
    expect(waits.length).toBeGreaterThan(10);
    expect(new Set(waits.map((step) => step.ms))).toEqual(new Set([20]));
  });

  it('as many candidates as are asked for', () => {
    const { sim } = provider();
    const whole = JSON.parse(sceneBody(sim.play(simRequest('openai-chat', chat(false, { n: 2 }))).scene).toString()) as {
      choices: { index: number }[];
    };
    expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1]);
    const streamed = sceneBody(sim.play(simRequest('openai-chat', chat(true, { n: 2 }))).scene).toString();
    expect(streamed.match(/"index":1,"delta"/g)).toHaveLength(streamed.match(/"index":0,"delta"/g)!.length);
  });

  it('counts tokens and lists models in both shapes', () => {
    const { sim } = provider();
    const json = (method: string, path: string, headers: Record<string, string>): JsonObject =>
      JSON.parse(
        sceneBody(sim.play({ method, path, headers, body: Buffer.from('{"model":"m"}'), reused: false }).scene).toString(),
      ) as JsonObject;
    expect(json('POST', '/v1/messages/count_tokens?beta=true', {})).toEqual({ input_tokens: 4 });
    expect(json('GET', '/v1/models', { 'anthropic-version': '2023-06-01' })).toMatchObject({ has_more: false, first_id: 'claude' });
    expect(json('GET', '/v1/models', {})).toMatchObject({ object: 'list' });
  });
});
