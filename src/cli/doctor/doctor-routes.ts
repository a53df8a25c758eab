import type { Loaded } from '../../config/load.ts';
import { findRoute, parseRoute, type Route } from '../../failover/route.ts';
import { AGENT_TURN, dollarsText, turnPrice } from '../../failover/turn-price.ts';
import { DESK } from '../../providers/desk.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Finding } from './doctor-finding.ts';

/** What each route would do; or, with a model, what becomes of a request for it. */
export function routeFindings(loaded: Loaded, model: string | undefined): Finding[] {
  const { settings, resolved } = loaded;
  const providers = new Map(resolved.providers.map((provider) => [provider.name, provider]));
  const routes = new Map(Object.entries(settings.routes).map(([pattern, route]) => [pattern, parseRoute(pattern, route)]));
  const { hopSpend } = settings.failover;
  if (model !== undefined) return [modelFinding(model, routes, providers, hopSpend)];
  return [...routes.values()].map((route) => routeFinding(route, undefined, providers, hopSpend));
}

function modelFinding(
  model: string,
  routes: ReadonlyMap<string, Route>,
  providers: ReadonlyMap<string, Provider>,
  hopSpend: number,
): Finding {
  const about = `model ${model}`;
  if (model.startsWith('sim/')) return { about, state: 'good', said: 'a simulated assistant, always there' };
  const route = findRoute(routes, model, (name) => providers.has(name));
  if (route && !routes.has(route.name)) return { ...exactFinding(route, providers), about };
  if (route) return { ...routeFinding(route, model, providers, hopSpend), about };
  if (routes.size > 0) return { about, state: 'bad', said: 'no route knows it', advice: 'Add a route for it, or a route named default.' };
  return {
    about,
    state: 'look',
    said: "there are no routes: it goes to its client's own vendor, without a backup",
    advice: 'Write a route: docs/configuration.md.',
  };
}

/** `provider/model`: what somebody asks for by its full name is asked of nobody else. */
function exactFinding(route: Route, providers: ReadonlyMap<string, Provider>): Omit<Finding, 'about'> {
  const target = route.targets[0]!;
  const reason = whyNot(route, providers.get(target.provider), target.provider, undefined);
  if (reason !== undefined) return { state: 'bad', said: `asks exactly this target, and may not: ${reason}` };
  return { state: 'good', said: 'asks exactly this target, without a backup: a name with a provider in front goes nowhere else' };
}

function routeFinding(route: Route, model: string | undefined, providers: ReadonlyMap<string, Provider>, hopSpend: number): Finding {
  const usable: string[] = [];
  const skipped: string[] = [];
  const prices: { name: string; dollars: number }[] = [];
  const hasDesk = route.targets.some(({ provider }) => provider === DESK && !providers.has(DESK));
  for (const target of route.targets) {
    // No model: whoever has nobody else has no backup.
    if (target.provider === DESK && hasDesk) continue;
    const provider = providers.get(target.provider);
    const asked = target.model === '*' ? model : target.model;
    const name = `${target.provider}/${asked ?? '*'}`;
    const reason = whyNot(route, provider, target.provider, target.model === '*' ? asked : undefined);
    const dollars = reason === undefined && usable.length > 0 && asked !== undefined ? turnPrice(provider, asked) : undefined;
    if (dollars !== undefined && dollars > 0) prices.push({ name, dollars });
    if (reason !== undefined) skipped.push(`${name} is skipped: ${reason}`);
    else if (provider?.credential.type === 'client') usable.push(`${name} (own clients only: no key)`);
    else usable.push(name);
  }
  if (route.here !== undefined) usable.push('models on this machine');
  const about = `route ${route.name}`;
  const each = prices.map(({ name, dollars }) => `${dollarsText(dollars)} at ${name}`).join(', ');
  const costs = each === '' ? [] : [`a turn of ${AGENT_TURN / 1000}k tokens would cost about ${each}`];
  const said =
    [usable.join(' → ') || 'nobody', ...skipped, ...(hasDesk ? ['at last the offline desk, which is no model'] : []), ...costs].join('; ') +
    (route.save ? '' : '; nothing is saved');
  if (usable.length === 0) return { about, state: 'bad', said, advice: 'Every target is excluded: change targets, allow or never.' };
  if (usable.length === 1) return { about, state: 'look', said, advice: 'There is no backup: add a second target.' };
  const dear = prices.filter(({ dollars }) => dollars > hopSpend);
  if (dear.length > 0) {
    const names = dear.map(({ name }) => name).join(', ');
    return {
      about,
      state: 'look',
      said,
      advice: `That is more than one switch may cost at ${names}: raise failover.hopSpend if you want it.`,
    };
  }
  return { about, state: 'good', said };
}

function whyNot(route: Route, provider: Provider | undefined, name: string, wildModel: string | undefined): string | undefined {
  if (!provider) return `there is no provider named ${name}`;
  if (route.allow && !route.allow.includes(name)) return 'allow does not name it';
  if (route.never.includes(name)) return 'never names it';
  if (wildModel !== undefined && !provider.offers(wildModel)) return `it does not offer ${wildModel}`;
  return undefined;
}
