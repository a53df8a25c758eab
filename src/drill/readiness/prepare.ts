import { dialectOf } from '../../dialects/all.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { World } from '../../failover/plan.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { ExchangeSummary } from '../../journal/journal.ts';
import { seeded } from '../../sim/seeded.ts';
import { type Backup, type Cast, castsOf } from './casts.ts';
import { type PastJournal, pastExchanges, type Prompt, promptOf } from './past.ts';
import { PROBE_REQUESTS, probeCost } from './probe.ts';
import { promptCost } from './replay.ts';
import type { ReadinessPlan, ReadinessWish, Speed, Usual } from './report.ts';
import { candidates, sampleOf } from './sample.ts';

/** A drill that is ready to go: what would be asked of whom. */
export interface Prepared {
  wish: ReadinessWish;
  scenes: Scene[];
  plan: ReadinessPlan;
  unchecked: string[];
}

/** A route with the prompts that are tried on its backups. */
export interface Scene {
  cast: Cast;
  prompts: Prompt[];
  usual: Usual;
  leadSpeed: Speed;
}

export interface PrepareParts {
  world: World;
  journal: PastJournal;
  /** UTC milliseconds. */
  now: number;
  /** Only this machine's own user asks. */
  alone: boolean;
}

/** Exchanges that are read for a sample, in proportion to it. */
const READ_FOR_EACH = 4;
/** Of backups after the first, which are needed only if that fails too: this share of the sample, at least two. */
const LATER_SHARE = 1 / 3;

/** Finds out what a drill would do, without asking anybody. */
export async function prepare({ world, journal, now, alone }: PrepareParts, wish: ReadinessWish): Promise<Result<Prepared, string>> {
  const past = await pastExchanges(journal, now);
  const casts = castsOf(world, past, wish, alone);
  if (!casts.ok) return casts;
  if (wish.judge !== undefined && !wish.judge.includes('/')) return err(`--judge takes provider/model, not ${wish.judge}.`);
  const unchecked: string[] = [];
  const scenes: Scene[] = [];
  for (const cast of casts.value) scenes.push(await sceneOf(cast, journal, wish, now, unchecked));
  return ok({ wish, scenes, plan: planOf(world, wish, scenes, unchecked), unchecked });
}

async function sceneOf(cast: Cast, journal: PastJournal, wish: ReadinessWish, now: number, unchecked: string[]): Promise<Scene> {
  const prompts: Prompt[] = [];
  let [unsaved, unrepeatable] = [0, 0];
  const { route, past } = cast;
  if (route.save && wish.sample > 0) {
    for (const { id } of candidates(past, wish.sample * READ_FOR_EACH, seeded(now))) {
      const kept = await journal.recall(id);
      const found = kept && promptOf(kept, dialectOf(kept.opening.dialect));
      if (typeof found === 'object') prompts.push(found);
      else if (found === 'not kept') unsaved += 1;
      else if (found === 'not repeatable') unrepeatable += 1;
    }
  }
  const say = (text: string): number => unchecked.push(`Route ${route.name}: ${text}`);
  if (!route.save) say('save: off, so none of its prompts is kept, and none was tried.');
  else if (past.length === 0) say('nothing was asked on it in the last thirty days, so no prompt of yours was tried.');
  else if (prompts.length === 0) say('none of the last thirty days’ prompts could be tried.');
  if (unsaved > 0) say(`${unsaved} exchanges were not kept (save: off), and left alone.`);
  if (unrepeatable > 0) say(`${unrepeatable} prompts go on from what only their vendor's servers know, and can not be tried elsewhere.`);
  const usual = usualOf(past, prompts);
  return { cast, prompts: sampleOf(prompts, wish.sample, usual.inputP95), usual, leadSpeed: leadSpeedOf(cast, past, prompts) };
}

function usualOf(past: readonly ExchangeSummary[], prompts: readonly Prompt[]): Usual {
  const inputs = past.flatMap(({ usage }) => usage?.input ?? []);
  const outputs = past.flatMap(({ usage }) => usage?.output ?? []);
  const sizes = inputs.length > 0 ? inputs : prompts.map(({ input }) => input);
  const share = (fits: (prompt: Prompt) => boolean): number => (prompts.length === 0 ? 0 : prompts.filter(fits).length / prompts.length);
  const [inputP50, inputP95, outputP50] = [
    quantile(sizes, 0.5),
    quantile(sizes, 0.95),
    quantile(outputs.length > 0 ? outputs : prompts.map(({ output }) => output), 0.5),
  ];
  return {
    exchanges: past.length,
    ...(inputP50 !== undefined && { inputP50 }),
    ...(inputP95 !== undefined && { inputP95 }),
    ...(outputP50 !== undefined && { outputP50 }),
    withTools: share(({ kinds }) => kinds.includes('tools')),
    withJson: share(({ kinds }) => kinds.includes('json')),
  };
}

/** As its answers of the last thirty days were. */
function leadSpeedOf({ dead }: Cast, past: readonly ExchangeSummary[], prompts: readonly Prompt[]): Speed {
  const whole = past.flatMap(({ attempts, usage }) =>
    attempts
      .filter(({ target, outcome }) => dead.includes(target) && outcome === 'whole')
      .map((attempt) => ({ ...attempt, output: usage?.output })),
  );
  const firstWords = quantile(
    prompts.flatMap(({ first }) => (first && dead.includes(first.target) ? [first.after] : [])),
    0.5,
  );
  const tokensASecond = quantile(
    whole.flatMap(({ took, firstEventAfter, output }) => paceOf(took, firstEventAfter, output) ?? []),
    0.5,
  );
  return { ...(firstWords !== undefined && { firstWords }), ...(tokensASecond !== undefined && { tokensASecond }) };
}

/** Tokens a second; nothing where an answer was too short or too quick for a pace. */
export function paceOf(took: number | undefined, firstWords: number | undefined, tokens: number | undefined): number | undefined {
  if (took === undefined || firstWords === undefined || tokens === undefined || tokens < 10) return undefined;
  const span = took - firstWords;
  return span < 50 ? undefined : (1000 * tokens) / span;
}

export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Those of the sample that a backup is asked: all of them at the first that can be asked, some at those behind it. */
export function promptsFor(prompts: readonly Prompt[], isFirst: boolean): Prompt[] {
  return isFirst ? [...prompts] : prompts.slice(0, Math.max(2, Math.round(prompts.length * LATER_SHARE)));
}

function planOf(world: World, wish: ReadinessWish, scenes: readonly Scene[], notes: readonly string[]): ReadinessPlan {
  const routes = scenes.map(({ cast, prompts }) => ({
    route: cast.route.name,
    model: cast.model,
    dead: cast.dead,
    backups: cast.backups.map((backup, index) => expected(world, backup, promptsFor(prompts, index === 0), wish)),
    leftOut: cast.leftOut,
    prompts: prompts.map(({ exchange, title, kinds, at, input }) => ({ exchange, title, kinds, at, tokens: input })),
  }));
  const backups = routes.flatMap((route) => route.backups);
  return {
    wish,
    routes,
    requests: backups.reduce((sum, { requests }) => sum + requests, 0),
    dollars: backups.reduce((sum, { dollars }) => sum + (dollars ?? 0), 0),
    unpriced: [...new Set(backups.filter(({ dollars, local }) => dollars === undefined && !local).map(({ target }) => target))],
    notes: [...notes],
  };
}

function expected(
  world: World,
  backup: Backup,
  prompts: readonly Prompt[],
  wish: ReadinessWish,
): ReadinessPlan['routes'][number]['backups'][number] {
  const provider = world.provider(backup.provider, backup.model);
  const preset = provider && findPreset(provider.preset ?? provider.name);
  const price = provider?.facts(backup.model).price;
  const carried = prompts[0];
  const costs = [...prompts, ...(carried ? [carried] : [])].map((prompt) => promptCost(world, backup, prompt) ?? 0);
  const dollars = price && costs.reduce((sum, each) => sum + each, probeCost(price) ?? 0);
  return {
    target: backup.target,
    requests: PROBE_REQUESTS * (provider?.accounts?.length ?? 1) + costs.length + (wish.judge === undefined ? 0 : prompts.length),
    ...(dollars !== undefined && { dollars }),
    ...(preset && { dataUse: preset.dataUse }),
    local: provider?.local === true,
  };
}
