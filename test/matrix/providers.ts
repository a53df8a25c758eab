import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { Credential, Provider } from '../../src/providers/provider.ts';
import type { ModelFacts } from '../../src/providers/model-facts.ts';

interface Described {
  name: string;
  dialect: ClientDialect;
  key: string;
  /** By default its name. */
  vendor?: string;
  prefill?: boolean;
  price?: ModelFacts['price'];
  images?: boolean;
}

const SCHEMES: Record<ClientDialect, (Credential & { type: 'key' })['scheme']> = {
  'anthropic-messages': 'x-api-key',
  'openai-chat': 'bearer',
  'openai-responses': 'bearer',
  gemini: 'x-goog-api-key',
};

/** A service at `http://name.test` of which nothing is known but its dialect. */
export function provider({ name, dialect, key, vendor = name, prefill = false, price, images }: Described): Provider {
  const openai = dialect === 'openai-chat' || dialect === 'openai-responses';
  const facts = (model: string): ModelFacts => ({
    vendor,
    model,
    prefill,
    reasoning: openai ? 'effort' : 'budget',
    maxTokensField: 'max_completion_tokens',
    systemRole: 'system',
    signedCalls: dialect === 'gemini',
    fixedSampling: false,
    ...(price !== undefined && { price }),
    ...(images !== undefined && { images }),
  });
  return {
    name,
    dialect,
    baseUrl: `http://${name}.test${openai ? '/v1' : ''}`,
    vendor,
    credential: { type: 'key', value: key, scheme: SCHEMES[dialect] },
    headers: {},
    local: false,
    models: undefined,
    offers: () => true,
    facts,
  };
}
