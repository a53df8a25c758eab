/** A model on one's own machine that is slow and lives is waited for; one that is dead is given up all the same; a remote one gets no such patience. */
import { describe, expect, it } from 'vitest';
import { chunk, DONE, END, OPEN, pause, type Played, play, ROLE, write } from '../../test/matrix/scripted.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Shape, Timings } from '../health/health.ts';
import { slowPriors } from '../health/slow-priors.ts';
import type { Scene, Step } from '../sim/scene.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const OVERLOADED: Scene = [
  { type: 'head', status: 529, headers: { 'content-type': 'application/json' } },
  write('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
  END,
];
const ANSWER: Step[] = [ROLE, chunk({ content: 'From here.' }), chunk({}, 'stop'), DONE, END];
const SHAPE: Shape = { size: 400, stream: true, reasoning: false, computesHere: true };
const QUICK: Timings = { headersAfter: 200, firstEventAfter: 300, longestGap: 100, took: 2000 };

function ask(scene: Scene, { here = true, learned = false } = {}): Promise<Played> {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  const target = { provider: 'local', model: 'm-local', credential: 'key', dialect: 'openai-chat' as const, vendor: 'local' };
  if (learned) for (let time = 0; time < 60; time++) health.succeeded(target, SHAPE, QUICK);
  return play({
    client: 'openai-chat',
    targets: [
      { name: 'lead', dialect: 'anthropic-messages', answer: () => OVERLOADED },
      { name: 'local', dialect: 'openai-chat', ...(here && { computesHere: true as const }), answer: () => scene },
    ],
    clock,
    health,
  });
}

describe.each([
  ['with nothing learned yet', false],
  ['after many quick answers', true],
])('%s', (_name, learned) => {
  it.each<[string, Scene]>([
    ['loads its model for nearly two minutes', [pause(118 * SECOND), OPEN, ...ANSWER]],
    ['reads for as long, under headers that came at once', [OPEN, pause(118 * SECOND), ...ANSWER]],
    ['is silent for four minutes between words', [OPEN, ROLE, chunk({ content: 'Well. ' }), pause(4 * MINUTE), ...ANSWER]],
  ])('one that %s is waited for', async (_what, scene) => {
    const played = await ask(scene, { learned });
    expect([played.kinds.at(-1), played.outcome.type]).toEqual(['next local', 'complete']);
  });

  it('one that is dead is given up in the end', async () => {
    const played = await ask([OPEN, pause(60 * MINUTE), ...ANSWER], { learned });
    expect(played.outcome.type).toBe('failed');
  });
});

it('another service that is as slow is not', async () => {
  expect((await ask([pause(90 * SECOND), OPEN, ...ANSWER], { here: false })).outcome.type).toBe('failed');
});

it('thirty thousand tokens are waited for as a processor reads them, and nobody longer than anybody waits for progress', () => {
  const auto = { headers: 'auto', firstEvent: 'auto', idle: 'auto', whole: 'auto' } as const;
  expect(slowPriors({ ...SHAPE, size: 60_000 }, auto).headers).toBe(2 * MINUTE + 250 * SECOND);
  expect(slowPriors({ ...SHAPE, size: 120_000 }, auto).headers).toBe(10 * MINUTE);
  expect(slowPriors({ ...SHAPE, size: 120_000_000, maxOutputTokens: 100_000 }, auto).whole).toBe(10 * MINUTE);
});
