import type { ModelFacts } from '../model-facts.ts';
import type { Provider } from '../provider.ts';
import { configuredAs } from './as-providers.ts';
import type { LocalService } from './service.ts';

/** The providers of the configuration; those that are services which were found know of their models what these say, where the configuration says nothing else. */
export function informed(configured: readonly Provider[], services: readonly LocalService[]): Provider[] {
  return configured.map((provider) => {
    const service = services.find((one) => configuredAs(one, configured) === provider);
    if (!service) return provider;
    const faces = provider.faces && new Map([...provider.faces].map(([dialect, face]) => [dialect, withFacts(face, service)]));
    return Object.freeze({ ...withFacts(provider, service), ...(faces && { faces }) });
  });
}

function withFacts(provider: Provider, { models, cutsLongInput }: LocalService): Provider {
  const known = new Map(models.map((model) => [model.name, model]));
  return Object.freeze({
    ...provider,
    computesHere: true,
    facts(name: string): ModelFacts {
      const facts = provider.facts(name);
      const model = known.get(name);
      if (!model) return facts;
      const { context, tools, images } = model;
      return {
        ...facts,
        ...(facts.contextWindow === undefined && context !== undefined && { contextWindow: context, cutsLongInput }),
        ...(facts.tools === undefined && tools !== undefined && { tools }),
        ...(facts.images === undefined && images !== undefined && { images }),
      };
    },
  });
}
