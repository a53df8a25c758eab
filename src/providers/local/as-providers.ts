import type { Provider } from '../provider.ts';
import { resolveProviders, type ResolveContext } from '../resolve.ts';
import type { ProviderSettings } from '../settings.ts';
import { isLoopback } from '../proxy-choice.ts';
import type { LocalModel, LocalService } from './service.ts';

/**
 * The services that were found as providers, beside those of the configuration. They are spoken to in chat, which all of them know best, whatever else
 * some of them have learned since. What the configuration names already, by its name or by its address, is not made a second time.
 */
export function foundProviders(
  services: readonly LocalService[],
  configured: readonly Provider[],
  concurrency: number,
  context: ResolveContext,
): Provider[] {
  return services.flatMap((service) => {
    if (service.models.length === 0 || configuredAs(service, configured) !== undefined || isTaken(service, configured)) return [];
    // Of its own, so that one that can't be made (a name that nothing may have) leaves the others be.
    const resolved = resolveProviders({ [service.provider]: settingsOf(service, concurrency) }, { ...context, environment: {} });
    return resolved.ok ? resolved.value.providers.map((provider) => ({ ...provider, computesHere: true, found: true as const })) : [];
  });
}

/** The provider of the configuration that is this very service, by its address. */
export function configuredAs({ baseUrl }: LocalService, configured: readonly Provider[]): Provider | undefined {
  const address = addressOf(baseUrl);
  return configured.find((provider) => [provider, ...(provider.faces?.values() ?? [])].some((face) => addressOf(face.baseUrl) === address));
}

function isTaken({ provider: name }: LocalService, configured: readonly Provider[]): boolean {
  return configured.some((provider) => provider.name === name);
}

/** `localhost:11434` and `127.0.0.1:11434` are one place. */
function addressOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return `${isLoopback(host) ? 'here' : host}:${port}`;
}

function settingsOf(service: LocalService, concurrency: number): ProviderSettings {
  const { baseUrl, models } = service;
  return {
    ...(service.kind === 'openai' ? {} : { preset: service.kind }),
    dialect: 'openai-chat',
    baseUrl,
    auth: 'none',
    local: true,
    concurrency,
    models: models.map(({ name }) => name),
    facts: Object.fromEntries(models.map((model) => [model.name, factsOf(model, service)])),
  };
}

function factsOf({ context, tools, images }: LocalModel, { cutsLongInput }: LocalService): NonNullable<ProviderSettings['facts']>[string] {
  return {
    // Whatever its maker takes for it elsewhere.
    price: { input: 0, output: 0 },
    ...(context !== undefined && { contextWindow: context, ...(cutsLongInput && { cutsLongInput }) }),
    ...(tools !== undefined && { tools }),
    ...(images !== undefined && { images }),
  };
}
