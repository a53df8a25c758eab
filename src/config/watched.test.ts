import { expect, it } from 'vitest';
import { simulatedProviders } from '../providers/simulated.ts';
import { resolveProviders } from '../providers/resolve.ts';
import { configSettings } from './settings.ts';
import { watchPlan } from './watched.ts';
import { worldOf } from './world.ts';

it('says who is in use: a known service at home, and no page of a vendor whose settings another gateway has', () => {
  const surroundings = { environment: {}, home: '/home/u', platform: 'linux' as const };
  const settings = configSettings.parse({
    providers: {
      anthropic: { apiKey: 'k' },
      proxy: { preset: 'anthropic', baseUrl: 'https://proxy.example', apiKey: 'k' },
      wall: { dialect: 'openai-chat', baseUrl: 'https://wall.example/v1', apiKey: 'k' },
      ollama: {},
    },
    routes: { default: ['anthropic/*', 'wall/m'] },
  });
  const resolved = resolveProviders(settings.providers, surroundings);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  const world = worldOf(settings, resolved.value, simulatedProviders('http://127.0.0.1:1'), { surroundings });
  const plan = watchPlan(settings, world, resolved.value.providers, 'http://127.0.0.1:4141');
  expect(plan.providers.map(({ name, preset, local }) => [name, preset, local])).toEqual([
    ['anthropic', 'anthropic', false],
    ['proxy', undefined, false],
    ['wall', undefined, false],
    ['ollama', 'ollama', true],
  ]);
  expect(plan.providers[0]!.origin).toBe('https://api.anthropic.com');
  expect(plan.routes).toEqual([{ pattern: 'default', targets: ['anthropic/*', 'wall/m'] }]);
});
