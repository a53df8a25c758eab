import { expect, it } from 'vitest';
import { pageOf } from './poller.fixtures.ts';
import { MINUTE, START, world } from './poller-world.fixtures.ts';

const said = (open: string[], updated: number): string => JSON.stringify({ state: 'operational', open, updated });
const OLD = said([], START - 60 * MINUTE);
const NEW = said(['Elevated errors'], START);

it('an older copy that comes later does not take the place of the newer', async () => {
  const { clock, start, state, script } = world({ 'a.example': NEW });
  start([pageOf('a')]);
  await clock.advance(MINUTE);
  expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [{ title: 'Elevated errors' }] } });
  script['a.example'] = OLD;
  await clock.advance(3 * MINUTE);
  expect(state('a')).toMatchObject({
    state: 'fresh',
    reading: { incidents: [{ title: 'Elevated errors' }] },
    problem: 'https://a.example/state.json has an older copy, of 05:00 UTC, than was read already, of 06:00 UTC',
  });
  // It says nothing about now: in the end nothing is known.
  await clock.advance(20 * MINUTE);
  expect(state('a')).toMatchObject({ state: 'unknown' });
  script['a.example'] = said([], START + 20 * MINUTE);
  await clock.advance(6 * MINUTE);
  expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [] } });
});

it('a mirror is asked where the first place has an older copy', async () => {
  const { clock, start, state, script } = world({ 'a.example': NEW, 'b.example': NEW });
  start([pageOf('a', { mirrors: ['https://b.example'] })]);
  await clock.advance(MINUTE);
  script['a.example'] = OLD;
  script['b.example'] = said(['Elevated errors', 'More'], START + 4 * MINUTE);
  await clock.advance(6 * MINUTE);
  expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [{}, { title: 'More' }] } });
});

it('also after a restart; and a page that goes back for an hour is believed', async () => {
  const first = world({ 'a.example': NEW });
  const poller = first.start([pageOf('a')]);
  await first.clock.advance(MINUTE);
  await poller.close();
  const { clock, start, state } = world({ 'a.example': OLD }, first.database, first.clock);
  start([pageOf('a')]);
  await clock.advance(6 * MINUTE);
  expect(state('a')!.reading!.incidents).toHaveLength(1);
  await clock.advance(70 * MINUTE);
  expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [] } });
});
