import { expect, it } from 'vitest';
import { parseProductKey } from '../product.ts';
import { openrouterName, uptimeFeed } from './openrouter-models.ts';

const name = (key: string): string | undefined => openrouterName(parseProductKey(key)!);

it.each([
  ['openrouter/api/anthropic/claude-opus-5.5', 'anthropic/claude-opus-5.5'],
  ['openrouter/api/deepseek/deepseek-v4-pro:free', 'deepseek/deepseek-v4-pro'],
  ['anthropic/api/claude-opus-4-6', 'anthropic/claude-opus-4.6'],
  ['anthropic/api/claude-opus-4-6-20260205', 'anthropic/claude-opus-4.6'],
  ['anthropic/api/claude-sonnet-4-20250514', 'anthropic/claude-sonnet-4'],
  ['aws/bedrock/us.anthropic.claude-opus-4-6-v1:0', 'anthropic/claude-opus-4.6'],
  ['google/vertex/claude-opus-4-6@20260205', 'anthropic/claude-opus-4.6'],
  ['google/api/gemini-3.5-flash', 'google/gemini-3.5-flash'],
  ['openai/api/gpt-5.6', 'openai/gpt-5.6'],
  ['openai/api/o4-mini', 'openai/o4-mini'],
  ['xai/api/grok-4.5', 'x-ai/grok-4.5'],
])('%s is %s there', (key, there) => expect(name(key)).toBe(there));

it.each([
  // No model, a way of choosing one, a name that says nothing.
  'anthropic/api',
  'openrouter/api/openrouter/auto',
  'huggingface/api/acme/llama-tuned',
  // Names that a customer has given.
  'openai/api/ft:gpt-5.6:acme::x1',
  'azure/openai/gpt-5-for-acme',
  'aws/bedrock/arn:aws:bedrock:us-east-1:1234:inference-profile/acme',
  'office/api/claude-of-ours',
])('%s is not told to anybody', (key) => expect(name(key)).toBeUndefined());

it('what is in a name stays in its place of the address', () => {
  expect(uptimeFeed('anthropic/claude-opus-5.5')).toBe('https://openrouter.ai/api/v1/models/anthropic/claude-opus-5.5/endpoints');
  expect(uptimeFeed('a/b?c=d')).toBe('https://openrouter.ai/api/v1/models/a/b%3Fc%3Dd/endpoints');
});
