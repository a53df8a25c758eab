import type { DialectName } from '../exchange/dialect-name.ts';
import { DESK, deskProvider } from '../providers/desk.ts';
import type { Provider } from '../providers/provider.ts';
import type { World } from './plan.ts';
import { parseRoute, type Route, type RouteTarget } from './route.ts';
import type { DeadlineSettings, FailoverSettings, RouteSettings } from './settings.ts';

export interface WorldParts {
  providers: readonly Provider[];
  /** Simulated assistants by model name: `sim/claude` and so on. */
  simulated: ReadonlyMap<string, Provider>;
  /** Services on this machine that nobody has written down: found by themselves. `targets`: their models, best first. */
  found?: { providers: readonly Provider[]; targets: readonly RouteTarget[] };
  /** A client's own vendor, for clients that are served without any configuration. */
  ownVendor(dialect: DialectName): Provider | undefined;
  routes: Readonly<Record<string, RouteSettings>>;
  deadlines: DeadlineSettings;
  failover: FailoverSettings;
  /** As in `World`. */
  claudeApi?: string;
}

/** Puts together what planning knows. Made anew by each reload. */
export function makeWorld(parts: WorldParts): World {
  const providers = new Map(parts.providers.map((provider) => [provider.name, provider]));
  const found = new Map(parts.found?.providers.map((provider) => [provider.name, provider]));
  const routes = new Map<string, Route>(Object.entries(parts.routes).map(([name, settings]) => [name, parseRoute(name, settings)]));
  const assistants = [...parts.simulated.keys()];
  for (const name of assistants) {
    // Each simulated assistant has the others as its understudies, so that an outage can be watched without a key.
    const others = assistants.filter((other) => other !== name);
    const targets = [name, ...others].map((model) => `sim/${model}`);
    routes.set(
      `sim/${name}`,
      parseRoute(`sim/${name}`, { targets, never: [], save: true, strict: false, whenClientLeaves: 'cancel', defer: false }),
    );
  }
  return {
    provider: (name, model) =>
      name === 'sim'
        ? parts.simulated.get(model)
        : (providers.get(name) ?? vendorNamed(parts, name) ?? found.get(name) ?? deskNamed(name, model)),
    providerNames: [...new Set([...providers.keys(), ...found.keys(), DESK]), 'sim'],
    ...(parts.found && { standIns: parts.found.targets }),
    routes,
    ownVendor: (dialect) => [...providers.values()].find((provider) => isVendorOf(parts, provider, dialect)) ?? parts.ownVendor(dialect),
    deadlines: parts.deadlines,
    failover: parts.failover,
    ...(parts.claudeApi !== undefined && { claudeApi: parts.claudeApi }),
  };
}

function deskNamed(name: string, model: string): Provider | undefined {
  return name === DESK && deskProvider.offers(model) ? deskProvider : undefined;
}

const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies DialectName[];

function isVendorOf(parts: WorldParts, provider: Provider, dialect: DialectName): boolean {
  const own = parts.ownVendor(dialect);
  return own !== undefined && provider.vendor === own.vendor && (provider.dialect === dialect || provider.faces?.has(dialect) === true);
}

/** Without configuration the vendors of the dialects are known by their names all the same. */
function vendorNamed(parts: WorldParts, name: string): Provider | undefined {
  if (parts.providers.length > 0) return undefined;
  return DIALECTS.map(parts.ownVendor).find((provider) => provider?.name === name);
}
