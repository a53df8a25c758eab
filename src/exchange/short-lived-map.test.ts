import { expect, test } from 'vitest';
import { shortLivedMap } from './short-lived-map.ts';

test('holds what is under way, in the order in which it came, until it leaves', () => {
  const map = shortLivedMap<number>();
  map.set('a', 1);
  map.set('b', 2);
  map.set('c', 3);
  expect(map.get('b')).toBe(2);
  map.delete('b');
  map.delete('never there');
  expect(map.get('b')).toBeUndefined();
  expect([...map.values()]).toEqual([1, 3]);
});

test('a second value takes the place of the first', () => {
  const map = shortLivedMap<number>();
  map.set('a', 1);
  map.set('a', 2);
  expect([...map.values()]).toEqual([2]);
  map.delete('a');
  expect([...map.values()]).toEqual([]);
});
