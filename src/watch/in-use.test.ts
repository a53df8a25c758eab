import { expect, it } from 'vitest';
import { whatIsInUse, type WhatIsInUse } from './in-use.ts';
import { MOST_MODELS } from './models-in-use.ts';
import type { WatchPlan } from './plan.ts';
import { watchSettings } from './settings.ts';

const DAY = 86_400_000;
let now = 0;

function using(providers: string[], targets: string[]): WhatIsInUse {
  now = Date.UTC(2026, 10, 23);
  const plan: WatchPlan = {
    settings: watchSettings.parse({}),
    providers: providers.map((name) => ({ name, preset: name, origin: `https://${name}.example`, local: false, probable: true })),
    routes: [{ pattern: 'default', targets }],
    address: 'http://127.0.0.1:1',
  };
  return whatIsInUse(
    plan,
    () => [],
    () => now,
  );
}

function askedOfOpenRouter(inUse: WhatIsInUse): string[] {
  const feeds = inUse.pages().find(({ family }) => family === 'openrouter-uptime')?.feeds ?? [];
  return feeds.map((feed) => /\/models\/(.+)\/endpoints$/.exec(feed)![1]!);
}

it('OpenRouter is asked about the models of the routes, and those that were asked', () => {
  const inUse = using(['openrouter', 'anthropic'], ['openrouter/*', 'anthropic/claude-opus-4-6', 'openrouter/x-ai/grok-4.5']);
  expect(askedOfOpenRouter(inUse)).toEqual(['anthropic/claude-opus-4.6', 'x-ai/grok-4.5']);
  expect(inUse.asked('openrouter/deepseek/deepseek-v4-pro')).toBe(true);
  expect(inUse.asked('openrouter/deepseek/deepseek-v4-pro')).toBe(false);
  expect(askedOfOpenRouter(inUse)).toEqual(['anthropic/claude-opus-4.6', 'deepseek/deepseek-v4-pro', 'x-ai/grok-4.5']);
});

it('where no model is known, about some of each maker', () => {
  const some = askedOfOpenRouter(using(['openrouter'], ['openrouter/*']));
  expect(some.map((name) => name.split('/')[0])).toContain('anthropic');
  expect(some.length).toBeGreaterThan(3);
});

it('about no more than so many, which do not change with every request; those of routes first', () => {
  const inUse = using(['openrouter'], ['openrouter/x-ai/grok-4.5']);
  const names = Array.from({ length: MOST_MODELS }, (_, index) => `maker/model-${index}`);
  for (const name of names) inUse.asked(`openrouter/${name}`);
  const full = askedOfOpenRouter(inUse);
  expect(full).toHaveLength(MOST_MODELS);
  expect(full).toContain('x-ai/grok-4.5');
  expect(inUse.asked('openrouter/maker/other')).toBe(false);
  expect(askedOfOpenRouter(inUse)).toEqual(full);
  now += 2 * DAY;
  for (const name of names.slice(1)) inUse.asked(`openrouter/${name}`);
  expect(inUse.asked('openrouter/maker/other')).toBe(true);
  expect(askedOfOpenRouter(inUse)).not.toContain(names[0]);
});

it('whoever does not use OpenRouter has it asked about nothing', () => {
  const inUse = using(['anthropic'], ['anthropic/claude-opus-4-6']);
  expect(inUse.asked('anthropic/claude-sonnet-4-6')).toBe(false);
  expect(askedOfOpenRouter(inUse)).toEqual([]);
});
