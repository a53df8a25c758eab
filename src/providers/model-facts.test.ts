import { describe, expect, test } from 'vitest';
import { findPreset, presets } from './catalogue.ts';
import { globMatcher } from './glob.ts';
import { modelData } from './model-data.ts';
import { factsOf, findModel } from './model-facts.ts';

const at = (vendor: string, dialect: 'anthropic-messages' | 'openai-chat', overrides = {}) =>
  factsOf({ vendor, dialect, quirks: findPreset(vendor)?.quirks ?? {}, overrides });

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
      contextWindow: 200_000,
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
    expect(picks.filter(({ preset, tier, model }) => preset.vendor !== 'mistral' && findModel(model)?.tier !== tier)).toEqual([]);
  });

  test('every entry of the table can be reached', () => {
    const samples = modelData.flatMap((data) =>
      data.globs.map((glob) => ({ data, name: glob.replace(/\[(.)[^\]]*\]/g, '$1').replaceAll('*', 'zz') })),
    );
    expect(samples.filter(({ data, name }) => findModel(name) !== data).map(({ name }) => name)).toEqual([]);
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
