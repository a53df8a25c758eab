import type { TargetFacts } from '../dialects/target-facts.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Preset, Tier } from './catalogue/preset.ts';
import { globMatcher } from './glob.ts';
import type { FindKnown, KnownModel } from './known-models.ts';
import { type ModelRule, type Price, ruleOf } from './model-data.ts';

/** What is known of a model, for writing requests and for choosing and pricing targets. */
export interface ModelFacts extends TargetFacts {
  tier?: Tier;
  price?: Price;
}

/** What the configuration says otherwise: by glob of the model name as the provider calls it; later ones win. */
export type FactOverrides = Readonly<Record<string, { [Fact in keyof ModelFacts]?: ModelFacts[Fact] | undefined }>>;

export interface FactsContext {
  vendor: string;
  /** Whose own interface it is, in whichever house: Azure's is OpenAI's. By default the vendor. */
  api?: string | undefined;
  /** The service's list of models; by default the vendor's. */
  host?: string | undefined;
  dialect: DialectName;
  quirks: Preset['quirks'];
  overrides: FactOverrides;
  find: FindKnown;
}

/** Makes the function behind `Provider.facts`. Unknown models get what every service of the dialect takes. */
export function factsOf(context: FactsContext): (model: string) => ModelFacts {
  const overrides = Object.entries(context.overrides).map(([glob, facts]) => ({ matches: globMatcher(glob), facts }));
  const cache = new Map<string, ModelFacts>();
  return (model) => {
    const cached = cache.get(model);
    if (cached) return cached;
    const facts = Object.assign(base(model, context), context.quirks);
    for (const override of overrides) {
      if (override.matches(model)) Object.assign(facts, defined(override.facts));
    }
    // Names come from clients: a limit keeps a flood of invented ones from staying in memory.
    if (cache.size >= 1000) cache.clear();
    cache.set(model, facts);
    return facts;
  };
}

/** The rules of the family, what the maker's list says of the model, and what the list of the service that runs it says otherwise. */
function base(model: string, context: FactsContext): ModelFacts {
  const { dialect, vendor, api = vendor, host = vendor, find } = context;
  const rule = ruleOf(model);
  const here = find(host, model);
  const home = rule === undefined || rule.vendor === host ? here : find(rule.vendor, model);
  const known = here ?? home;
  const chat = dialect === 'openai-chat';
  const own = api === rule?.vendor;
  const openAi = rule?.vendor === 'openai' && rule.reasoning === 'effort';
  return Object.assign(
    {
      vendor,
      model,
      // A reseller's endpoint is not known to carry an assistant turn on, whatever the model could do at home.
      prefill: rule?.prefill === true && own,
      reasoning: reasoningKind(dialect, rule, known),
      // OpenAI's reasoning models refuse max_tokens, also behind a gateway that passes it on.
      maxTokensField: chat && openAi ? ('max_completion_tokens' as const) : ('max_tokens' as const),
      systemRole: chat && api === 'openai' && openAi ? ('developer' as const) : ('system' as const),
      fixedSampling: rule?.fixedSampling === true || known?.fixedSampling === true,
    },
    defined({
      contextWindow: rule?.contextWindow ?? known?.contextWindow ?? home?.contextWindow,
      maxOutput: known?.maxOutput ?? home?.maxOutput,
      images: known?.images,
      // Resellers' chat endpoints have ways of their own for files.
      documents: chat && !own ? undefined : rule?.documents,
      structuredOutput: rule?.structuredOutput,
      // Only models with tools are listed.
      tools: chat && own && rule.noToolsInChat ? false : known === undefined ? undefined : true,
      toolsNeedNoReasoning: (chat && own && rule.toolsNeedNoReasoning) || undefined,
      systemInside: (dialect === 'anthropic-messages' && own && home?.systemInside) || undefined,
      // What the table does not know is newer than the table, and the newer ones insist on it.
      signedCalls: (dialect === 'gemini' && (rule?.signedCalls ?? true)) || undefined,
      reasoningGoesBack: (chat && known?.reasoningGoesBack) || undefined,
      tier: rule?.tier,
      price: known?.price ?? home?.price,
    }),
  );
}

function reasoningKind(dialect: DialectName, rule: ModelRule | undefined, known: KnownModel | undefined): ModelFacts['reasoning'] {
  if (!rule && !known) return dialect === 'anthropic-messages' ? 'budget' : 'none';
  const kind = rule?.reasoning ?? (known?.reasoning === 'effort' ? 'effort' : 'none');
  if (kind === 'none') return 'none';
  switch (dialect) {
    case 'anthropic-messages':
      return kind === 'effort' ? 'budget' : kind;
    case 'gemini':
      return rule?.vendor === 'google' ? kind : 'effort';
    case 'openai-chat':
    case 'openai-responses':
      return 'effort';
  }
}

function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}
