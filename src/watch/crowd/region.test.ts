import { expect, it } from 'vitest';
import { regionOf } from './region.ts';

it.each([
  ['the time zone', 'auto', 'Europe/Berlin', { LANG: 'en_US.UTF-8' }, 'DE'],
  ['the time zone alone', 'auto', 'America/Sao_Paulo', {}, 'BR'],
  ['nobody, where the clock has no country', 'auto', 'UTC', { LANG: 'de_DE.UTF-8' }, 'none'],
  ['nobody, where nothing is known', 'auto', 'Nowhere/Else', { LANG: 'C' }, 'none'],
  ['the setting', 'FR', 'Europe/Berlin', {}, 'FR'],
  ['nobody, if it is not to be said', 'none', 'Europe/Berlin', { LANG: 'de_DE' }, 'none'],
])('a country is told by %s', (_, setting, timeZone, environment, expected) => {
  expect(regionOf({ setting, timeZone, environment })).toBe(expected);
});
