import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelsInTitle } from './models-in-title.ts';

describe('the models of a title', () => {
  it.each([
    ['anthropic', 'Elevated errors on Opus 4.6', ['claude-opus-4-6']],
    ['anthropic', 'opus 4.7 elevated errors', ['claude-opus-4-7']],
    ['anthropic', 'Elevated errors for Claude Sonnet 4.6 and Haiku 4.5', ['claude-sonnet-4-6', 'claude-haiku-4-5']],
    ['anthropic', 'Elevated errors on Claude Opus 4.6 and 4.7', ['claude-opus-4-6', 'claude-opus-4-7']],
    ['anthropic', 'Elevated errors on Opus 4.5, 4.6, and 4.7', ['claude-opus-4-5', 'claude-opus-4-6', 'claude-opus-4-7']],
    ['anthropic', 'Elevated errors on Opus 5', ['claude-opus-5']],
    ['anthropic', 'Degraded claude-3-5-sonnet latency', ['claude-3-5-sonnet']],
    ['anthropic', 'Errors on claude-opus-4-6', ['claude-opus-4-6']],
    ['anthropic', 'Elevated error rate on 3.5 Sonnet 20240620', ['claude-3-5-sonnet-20240620']],
    ['anthropic', 'Elevated errors for requests to Claude 3.0 Opus and Claude 3.5 Sonnet', ['claude-3-opus', 'claude-3-5-sonnet']],
    ['anthropic', 'Haiku and 3.5 Sonnet Partial Outage', ['claude-haiku', 'claude-3-5-sonnet']],
    ['anthropic', 'Elevated Sonnet 3.5 and Haiku error rate', ['claude-3-5-sonnet', 'claude-haiku']],
    ['anthropic', 'Claude 1.0, 1.1, and 1.2 Outage', ['claude-1.0', 'claude-1.1', 'claude-1.2']],
    ['anthropic', "We've suspended access to Claude Mythos 5 and Fable 5", ['claude-mythos-5', 'claude-fable-5']],
    ['anthropic', 'Elevated error rates on Opus 4.7 (12.5 % of requests)', ['claude-opus-4-7']],
    ['anthropic', 'Elevated errors on Opus 4.7 and 12.5% of requests', ['claude-opus-4-7']],
    ['openai', 'GPT-5.6 and o4-mini are slow', ['gpt-5.6', 'o4-mini']],
    ['openai', 'API users may see increased error rates for GPT-5.4 and GPT-5.5', ['gpt-5.4', 'gpt-5.5']],
    ['openai', 'Errors for GPT-5.6 Sol and GPT-5.6 Luna', ['gpt-5.6-sol', 'gpt-5.6-luna']],
    ['openai', 'Degraded performance in the API for GPT-4o mini', ['gpt-4o-mini']],
    ['openai', 'Elevated error rates for gpt-4o-mini-2024-07-18 fine-tuned models', ['gpt-4o-mini-2024-07-18']],
    ['openai', 'Elevated API error rates on GPT 3.5-turbo models', ['gpt-3.5-turbo']],
    ['openai', 'Increased errors on gpt-3-5-turbo, curie and davinci fine tuned models', ['gpt-3.5-turbo']],
    ['openai', 'Elevated error rate on gpt-4 and gpt-4-0613', ['gpt-4', 'gpt-4-0613']],
    ['openai', 'Elevated error rates on gpt-4-32k', ['gpt-4-32k']],
    ['openai', 'Elevated errors in the API for gpt-4-1106-preview', ['gpt-4-1106-preview']],
    ['openai', 'Elevated latency and error rates for ChatGPT 5.5 Thinking', ['gpt-5.5']],
    ['openai', 'Elevated failure rate affecting GPT-4.', ['gpt-4']],
    ['openai', 'Elevated latency + error rate on text-davinci-003 and gpt-3.5-turbo', ['text-davinci-003', 'gpt-3.5-turbo']],
    ['google', 'Elevated errors on Gemini 3.6 Pro', ['gemini-3.6-pro']],
    ['google', 'Gemini 2.5 Flash-Lite latency', ['gemini-2.5-flash-lite']],
    ['cursor', 'Degraded user summarizations and Gemini 2.5 Flash', ['gemini-2.5-flash']],
    ['cursor', 'Service degradation for Opus 4.6 and GPT-5.5', ['claude-opus-4-6', 'gpt-5.5']],
    ['mistral', 'Completion API Degraded - mistral-small-2603 · Chat Completions API', ['mistral-small-2603']],
    ['mistral', 'Mistral Large 3 errors', ['mistral-large-3']],
    ['xai', '[API (us-east-1.api.x.ai)] grok-4.6 high error rate', ['grok-4.6']],
    ['xai', 'Requests Using grok-imagine Models have Reduced Success Rate', ['grok-imagine']],
    ['deepseek', 'DeepSeek V4 Pro degraded', ['deepseek-v4-pro']],
    ['groq', 'Errors on llama-3.3-70b-versatile', ['llama-3.3-70b-versatile']],
  ])('%s: %s', (provider, title, models) => {
    expect(modelsInTitle(title, provider)).toEqual(models);
  });

  it.each([
    ['anthropic', 'Elevated errors on multiple models'],
    ['anthropic', 'Elevated errors across many models'],
    ['anthropic', 'Opus 4.6 and all other models'],
    ['anthropic', 'Elevated errors on Claude.ai'],
    ['anthropic', 'Claude Code 2 hour outage'],
    ['openai', 'ChatGPT is unavailable for some users.'],
    ['openai', 'ChatGPT service disruption impacting ~10% of all users between ~2:58-3:10 PM pacific time'],
    ['openai', 'Issues with Custom GPT actions'],
    ['openai', 'Elevated errors on GPT-V for ChatGPT models'],
    ['google', 'Gemini API elevated errors'],
    ['mistral', 'Mistral API unavailable'],
    ['xai', '[Grok (Web)] Grok is Temporarily Unavailable'],
    ['deepseek', 'DeepSeek Web/API Service Not Available'],
  ])('are none: %s: %s', (provider, title) => {
    expect(modelsInTitle(title, provider)).toEqual([]);
  });

  it('are those of the provider itself, where it has some', () => {
    expect(modelsInTitle('Opus 4.6 and GPT-5.5', 'anthropic')).toEqual(['claude-opus-4-6']);
    expect(modelsInTitle('Opus 4.6 and GPT-5.5', 'constructor')).toEqual(['claude-opus-4-6', 'gpt-5.5']);
  });

  it('are found in any text, quickly, each once', () => {
    const words = fc.constantFrom(
      'gpt',
      'GPT-5.6',
      'opus',
      '4.6',
      ',',
      ' and ',
      '-',
      ' ',
      'o4',
      'mini',
      'gemini',
      '3',
      '.',
      'claude',
      '20240620',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 200 }).map((parts) => parts.join('')),
        ),
        (title) => {
          const models = modelsInTitle(title, 'cursor');
          expect(new Set(models).size).toBe(models.length);
          for (const model of models) expect(model).toMatch(/^\S+$/);
        },
      ),
    );
  });

  const facts = new URL('../../../../shared/data/incidents.jsonl', import.meta.url);
  it.runIf(existsSync(facts))('are found in published titles that name one', () => {
    const named = /\b(?:opus|sonnet|haiku) ?\d|\bgpt-[345]|ministral-|mistral-(?:small|medium)/i;
    const incidents = readFileSync(facts, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { provider: string; title: string });
    const missed = incidents.filter(
      ({ provider, title }) => named.test(title) && !/multiple/.test(title) && modelsInTitle(title, provider).length === 0,
    );
    expect(incidents.filter(({ title }) => named.test(title)).length).toBeGreaterThan(100);
    expect(missed.map(({ title }) => title)).toEqual([]);
  });
});
