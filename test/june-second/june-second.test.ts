import { beforeAll, describe, expect, it } from 'vitest';
import { isIll, type Verdict } from '../../src/watch/verdict.ts';
import { changesOf, figuresOf, KEYS, LEAD } from './measure.ts';
import { FIRST_POST, MINUTE, moment, RESOLVED } from './morning.ts';
import { type Morning, simulate, USUAL } from './simulate.ts';

function verdictAt(morning: Morning, key: string, at: number): Verdict | undefined {
  return morning.minutes.find((board) => board.at >= at)?.judgements.find((judgement) => judgement.key === key)?.verdict;
}

describe('2 June 2026, minute by minute', () => {
  let morning: Morning;
  beforeAll(async () => void (morning = await simulate({ ...USUAL, seed: 1 })), 60_000);

  it('the board knew before the page did, and said whose trouble it is', () => {
    expect(verdictAt(morning, KEYS[0], moment('05:30'))).toBe('operational');
    expect(isIll(verdictAt(morning, KEYS[1], FIRST_POST - MINUTE)!)).toBe(true);
    expect(isIll(verdictAt(morning, KEYS[0], FIRST_POST - MINUTE)!)).toBe(true);
    const { firstIll = Infinity } = figuresOf(morning);
    expect(firstIll).toBeLessThan(FIRST_POST);
    // One model then; the whole product once the page and other models say so.
    expect(changesOf(morning, KEYS[1])[1]?.scope).not.toBe('account');
  });

  it('one alert before the post, kept up to date; no all-clear while the page still works on it, and one at the end', () => {
    const { firstAlert = Infinity, falseAlerts } = figuresOf(morning);
    expect(falseAlerts).toBe(0);
    expect(firstAlert).toBeLessThan(FIRST_POST);
    const during = morning.alerts.filter(({ at }) => at < RESOLVED);
    expect(new Set(during.map(({ id }) => id)).size).toBe(1);
    expect(during.filter(({ loud }) => loud).length).toBeLessThanOrEqual(4);
    expect(during[0]!.kind).toBe('new');
    expect(new Set(during.slice(1).map(({ kind }) => kind))).toEqual(new Set(['update']));
    // It went on for an hour and a half, by fits: each all-clear is of what was told to be back.
    const ends = morning.alerts.map(({ kind }) => kind).filter((kind) => kind !== 'update');
    expect(ends.length).toBeLessThanOrEqual(8);
    ends.forEach((kind, place) => expect(kind === 'over').toBe(place % 2 === 1));
    expect(ends.at(-1)).toBe('over');
  });

  it('does not flap: never green between, and degraded to down and back no oftener than twice an hour', () => {
    for (const key of KEYS) expect(changesOf(morning, key).length).toBeLessThanOrEqual(20);
    // With the page's word unchanged, reports of people that come and go turn nothing.
    expect(changesOf(morning, KEYS[3]).length).toBeLessThanOrEqual(7);
    for (const key of [KEYS[0], KEYS[1]]) {
      const between = changesOf(morning, key).filter(({ at }) => at < moment('10:42'));
      expect(between.filter(({ from, to }) => isIll(from) && !isIll(to))).toEqual([]);
    }
  });

  it('one incident, which the page joins; what goes on failing after the page has called it resolved is another', () => {
    const changes = morning.news.flatMap(({ at, signal }) => (signal.type === 'incident' ? [{ at, change: signal.change }] : []));
    expect(changes[0]).toMatchObject({ change: 'opened' });
    expect(changes[0]!.at).toBeLessThan(FIRST_POST);
    expect(changes.find(({ change }) => change === 'merged')?.at).toBeGreaterThan(FIRST_POST);
    expect(changes.filter(({ at, change }) => change === 'opened' && at < RESOLVED)).toHaveLength(1);
    expect(changes.filter(({ change }) => change === 'opened').length).toBeLessThanOrEqual(3);
  });

  it('nobody was left without an answer; the lead was left and came back', () => {
    const { failed, left = Infinity, back = 0 } = figuresOf(morning);
    expect(failed).toBe(0);
    expect(left).toBeLessThan(FIRST_POST + 60 * MINUTE);
    expect(back).toBeGreaterThan(left);
    const late = morning.requests.filter(({ at, model }) => at > moment('13:50') && LEAD.endsWith(model));
    expect(late.length).toBeGreaterThan(3);
    expect(late.filter(({ by }) => by === LEAD).length).toBe(late.length);
  });

  it('well again in the end', () => {
    for (const key of KEYS) expect(verdictAt(morning, key, moment('14:59'))).toBe('operational');
  });
});

it('a page that cannot be read is neither green nor red', async () => {
  const from = moment('05:00');
  const morning = await simulate({
    ...USUAL,
    seed: 2,
    hourly: 0,
    crowd: false,
    unreadable: { from, until: moment('14:00') },
    until: moment('07:00'),
  });
  for (const { at, judgements, pages } of morning.minutes) {
    // What was read last counts for three intervals.
    if (at < from + 17 * MINUTE) continue;
    expect(pages.find(({ page }) => page === 'anthropic')?.state).toBe('unknown');
    for (const key of ['anthropic/api', 'anthropic/chat']) expect(judgements.find((one) => one.key === key)?.verdict).toBe('unknown');
  }
  expect(morning.alerts).toEqual([]);
}, 60_000);
