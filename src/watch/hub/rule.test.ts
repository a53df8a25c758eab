import { describe, expect, it } from 'vitest';
import { levelOf, nextStanding, type Standing, type Window } from './rule.ts';

const QUIET: Window = { reporters: 0, networks: new Set(), score: 0, mean: 0.06, dispersion: 1.44 };

function surge(reporters: number, networks: string[], score = reporters, mean = 0.06): Window {
  return { ...QUIET, reporters, networks: new Set(networks), score, mean };
}

describe('the level of an hour', () => {
  it('is possible from three reporters on, where that is unusual', () => {
    expect(levelOf([surge(2, ['a', 'b'], 9)])).toBe('none');
    expect(levelOf([surge(3, ['a', 'b'], 9)])).toBe('possible');
    expect(levelOf([surge(4, ['a', 'b', 'c', 'd'])])).toBe('possible');
    expect(levelOf([surge(4, ['a', 'b', 'c', 'd'], 4, 3)])).toBe('none');
    expect(levelOf([])).toBe('none');
  });

  it('is likely from five on that are in three networks, where that is very unusual', () => {
    expect(levelOf([surge(9, ['a', 'b', 'c'])])).toBe('likely');
    expect(levelOf([surge(9, ['a', 'b'], 100)])).toBe('possible');
    expect(levelOf([surge(4, ['a', 'b', 'c'], 100)])).toBe('possible');
    expect(levelOf([surge(9, ['a', 'b', 'c'], 9, 0.8)])).toBe('possible');
  });

  it('is likely where it lasts, but not for two networks however long', () => {
    const here = surge(5, ['a', 'b', 'c']);
    expect(levelOf([here, QUIET, QUIET])).toBe('possible');
    expect(levelOf([here, here, QUIET])).toBe('likely');
    expect(levelOf([QUIET, here, here])).toBe('likely');
    const two = surge(5, ['a', 'b'], 5);
    expect(levelOf([two, two, two])).toBe('possible');
  });

  it('asks for five where a name would be told with it', () => {
    expect(levelOf([surge(4, ['a', 'b', 'c', 'd'], 9)], 5)).toBe('none');
    expect(levelOf([surge(5, ['a', 'b', 'c', 'd'], 5)], 5)).toBe('possible');
  });
});

describe('a standing', () => {
  const likely: Standing = { state: 'likely', since: 1, below: [] };

  it('rises at once', () => {
    expect(nextStanding({ state: 'none', since: 0, below: ['none'] }, 'possible', 5, false)).toEqual({
      state: 'possible',
      since: 5,
      below: [],
    });
  });

  it('sinks after three looks in a row, to the highest of them', () => {
    const levels = ['none', 'possible', 'none'] as const;
    const after = levels.reduce((standing, level, index) => nextStanding(standing, level, 10 + index, true), likely);
    expect(after).toEqual({ state: 'possible', since: 12, below: [] });
  });

  it('begins to count anew when it is borne out', () => {
    const levels = ['none', 'none', 'likely', 'none', 'none'] as const;
    const after = levels.reduce((standing, level) => nextStanding(standing, level, 10, true), likely);
    expect(after).toEqual({ state: 'likely', since: 1, below: ['none', 'none'] });
  });

  it('does not sink between looks', () => {
    expect(nextStanding(likely, 'none', 10, false)).toBe(likely);
  });
});
