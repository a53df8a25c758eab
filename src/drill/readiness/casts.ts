import { dialectOf } from '../../dialects/all.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { makePlan, type World } from '../../failover/plan.ts';
import type { Route } from '../../failover/route.ts';
import { targetsOf } from '../../failover/stand-ins.ts';
import type { ExchangeSummary } from '../../journal/journal.ts';
import { findPreset } from '../../providers/catalogue.ts';
import { DESK } from '../../providers/desk.ts';
import type { ReadinessWish } from './report.ts';

/** A route as it is rehearsed: who is dead, and who has to stand in. */
export interface Cast {
  route: Route;
  /** The model that is asked for. */
  model: string;
  isDead(provider: string, model: string): boolean;
  /** `provider/model`, in the route's order. */
  dead: string[];
  backups: Backup[];
  leftOut: { target: string; reason: string }[];
  /** Complete exchanges of this route in the last thirty days, newest first. */
  past: ExchangeSummary[];
}

export interface Backup {
  target: string;
  provider: string;
  model: string;
}

/** The routes that were asked for; `my-routes`: all that are written. */
export function castsOf(
  world: World,
  past: readonly ExchangeSummary[],
  { on, lead }: Pick<ReadinessWish, 'on' | 'lead'>,
  alone: boolean,
): Result<Cast[], string> {
  const own = [...world.routes.values()].filter(({ name }) => !name.startsWith('sim/'));
  const all = own.map(({ name }) => name).join(', ');
  if (own.length === 0)
    return err('No route is written, so there is no backup to rehearse. Write one: routes: { default: [anthropic/*, openai/gpt-5.6] }');
  const chosen = on === 'my-routes' ? own : [...world.routes.values()].filter(({ name }) => name === on);
  if (chosen.length === 0) return err(`There is no route '${on}'. Routes: ${all}; my-routes means all of them.`);
  const casts = chosen.map((route) => castOf(world, route, past, lead, alone));
  const affected = lead === undefined ? casts : casts.filter(({ dead }) => dead.length > 0);
  if (affected.length === 0)
    return err(`No target of ${on === 'my-routes' ? 'your routes' : `route ${on}`} is ${lead}: --lead takes a provider or provider/model.`);
  return ok(affected);
}

function castOf(world: World, route: Route, all: readonly ExchangeSummary[], lead: string | undefined, alone: boolean): Cast {
  const past = all.filter((one) => one.route === route.name && one.runs === undefined);
  const model = modelOf(world, route, past);
  const targets = targetsOf(world, route, model).map(({ provider, model: name }) => ({ provider, model: name === '*' ? model : name }));
  const first = targets[0];
  const isDead = (provider: string, name: string): boolean =>
    lead === undefined ? provider === first?.provider && name === first.model : provider === lead || `${provider}/${name}` === lead;
  const dead = targets.filter((each) => isDead(each.provider, each.model)).map((each) => `${each.provider}/${each.model}`);
  const usable = usableOf(world, route, model, alone);
  const backups: Backup[] = [];
  const leftOut: Cast['leftOut'] = [...usable.skipped];
  for (const { provider, model: name } of usable.targets) {
    const target = `${provider}/${name}`;
    if (isDead(provider, name) || backups.some((known) => known.target === target)) continue;
    if (provider === DESK) {
      leftOut.push({ target, reason: 'it is no model, and always there' });
      continue;
    }
    backups.push({ target, provider, model: name });
  }
  return { route, model, isDead, dead, backups, leftOut: leftOut.filter(({ target }) => !dead.includes(target)), past };
}

/** Who is asked on this route, by the same rules as for a request: for a short one in words, without tools. */
function usableOf(
  world: World,
  route: Route,
  model: string,
  alone: boolean,
): { targets: { provider: string; model: string }[]; skipped: { target: string; reason: string }[] } {
  const body = Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }));
  const head = dialectOf('openai-chat').inspect(body, '/v1/chat/completions');
  if (!head.ok) return { targets: [], skipped: [] };
  // A lead that lives on its clients' own credential is no target for a request without one; it is dead here anyway.
  const plan = makePlan(world, {
    dialect: 'openai-chat',
    head: head.value,
    client: { credential: 'none', alone },
    route: route.name,
    body,
  });
  if (plan.ok) return { targets: plan.value.targets.map(({ target }) => target), skipped: plan.value.skipped };
  return { targets: [], skipped: route.targets.map((each) => ({ target: `${each.provider}/${each.model}`, reason: plan.error.message })) };
}

/** What this route is asked for most; without a past, its own name or what its first target has. */
function modelOf(world: World, route: Route, past: readonly ExchangeSummary[]): string {
  const counts = new Map<string, number>();
  for (const { model } of past) counts.set(model, (counts.get(model) ?? 0) + 1);
  const most = [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
  if (most !== undefined) return most;
  if (route.name !== 'default' && !/[*?[]/.test(route.name)) return route.name;
  const named = route.targets.find(({ model }) => model !== '*');
  const wild = route.targets.find(({ model }) => model === '*');
  const provider = wild && world.provider(wild.provider, '');
  const picks = provider && findPreset(provider.preset ?? provider.name)?.picks;
  return picks?.balanced ?? picks?.frontier ?? picks?.fast ?? named?.model ?? 'unknown';
}
