import { afterEach, beforeEach, expect, it } from 'vitest';
import { hubLab, type HubLab } from './testing/hub-lab.ts';
import { installation } from './testing/installation.ts';

const DAY = 86_400_000;
let lab: HubLab;

beforeEach(async () => {
  lab = await hubLab();
});

afterEach(() => lab.close());

const apart = (index: number): string => `198.18.${index}.7`;

it('forgets by itself: counts, sums, states and changes, and at last keys', async () => {
  const begun = lab.clock.now();
  for (let index = 0; index < 40; index++) await lab.tell(installation(), apart(index), { model: 'claude-opus-4-6' });
  await lab.clock.advance(10 * 60_000);
  const left = (): Record<string, unknown> => ({
    slices: lab.hub.store.slices(0, lab.clock.now()).length,
    scores: lab.hub.store.scores('anthropic/api', 0, lab.clock.now()).length,
    changes: lab.hub.store.changes(100).length,
    ...lab.hub.figures(),
  });
  // Of the model too.
  expect(left()).toMatchObject({ slices: 1, scores: 1, changes: 2, keys: 40, live: 2 });
  expect(lab.hub.standing('anthropic/api').state).toBe('likely');
  const after = async (days: number): Promise<Record<string, unknown>> => {
    await lab.clock.advance(begun + days * DAY - lab.clock.now());
    return left();
  };
  expect(await after(1)).toMatchObject({ slices: 1, scores: 1, changes: 4, keys: 40, live: 0 });
  expect(await after(9)).toMatchObject({ slices: 0, scores: 1, changes: 4, keys: 40 });
  expect(await after(30)).toMatchObject({ slices: 0, scores: 0, changes: 4, keys: 40 });
  expect(await after(91)).toMatchObject({ changes: 0, keys: 40 });
  expect(await after(182)).toMatchObject({ keys: 0 });
  expect(lab.hub.keys()).toEqual([...lab.hub.products.keys()]);
}, 30_000);

it('makes what is usual out of what was reported, and then less is said of it', async () => {
  // Three weeks in which a dozen people report something every day at noon: the same is nothing unusual on the next day.
  const people = await lab.known(12, apart);
  const states: (string | undefined)[] = [];
  for (let day = 0; day < 21; day++) {
    for (const [index, each] of people.entries()) await lab.tell(each, apart(index));
    states.push(await lab.state());
    await lab.clock.advance(DAY - 6000);
  }
  expect(states[0]).toBe('likely');
  expect(states.at(-1)).toBe('possible');
}, 30_000);
