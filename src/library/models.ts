import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { DialectName } from '../exchange/dialect-name.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { factsOf } from '../providers/model-facts.ts';
import { knownModels } from '../providers/known-models.ts';
import type { Provider } from '../providers/provider.ts';
import { vendorOf } from './maker.ts';
import type { ModelEntry } from './model-entry.ts';
import { STAND_IN } from './stand-in.ts';

/** A wrapped model as a target of the engine. */
export interface WrappedModel {
  model: LanguageModelV4;
  provider: Provider;
  /** As a target's model: without blanks. */
  name: string;
}

const SCHEME = 'ai-sdk-model://';

/** The models in order, each as a service of its own; two of the same provider and name (two accounts) are told apart by a number. */
export function wrapModels(given: readonly (LanguageModelV4 | ModelEntry)[]): Result<WrappedModel[], string> {
  const find = knownModels();
  const wrapped: WrappedModel[] = [];
  if (given.length === 0) return err('createFailover needs at least one model: { models: [anthropic("…"), openai("…")] }');
  for (const [place, one] of given.entries()) {
    const entry: ModelEntry = 'model' in one ? one : { model: one };
    const { model } = entry;
    if (wrapped.some((known) => known.model === model)) continue;
    if (typeof model !== 'object' || model.specificationVersion !== 'v4') return err(unfit(place, model));
    const name = plain(model.modelId);
    const base = plain(model.provider).replaceAll('/', '-');
    const others = wrapped.filter((known) => known.model.provider === model.provider && known.model.modelId === model.modelId).length;
    const maker = others === 0 ? base : `${base}#${others + 1}`;
    const facts = factsOf({
      vendor: maker,
      api: vendorOf(maker),
      host: vendorOf(maker),
      dialect: dialectOf(model.provider),
      quirks: {},
      overrides: entry.facts ? { '*': entry.facts } : {},
      find,
    });
    const provider: Provider = {
      name: maker,
      dialect: STAND_IN,
      baseUrl: `${SCHEME}${wrapped.length}`,
      vendor: maker,
      credential: { type: 'none' },
      headers: {},
      local: entry.local ?? false,
      models: [name],
      offers: () => true,
      facts,
    };
    wrapped.push({ model, provider, name });
  }
  return ok(wrapped);
}

/** The place of the model that a request goes to. */
export function placeOf(origin: string): number {
  return Number(origin.slice(SCHEME.length));
}

function unfit(place: number, model: unknown): string {
  const version = typeof model === 'object' && model !== null && 'specificationVersion' in model ? String(model.specificationVersion) : '';
  const what = typeof model === 'string' ? `the name «${model}»` : version === '' ? 'no model' : `a model of specification ${version}`;
  return `models[${place}] is ${what}; createFailover takes models of specification v4, such as those of the AI SDK 7 providers`;
}

function plain(name: string): string {
  return name.replaceAll(/\s+/g, '-') || 'model';
}

/** Which wire a package speaks, by its name for itself: what is known of models differs by wire. */
function dialectOf(provider: string): DialectName {
  if (/anthropic/.test(provider)) return 'anthropic-messages';
  if (/responses/.test(provider)) return 'openai-responses';
  return /google|vertex|gemini/.test(provider) ? 'gemini' : 'openai-chat';
}
