import { expect, it } from 'vitest';
import { BROKEN_IN_FRONT, WEIGHTS } from './limits.ts';
import { MIXED } from './report.fixtures.ts';
import type { Finding, TargetReport, Task } from './report.ts';
import { routeScore, routeSentence, scoreOf } from './score.ts';

const GOOD: Finding[] = (['context', 'tools', 'speed', 'cost', 'streaming'] as const).map((check) => ({
  check,
  state: 'good',
  said: 'well',
}));
const CARRIED = { state: 'good' as const, said: 'carried on' };

function tasks(...results: Task['result'][]): Task[] {
  return results.map((result, index) => ({
    exchange: `x_${index}`,
    kinds: ['words'],
    outage: 'refused',
    result,
    comparisons: [],
    ...(result === 'refused' && { why: 'the prompt is too long for it' }),
    ...(result === 'worse' && { why: 'JSON that does not parse' }),
  }));
}

function target(name: string, place: number, more: Partial<TargetReport>): TargetReport {
  const scored = { findings: GOOD, carriedOn: CARRIED, tasks: tasks('passed', 'passed'), ...more };
  return { ...MIXED, target: name, place, ...scored, ...scoreOf(scored) };
}

const NO_KEY: Finding = { check: 'key', state: 'bad', fault: 'key-refused', said: 'The key is refused (401). It said: no.' };

it('weights add up to 100, and all that is well has all of them', () => {
  expect(Object.values(WEIGHTS).reduce((sum, each) => sum + each, 0)).toBe(100);
  expect(scoreOf({ findings: GOOD, carriedOn: CARRIED, tasks: tasks('passed') })).toEqual({ score: 100, losses: [] });
});

it('who can not be asked has 0, whatever else is known of it', () => {
  const { score, losses } = scoreOf({ findings: [NO_KEY, ...GOOD], carriedOn: CARRIED, tasks: tasks('passed') });
  expect(score).toBe(0);
  expect(losses[0]!.why).toContain('refused');
});

it('half a point for what differs, none for what is worse or refused; the greatest loss first', () => {
  const half = scoreOf({ findings: GOOD, carriedOn: CARRIED, tasks: tasks('passed', 'differs') });
  expect(half.score).toBe(Math.round(100 - WEIGHTS.tasks / 4));
  const refused = scoreOf({ findings: GOOD, carriedOn: CARRIED, tasks: tasks('passed', 'refused') });
  expect(refused.score).toBe(100 - WEIGHTS.tasks / 2 - WEIGHTS.failover / 2);
  expect(refused.losses.map(({ points }) => points)).toEqual([WEIGHTS.tasks / 2, WEIGHTS.failover / 2]);
});

it('what was not measured counts neither way', () => {
  const unknown = GOOD.map((finding) => ({ ...finding, state: 'unknown' as const }));
  expect(scoreOf({ findings: unknown, carriedOn: CARRIED, tasks: tasks('passed', 'not-asked') }).score).toBe(100);
  expect(scoreOf({ findings: unknown, carriedOn: { state: 'unknown', said: '' }, tasks: [] }).score).toBe(0);
});

it('a route is as ready as its best backup, less for each broken one in front', () => {
  const broken = target('a/a', 1, { findings: [NO_KEY] });
  const well = target('b/b', 2, {});
  expect(routeScore([broken, well])).toBe(100 - BROKEN_IN_FRONT.each);
  expect(routeScore([well, { ...broken, place: 2 }])).toBe(100);
  expect(routeScore([])).toBe(0);
});

it('says what would be refused, what would be worse, and who stands behind', () => {
  const first = target('a/a', 1, { tasks: tasks('refused', 'refused', 'worse', 'passed') });
  expect(routeSentence({ targets: [first], dead: ['lead/x'] })).toBe(
    'Your backup a/a would refuse 2 of your 4 usual tasks, because the prompt is too long for it; it would do 1 more worse: JSON that does not parse.',
  );
  expect(routeSentence({ targets: [first, target('b/b', 2, {})], dead: ['lead/x'] })).toContain('b/b, behind it, answered');
  expect(routeSentence({ targets: [], dead: ['lead/x'] })).toContain('There is no backup');
  expect(routeSentence({ targets: [target('a/a', 1, { findings: [NO_KEY] })], dead: ['lead/x'] })).toBe(
    'No backup would answer if lead/x were down: a/a can not be asked (the key is refused (401)).',
  );
  expect(routeSentence({ targets: [target('a/a', 1, {})], dead: [] })).toBe('Your backup a/a would do all 2 of your usual tasks.');
});
