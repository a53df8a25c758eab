import type { DialectName } from '../exchange/dialect-name.ts';
import { SIM_MODELS } from '../sim/models.ts';
import type { Provider } from './provider.ts';

/** The simulated assistants as providers: each speaks the dialects of whom it plays, on this machine's loopback. */
export function simulatedProviders(url: string): Map<string, Provider> {
  return new Map(
    SIM_MODELS.map(({ name, dialect, also }) => {
      const speaking = (spoken: DialectName): Provider => simulatedProvider(url, name, spoken);
      const main = speaking(dialect);
      return [name, also.length === 0 ? main : { ...main, faces: new Map(also.map((spoken) => [spoken, speaking(spoken)])) }];
    }),
  );
}

function simulatedProvider(url: string, name: string, dialect: DialectName): Provider {
  const openai = dialect === 'openai-chat' || dialect === 'openai-responses';
  const vendor = `simulated-${name}`;
  return {
    name: 'sim',
    dialect,
    baseUrl: openai ? `${url}/v1` : url,
    vendor,
    credential: { type: 'none' },
    headers: {},
    local: true,
    models: [name],
    offers: (model) => model === name,
    keepsResponses: dialect === 'openai-responses',
    facts: (model) => ({
      vendor,
      model,
      prefill: false,
      reasoning: openai ? 'effort' : 'budget',
      maxTokensField: 'max_completion_tokens',
      systemRole: 'system',
      fixedSampling: false,
    }),
  };
}
