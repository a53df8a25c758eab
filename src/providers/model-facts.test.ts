import { describe, expect, test } from 'vitest';
import { findPreset, presets } from './catalogue.ts';
import { globMatcher } from './glob.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import { isListed, knownModels } from './known-models.ts';
import { modelRules, priceAt, ruleOf } from './model-data.ts';
import { factsOf } from './model-facts.ts';
import { listedNames, normaliseModel } from './model-names.ts';

const find = knownModels();
const at = (vendor: string, dialect: DialectName, overrides = {}) =>
  factsOf({ vendor, dialect, quirks: findPreset(vendor)?.quirks ?? {}, overrides, find });

describe('facts', () => {
  test.each([
    ['claude-opus-4-6', false, 'adaptive'],
    ['claude-sonnet-4-5-20250929', true, 'budget'],
    ['claude-haiku-4-5', true, 'budget'],
    ['claude-haiku-5-5', false, 'adaptive'],
    ['claude-3-5-sonnet-latest', true, 'none'],
    ['claude-next-9', false, 'adaptive'],
  ])('%s: prefill %s, reasoning %s (shared/research/dialects.md, 3.1)', (model, prefill, reasoning) => {
    expect(at('anthropic', 'anthropic-messages')(model)).toMatchObject({ model, vendor: 'anthropic', prefill, reasoning });
  });

  test('chat: OpenAI’s own service and others', () => {
    expect(at('openai', 'openai-chat')('gpt-5.6-sol')).toMatchObject({
      maxTokensField: 'max_completion_tokens',
      systemRole: 'developer',
      reasoning: 'effort',
      fixedSampling: true,
      toolsNeedNoReasoning: true,
    });
    expect(at('openai', 'openai-chat')('gpt-4o')).toMatchObject({ systemRole: 'system', reasoning: 'none', fixedSampling: false });
    expect(at('openrouter', 'openai-chat')('anthropic/claude-sonnet-4.5')).toMatchObject({
      vendor: 'openrouter',
      contextWindow: find('openrouter', 'claude-sonnet-4.5')!.contextWindow,
      prefill: false,
      reasoning: 'effort',
      maxTokensField: 'max_tokens',
    });
  });

  test('a gateway of one’s own in front of OpenAI’s reasoning models wants their field for the limit', () => {
    expect(at('corporate', 'openai-chat')('gpt-5.6')).toMatchObject({ vendor: 'corporate', maxTokensField: 'max_completion_tokens' });
    expect(at('corporate', 'openai-chat')('gpt-4o')).toMatchObject({ maxTokensField: 'max_tokens' });
    expect(at('corporate', 'anthropic-messages')('gpt-5.6')).toMatchObject({ maxTokensField: 'max_tokens' });
  });

  test('a model that nobody knows gets no limits and no promises', () => {
    expect(at('wall', 'openai-chat')('fb-s01')).toEqual({
      vendor: 'wall',
      model: 'fb-s01',
      prefill: false,
      reasoning: 'none',
      maxTokensField: 'max_tokens',
      systemRole: 'system',
      fixedSampling: false,
    });
  });

  test('overrides win, later ones over earlier ones, by glob', () => {
    const facts = at('wall', 'openai-chat', { 'fb-*': { prefill: true, contextWindow: 1 }, 'fb-s0?': { contextWindow: 2 } });
    expect(facts('fb-s01')).toMatchObject({ prefill: true, contextWindow: 2 });
    expect(facts('fb-x')).toMatchObject({ prefill: true, contextWindow: 1 });
    expect(facts('other').prefill).toBe(false);
    expect(facts('fb-s01')).toBe(facts('fb-s01'));
  });

  test('what presets pick is offered by them, and in the table in its tier (Mistral is not in the table)', () => {
    const picks = presets.flatMap((preset) => Object.entries(preset.picks).map(([tier, model]) => ({ preset, tier, model })));
    expect(picks.filter(({ preset, model }) => preset.models?.some((glob) => globMatcher(glob)(model)) !== true)).toEqual([]);
    expect(picks.filter(({ preset, tier, model }) => preset.vendor !== 'mistral' && ruleOf(model)?.tier !== tier)).toEqual([]);
    expect(picks.filter(({ preset, model }) => isListed(preset.name) && !find(preset.name, model)).map(({ model }) => model)).toEqual([]);
  });

  test('every rule can be reached', () => {
    const samples = modelRules.flatMap((rule) =>
      rule.globs.map((glob) => ({ rule, name: glob.replace(/\[(.)[^\]]*\]/g, '$1').replaceAll('*', 'zz') })),
    );
    expect(samples.filter(({ rule, name }) => ruleOf(name) !== rule).map(({ name }) => name)).toEqual([]);
  });
});

describe('the lists of the data package', () => {
  test('limits, what goes in, and prices, with those of long prompts and of caches', () => {
    expect(at('anthropic', 'anthropic-messages')('claude-haiku-5-5')).toMatchObject({
      contextWindow: 1_000_000,
      maxOutput: 128_000,
      images: true,
      documents: true,
      tools: true,
      systemInside: true,
      price: { input: 0.1, cached: 0.01, cacheWrite: 0.125, above: [{ tokens: 100_000, input: 0.5, output: 2.5 }] },
    });
    expect(at('anthropic', 'anthropic-messages')('claude-sonnet-5').systemInside).toBeUndefined();
    expect(at('deepseek', 'openai-chat')('deepseek-v4-pro')).toMatchObject({ images: false, reasoningGoesBack: true, reasoning: 'none' });
    expect(at('deepseek', 'anthropic-messages')('deepseek-v4-pro').reasoningGoesBack).toBeUndefined();
    expect(at('mistral', 'openai-chat')('devstral-latest')).toMatchObject({ images: false, tools: true });
  });

  test('a window that the package ends where the price rises is not believed', () => {
    expect(at('openai', 'openai-responses')('gpt-5.6-terra')).toMatchObject({
      contextWindow: 1_050_000,
      price: { above: [{ tokens: 272_000 }] },
    });
    for (const host of ['openai', 'azure', 'bedrock', 'openrouter']) {
      const known = find(host, 'gpt-6-luna');
      expect(known?.contextWindow === undefined || known.contextWindow > 272_000).toBe(true);
    }
  });

  test('the host’s own price counts, and the maker’s where the host has no list', () => {
    const resold = at('openrouter', 'openai-chat')('deepseek/deepseek-v4-pro');
    expect(resold.price).toEqual(find('openrouter', 'deepseek-v4-pro')?.price);
    expect(at('corporate', 'openai-chat')('deepseek-v4-pro').price).toEqual(find('deepseek', 'deepseek-v4-pro')?.price);
  });

  test('Gemini: signatures since 3, levels since 3, budgets before', () => {
    expect(at('google', 'gemini')('gemini-3.8-flash')).toMatchObject({ reasoning: 'effort', signedCalls: true, documents: true });
    expect(at('google', 'gemini')('gemini-2.5-flash')).toMatchObject({ reasoning: 'budget' });
    expect(at('google', 'gemini')('gemini-2.5-flash').signedCalls).toBeUndefined();
    expect(at('google', 'openai-chat')('gemini-3.8-flash').signedCalls).toBeUndefined();
    expect(at('google', 'gemini')('gemini-4-argon')).toMatchObject({ signedCalls: true });
  });

  test('OpenAI: tools without reasoning in chat, and both in Responses', () => {
    expect(at('openai', 'openai-chat')('gpt-6.1-sol')).toMatchObject({ tools: false, toolsNeedNoReasoning: true });
    const responses = at('openai', 'openai-responses')('gpt-6.1-sol');
    expect(responses).toMatchObject({ tools: true, reasoning: 'effort', systemRole: 'system' });
    expect(responses.toolsNeedNoReasoning).toBeUndefined();
  });

  test('every price is a price, and longer prompts never cost less', () => {
    const hosts = presets.map(({ name }) => name).filter(isListed);
    expect(hosts.length).toBeGreaterThan(10);
    const flash = find('google', 'gemini-3.8-flash')?.price;
    expect(flash && priceAt(flash, 1_000_000)).toEqual(flash);
    const haiku = find('anthropic', 'claude-haiku-5-5')!.price!;
    expect([priceAt(haiku, 100_000).input, priceAt(haiku, 100_001).input]).toEqual([0.1, 0.5]);
  });
});

describe('names', () => {
  test.each([
    ['anthropic/claude-opus-5.5', 'claude-opus-5-5'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5-20251001'],
    ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
    ['global.anthropic.claude-opus-5-5', 'claude-opus-5-5'],
    ['arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-5', 'claude-sonnet-5'],
    ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5-20250929'],
    ['claude-opus-5-5@default', 'claude-opus-5-5'],
    ['openai.gpt-oss-120b-1:0', 'gpt-oss-120b'],
    ['gpt-5.6', 'gpt-5-6'],
    ['Gemini-3.8-Flash', 'gemini-3-8-flash'],
  ])('%s is %s', (written, name) => {
    expect(normaliseModel(written)).toBe(name);
  });

  test('a dated snapshot is found under its plain name', () => {
    expect(listedNames('claude-opus-5-5-20261101')).toEqual(['claude-opus-5-5-20261101', 'claude-opus-5-5']);
    expect(listedNames('gemini-3-8-flash-preview-11-2026')).toContain('gemini-3-8-flash');
    expect(listedNames('gpt-5-4-mini')).toEqual(['gpt-5-4-mini']);
    expect(find('openai', 'gpt-5.4-mini-2026-03-05')).toEqual(find('openai', 'gpt-5.4-mini'));
  });
});

describe('globs', () => {
  test.each([
    ['claude-*', 'claude-opus', true],
    ['claude-*', 'xclaude-opus', false],
    ['o[0-9]*', 'o3-mini', true],
    ['o[0-9]*', 'opus', false],
    ['a.c', 'abc', false],
    ['a?c', 'abc', true],
    ['*/*', 'vendor/model', true],
    ['[', '[', true],
    ['[]', '[]', true],
    ['a[z-a]', 'a[z-a]', true],
    ['(x|y)+', '(x|y)+', true],
  ])('%s on %s: %s', (glob, name, matches) => {
    expect(globMatcher(glob)(name)).toBe(matches);
  });
});
