import type { ProductKey } from '../product.ts';
import { productOf } from './known.ts';

/** Where OpenRouter says how each host of a model does (openrouter.ai/docs, "List all endpoints for a model"). `model`: `anthropic/claude-opus-5.5`. */
export function uptimeFeed(model: string): string {
  return `https://openrouter.ai/api/v1/models/${model.split('/').map(encodeURIComponent).join('/')}/endpoints`;
}

/** Names that makers give their models in public, and the maker as OpenRouter writes it. */
const MAKERS: readonly (readonly [name: RegExp, maker: string])[] = [
  [/^claude-/, 'anthropic'],
  [/^(?:gpt|chatgpt|o\d)\b/, 'openai'],
  [/^gemini-/, 'google'],
  [/^grok-/, 'x-ai'],
  [/^deepseek-/, 'deepseek'],
  [/^(?:mistral|ministral|magistral|codestral|devstral)-/, 'mistralai'],
  [/^command-/, 'cohere'],
  [/^kimi-/, 'moonshotai'],
  [/^glm-/, 'z-ai'],
];
/** Whose models have names of the customer's own: nobody else is told of those. */
const NAMED_BY_CUSTOMERS = new Set(['azure']);
/** What clouds put around a maker's name: `us.anthropic.claude-opus-4-6-v1:0`, `claude-opus-4-6@20260205`. */
const AROUND = /^(?:[a-z]{2,6}\.)?anthropic\.|-v\d+(?::\d+)?$|@[\w-]+$/g;

/**
 * What OpenRouter calls a model: `anthropic/api/claude-opus-4-6-20260205` is `anthropic/claude-opus-4.6`. `undefined`: it can't be told from the name, or
 * the name may be a private one.
 */
export function openrouterName({ provider, product, model }: ProductKey): string | undefined {
  if (model === undefined || !productOf({ provider, product })) return undefined;
  // `:free` and the like are ways of choosing a host; `openrouter/auto` is no model.
  if (provider === 'openrouter') {
    const name = model.replace(/:[\w-]+$/, '');
    return /^(?!openrouter\/)[\w.-]+\/[\w.-]+$/.test(name) ? name : undefined;
  }
  if (NAMED_BY_CUSTOMERS.has(provider)) return undefined;
  const plain = model.replaceAll(AROUND, '');
  const maker = /^[a-z\d][a-z\d.-]*$/.test(plain) ? MAKERS.find(([name]) => name.test(plain))?.[1] : undefined;
  if (maker === undefined) return undefined;
  return `${maker}/${maker === 'anthropic' ? plain.replace(/-\d{8}$/, '').replaceAll(/(?<=\d)-(?=\d)/g, '.') : plain}`;
}
