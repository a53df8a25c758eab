import { expect, it } from 'vitest';
import type { WatchedProvider } from './plan.ts';
import { productOfTarget, vendorInUse } from './product-of-target.ts';

const provider = (name: string, preset?: string): WatchedProvider => ({
  name,
  ...(preset !== undefined && { preset }),
  origin: 'https://x.example',
  local: false,
  probable: true,
});
const providers = [provider('work', 'anthropic'), provider('wall'), provider('openrouter', 'openrouter')];

it.each([
  ['work/claude-opus-5-5', { provider: 'anthropic', product: 'api', model: 'claude-opus-5-5' }],
  ['work/*', { provider: 'anthropic', product: 'api' }],
  ['wall/fb-s01', { provider: 'wall', product: 'api', model: 'fb-s01' }],
  ['openrouter/meta-llama/llama-4', { provider: 'openrouter', product: 'api', model: 'meta-llama/llama-4' }],
  // Nobody has configured it: a client brought its own credential.
  ['openai/gpt-5.6', { provider: 'openai', product: 'api', model: 'gpt-5.6' }],
  ['sim/claude', undefined],
  ['nothing', undefined],
])('%s', (target, key) => {
  expect(productOfTarget(target, providers)).toEqual(key);
});

it('a vendor is in use once it was asked, if it is known and not configured', () => {
  expect(vendorInUse('openai/gpt-5.6', providers)).toMatchObject({ name: 'openai', preset: 'openai', probable: false });
  for (const target of ['work/m', 'sim/claude', 'unheard-of/m', '']) expect(vendorInUse(target, providers)).toBeUndefined();
});
