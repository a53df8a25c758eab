import { describe, expect, it } from 'vitest';
import { findRoute, parseRoute, type Route, splitTarget } from './route.ts';

function routes(...names: string[]): Map<string, Route> {
  const settings = { targets: ['a/*'], never: ['secretive'], save: true, strict: false, whenClientLeaves: 'cancel' as const, defer: false };
  return new Map(names.map((name) => [name, parseRoute(name, settings)]));
}
const isProvider = (name: string): boolean => name === 'wall';

describe('findRoute', () => {
  it('takes the exact name, then the glob with the longest literal part, then provider/model, then default', () => {
    const known = routes('default', 'claude-*', 'claude-haiku-*', 'claude-haiku-4-5');
    expect(findRoute(known, 'claude-haiku-4-5', isProvider)?.name).toBe('claude-haiku-4-5');
    expect(findRoute(known, 'claude-haiku-5', isProvider)?.name).toBe('claude-haiku-*');
    expect(findRoute(known, 'claude-opus-5', isProvider)?.name).toBe('claude-*');
    expect(findRoute(known, 'wall/org/model', isProvider)?.targets).toEqual([{ provider: 'wall', model: 'org/model' }]);
    expect(findRoute(known, 'gpt-5.6', isProvider)?.name).toBe('default');
    expect(findRoute(routes('default', 'o[0-9]*'), 'o3-mini', isProvider)?.name).toBe('o[0-9]*');
    expect(findRoute(routes('claude-*'), 'gpt-5.6', isProvider)).toBeUndefined();
  });

  it('holds the default route’s conditions for targets that are named directly', () => {
    expect(findRoute(routes('default'), 'wall/x', isProvider)?.never).toEqual(['secretive']);
  });
});

describe('splitTarget', () => {
  it('splits a target at its first slash', () => {
    expect(splitTarget('openrouter/meta/llama')).toEqual({ provider: 'openrouter', model: 'meta/llama' });
  });
});
