import { describe, expect, it } from 'vitest';
import { presets } from '../../providers/catalogue.ts';
import { productKeyText } from '../product.ts';
import { productNamed, productOf, productOfPreset, productTitle } from './known.ts';
import { PRODUCTS } from './products.ts';

const key = (text: string): string | string[] => {
  const named = productNamed(text);
  return named.ok ? `${named.value.provider}/${named.value.product}` : named.error;
};

describe('a product', () => {
  it.each([
    ['claude.ai', 'anthropic/chat'],
    ['Claude Code', 'anthropic/code'],
    ['  claude   code ', 'anthropic/code'],
    ['anthropic/api', 'anthropic/api'],
    ['anthropic/api/claude-opus-4-6', 'anthropic/api'],
    ['OpenAI/API', 'openai/api'],
    ['gpt', 'openai/api'],
    ['ChatGPT', 'openai/chat'],
    ['https://www.chatgpt.com/c/123?x=1', 'openai/chat'],
    ['gemini', 'google/app'],
    ['gemini.google.com', 'google/app'],
    ['ai studio', 'google/api'],
    ['vertex ai', 'google/vertex'],
    ['grok', 'xai/chat'],
    ['Copilot', 'github/copilot'],
    ['bedrock', 'aws/bedrock'],
    ['Azure OpenAI', 'azure/openai'],
    ['Claude (claude.ai)', 'anthropic/chat'],
  ])('%s is %s', (text, expected) => {
    expect(key(text)).toBe(expected);
  });

  it.each([
    ['claud.ai', 'claude.ai'],
    ['chatgtp', 'chatgpt'],
    ['anthropic/apo', 'claude api'],
    ['perplex', 'perplexity'],
    ['claude.', 'claude.ai'],
  ])('%s is offered as %s', (text, expected) => {
    expect(key(text)).toContain(expected);
  });

  it('of a provider that is known is offered among its others', () => {
    expect(key('mistral/nonsense')).toEqual(['mistral/api', 'mistral/chat']);
  });

  it.each(['', '   ', 'zzzzzzzz', 'x'.repeat(5000), '/', '//'])('that nobody knows is none: %j', (text) => {
    expect(key(text)).toEqual([]);
  });

  it('has a title, with its model and without', () => {
    expect(productTitle({ provider: 'anthropic', product: 'api' })).toBe('Claude API');
    expect(productTitle({ provider: 'anthropic', product: 'api', model: 'claude-opus-4-6' })).toBe('claude-opus-4-6 (Claude API)');
    expect(productTitle({ provider: 'wall', product: 'api' })).toBe('wall/api');
  });
});

describe('the registry of products', () => {
  it('has each once, and no name for two', () => {
    const keys = PRODUCTS.map(productKeyText);
    expect(new Set(keys).size).toBe(keys.length);
    const names = PRODUCTS.flatMap(({ aliases }) => aliases);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
    for (const product of PRODUCTS) {
      for (const alias of product.aliases) expect(productNamed(alias)).toEqual({ ok: true, value: product });
    }
  });

  it('has a product for every service that is not on this machine, and only for presets that there are', () => {
    const remote = presets.filter(({ local }) => !local).map(({ name }) => name);
    expect(remote.filter((name) => !productOfPreset(name))).toEqual([]);
    expect(PRODUCTS.flatMap((product) => product.presets).toSorted()).toEqual(remote.toSorted());
    expect(productOfPreset('ollama')).toBeUndefined();
  });

  it('knows a product by its key', () => {
    expect(productOf({ provider: 'openai', product: 'codex' })?.title).toBe('Codex');
    expect(productOf({ provider: 'openai', product: 'nonsense' })).toBeUndefined();
  });
});
