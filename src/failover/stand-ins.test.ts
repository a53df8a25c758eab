import { describe, expect, it } from 'vitest';
import { parseRoute, type RouteTarget } from './route.ts';
import { routesSettings } from './settings.ts';
import { targetsOf } from './stand-ins.ts';

const standIns: RouteTarget[] = [
  { provider: 'ollama', model: 'large' },
  { provider: 'ollama', model: 'small' },
];

function targets(name: string, written: string[], asked = 'm'): string[] {
  const settings = routesSettings.parse({ [name]: written })[name]!;
  return targetsOf({ standIns }, parseRoute(name, settings), asked).map(({ provider, model }) => `${provider}/${model}`);
}

describe('models on this machine, in a route', () => {
  it('stand at the end of the default route, and of no other', () => {
    expect(targets('default', ['a/m'])).toEqual(['a/m', 'ollama/large', 'ollama/small']);
    expect(targets('other', ['a/m'])).toEqual(['a/m']);
  });

  it('come before the offline desk, which is no model', () => {
    expect(targets('default', ['a/m', 'offline/desk'])).toEqual(['a/m', 'ollama/large', 'ollama/small', 'offline/desk']);
  });

  it('begin with the one that is asked for by its name', () => {
    expect(targets('default', ['a/m'], 'small')).toEqual(['a/m', 'ollama/small', 'ollama/large']);
  });
});
