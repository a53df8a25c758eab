import { describe, expect, it } from 'vitest';
import type { PageIncident, PageReading } from '../page-reading.ts';
import { mergeReadings } from './merge-readings.ts';

const reading = (more: Partial<PageReading>): PageReading => ({ components: [], incidents: [], listsAllOpen: false, ...more });
const incident = (id: string, updatedAt: number[], more: Partial<PageIncident> = {}): PageIncident => ({
  id,
  kind: 'incident',
  title: id,
  impact: 'minor',
  phase: 'investigating',
  startedAt: 1,
  updates: updatedAt.map((at) => ({ at, phase: 'investigating', text: '' })),
  components: [],
  ...more,
});

describe('merging readings', () => {
  it('leaves one as it is', () => {
    const one = reading({ components: [{ id: 'a', name: 'A', state: 'degraded' }], incidents: [incident('x', [1])], listsAllOpen: true });
    expect(mergeReadings([one])).toEqual(one);
  });

  it('takes a component from the first that knows its state', () => {
    const first = reading({
      components: [
        { id: 'a', name: 'A', state: 'unknown' },
        { id: 'b', name: 'B', state: 'degraded' },
      ],
    });
    const second = reading({
      components: [
        { id: 'a', name: 'A', state: 'operational' },
        { id: 'b', name: 'B', state: 'operational' },
      ],
    });
    expect(mergeReadings([first, second]).components.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'operational'],
      ['b', 'degraded'],
    ]);
  });

  it('takes an incident from whoever knows its latest update, and the first of two that know the same', () => {
    const over = incident('x', [1, 5], { phase: 'resolved' });
    expect(mergeReadings([reading({ incidents: [incident('x', [1])] }), reading({ incidents: [over] })]).incidents).toEqual([over]);
    expect(mergeReadings([reading({ incidents: [over] }), reading({ incidents: [incident('x', [1])] })]).incidents).toEqual([over]);
    const same = [reading({ incidents: [incident('x', [1], { title: 'first' })] }), reading({ incidents: [incident('x', [1])] })];
    expect(mergeReadings(same).incidents).toMatchObject([{ title: 'first' }]);
  });

  it('goes by when an update was posted, where its time was set back', () => {
    const backdated = incident('x', [], { updates: [{ at: 2, postedAt: 9, phase: 'resolved', text: '' }], phase: 'resolved' });
    expect(mergeReadings([reading({ incidents: [incident('x', [3])] }), reading({ incidents: [backdated] })]).incidents).toEqual([
      backdated,
    ]);
  });

  it('keeps an incident and planned work with the same number apart', () => {
    const work = incident('x', [1], { kind: 'maintenance' });
    expect(mergeReadings([reading({ incidents: [incident('x', [1])] }), reading({ incidents: [work] })]).incidents).toHaveLength(2);
  });

  it('lists all that is open if one of them does, and has all uptimes', () => {
    const merged = mergeReadings([
      reading({ uptimes: [{ host: 'a', model: 'm' }] }),
      reading({ listsAllOpen: true, uptimes: [{ host: 'b', model: 'm' }] }),
    ]);
    expect(merged).toMatchObject({ listsAllOpen: true, uptimes: [{ host: 'a' }, { host: 'b' }] });
    expect(mergeReadings([reading({})])).not.toHaveProperty('uptimes');
  });
});
