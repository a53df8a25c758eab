import type { TargetFacts } from '../dialects/target-facts.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Preset, Tier } from './catalogue/preset.ts';
import { globMatcher } from './glob.ts';
import type { ModelData, Price } from './model-data.ts';
import { modelData } from './model-data.ts';

/** What is known of a model, for writing requests and for choosing and pricing targets. */
export interface ModelFacts extends TargetFacts {
  tier?: Tier;
  price?: Price;
}

/** What the configuration says otherwise: by glob of the model name as the provider calls it; later ones win. */
export type FactOverrides = Readonly<Record<string, { [Fact in keyof ModelFacts]?: ModelFacts[Fact] | undefined }>>;

export interface FactsContext {
  vendor: string;
  dialect: DialectName;
  quirks: Preset['quirks'];
  overrides: FactOverrides;
}

const known = modelData.map((data) => ({ data, matchers: data.globs.map(globMatcher) }));

/** Lower case, without a reseller's `vendor/`, dots as dashes: services write versions either way. */
export function normaliseModel(model: string): string {
  return model
    .slice(model.lastIndexOf('/') + 1)
    .toLowerCase()
    .replaceAll('.', '-');
}

/** The table's entry for a model name; `undefined` for models that it does not know. */
export function findModel(model: string): ModelData | undefined {
  const name = normaliseModel(model);
  return known.find(({ matchers }) => matchers.some((matches) => matches(name)))?.data;
}

/** Makes the function behind `Provider.facts`. Unknown models get what every service of the dialect takes. */
export function factsOf(context: FactsContext): (model: string) => ModelFacts {
  const overrides = Object.entries(context.overrides).map(([glob, facts]) => ({ matches: globMatcher(glob), facts }));
  const cache = new Map<string, ModelFacts>();
  return (model) => {
    const cached = cache.get(model);
    if (cached) return cached;
    const facts = Object.assign(base(model, context, findModel(model)), context.quirks);
    for (const override of overrides) {
      if (override.matches(model)) Object.assign(facts, defined(override.facts));
    }
    // Names come from clients: a limit keeps a flood of invented ones from staying in memory.
    if (cache.size >= 1000) cache.clear();
    cache.set(model, facts);
    return facts;
  };
}

function base(model: string, context: FactsContext, data: ModelData | undefined): ModelFacts {
  const { dialect, vendor } = context;
  const chat = dialect === 'openai-chat';
  const facts: ModelFacts = {
    vendor,
    model,
    // A reseller's chat endpoint is not known to carry an assistant turn on, whatever the model could do at home.
    prefill: data?.prefill === true && vendor === data.vendor,
    reasoning: reasoningKind(dialect, data),
    // OpenAI's reasoning models refuse max_tokens, also behind a gateway that passes it on.
    maxTokensField: chat && data?.vendor === 'openai' && data.reasoning === 'effort' ? 'max_completion_tokens' : 'max_tokens',
    systemRole: chat && vendor === 'openai' && data?.reasoning === 'effort' ? 'developer' : 'system',
    fixedSampling: data?.fixedSampling ?? false,
  };
  const { contextWindow, maxOutput, images, documents, tools, structuredOutput, tier, price } = data ?? {};
  // Limits of chat at OpenAI's own service; resellers reach the models by other ways.
  const own = vendor === data?.vendor;
  return Object.assign(facts, defined({ contextWindow, maxOutput, images, tier, price, structuredOutput }), {
    ...(documents !== undefined && !chat ? { documents } : {}),
    ...(data?.signedCalls && dialect === 'gemini' ? { signedCalls: true } : {}),
    ...(data?.reasoningGoesBack && chat ? { reasoningGoesBack: true } : {}),
    ...(tools !== undefined && (tools || own) ? { tools } : {}),
    ...(data?.toolsNeedNoReasoning && own && chat ? { toolsNeedNoReasoning: true } : {}),
    ...(data?.systemInside && dialect === 'anthropic-messages' ? { systemInside: true } : {}),
  });
}

function reasoningKind(dialect: DialectName, data: ModelData | undefined): ModelFacts['reasoning'] {
  if (!data) return dialect === 'anthropic-messages' ? 'budget' : 'none';
  if (data.reasoning === 'none') return 'none';
  switch (dialect) {
    case 'anthropic-messages':
      return data.reasoning === 'effort' ? 'budget' : data.reasoning;
    case 'gemini':
      // Of Google's own: levels since Gemini 3, budgets before.
      return data.vendor === 'google' ? data.reasoning : 'effort';
    case 'openai-chat':
    case 'openai-responses':
      return 'effort';
  }
}

function defined<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
