import { exchangeId } from '../../exchange/ids.ts';
import { turnCost } from '../../failover/cost.ts';
import type { World } from '../../failover/plan.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { Price } from '../../providers/model-data.ts';
import { accessFindings } from './access-findings.ts';
import type { AskPorts } from './ask.ts';
import type { Backup } from './casts.ts';
import { codeChecker, type CheckCode } from './code.ts';
import { OUTAGES } from './dead-lead.ts';
import { fitnessFindings } from './fitness-findings.ts';
import { judgeBy } from './judge-model.ts';
import { LIMITS } from './limits.ts';
import { paceOf, type Prepared, promptsFor, quantile, type Scene } from './prepare.ts';
import { type Probed, probe } from './probe.ts';
import { openPurse, type Purse } from './purse.ts';
import { carryOn, replay, type ReplayParts } from './replay.ts';
import type { Finding, ReadinessReport, RouteReport, Speed, TargetReport, Task } from './report.ts';
import { routeScore, routeSentence, scoreOf, totalScore } from './score.ts';

/** A step of a drill that has been taken. */
export interface Step {
  route: string;
  target: string;
  /** `openai/gpt-5.6: 3 of 12 of your prompts`. */
  text: string;
  /** Of all requests, so many are done: 0 to 1. */
  share: number;
}

export interface ConductParts {
  ports: AskPorts;
  world: World;
  alone: boolean;
  signal: AbortSignal;
  step(step: Step): void;
  id?: string;
  before?: { at: number; score: number };
}

/** Does what was prepared. Backups at different providers are asked at the same time, one question at a time each. */
export async function conduct(prepared: Prepared, parts: ConductParts): Promise<ReadinessReport> {
  const { wish, scenes, plan } = prepared;
  const { ports, world, signal } = parts;
  const { clock, random } = ports;
  const at = clock.now();
  const began = clock.monotonic();
  const purse = openPurse(clock, wish.budget, wish.time, signal);
  const check = codeChecker(clock);
  const targets = scenes.map((): TargetReport[] => []);
  const jobs = new Map<string, (() => Promise<void>)[]>();
  for (const [index, scene] of scenes.entries()) {
    for (const [order, backup] of scene.cast.backups.entries()) {
      const job = async (): Promise<void> => {
        const tell = (text: string): void =>
          parts.step({
            route: scene.cast.route.name,
            target: backup.target,
            text: `${backup.target}: ${text}`,
            share: Math.min(1, purse.requests() / Math.max(1, plan.requests)),
          });
        targets[index]!.push(await examine({ parts, scene, backup, place: order + 1, purse, check, tell, judge: wish.judge }));
      };
      jobs.set(backup.provider, [...(jobs.get(backup.provider) ?? []), job]);
    }
  }
  await Promise.all(
    [...jobs.values()].map(async (line) => {
      for (const job of line) await job();
    }),
  );
  const routes = scenes.map((scene, index) => routeReport(scene, targets[index]!, world));
  const score = totalScore(routes);
  return {
    version: 1,
    id: parts.id ?? exchangeId(at, random).replace(/^x_/, 'd_'),
    at,
    took: Math.round(clock.monotonic() - began),
    wish,
    score,
    sentence: routes.length === 1 ? routes[0]!.sentence : summary(routes),
    routes,
    requests: purse.requests(),
    spent: Number(purse.spent().toPrecision(6)),
    ended: purse.ended(),
    unchecked: [...prepared.unchecked, ...uncheckedIn(routes)],
    ...(parts.before && { before: parts.before }),
  };
}

interface Examination {
  parts: ConductParts;
  scene: Scene;
  backup: Backup;
  place: number;
  purse: Purse;
  check: CheckCode;
  tell(text: string): void;
  judge: string | undefined;
}

async function examine({ parts, scene, backup, place, purse, check, tell, judge }: Examination): Promise<TargetReport> {
  const { ports, world, alone } = parts;
  const { cast, usual, leadSpeed } = scene;
  const provider = world.provider(backup.provider, backup.model);
  tell('key, quota, model, tools');
  const probed = await probe(ports, world, cast, backup, purse, alone);
  const access = accessFindings(backup, probed);
  const facts = provider?.facts(backup.model);
  const dataUse: Finding[] = provider ? [{ check: 'data use', state: 'good', said: dataUseOf(provider) }] : [];
  const base = { target: backup.target, dialect: provider?.dialect ?? ('openai-chat' as const), place };
  if (!access.usable || !facts) {
    const findings = [...access.findings, ...dataUse];
    const carriedOn = { state: 'unknown' as const, said: 'Not tried: it can not be asked.' };
    return { ...base, findings, tasks: [], carriedOn, speed: {}, ...scoreOf({ findings, tasks: [], carriedOn }) };
  }
  const prompts = promptsFor(scene.prompts, place);
  const replaying: ReplayParts = {
    ports,
    world,
    cast,
    backup,
    purse,
    check,
    alone,
    ...(judge !== undefined && { judge: judgeBy({ ports, world, purse, alone }, cast, judge) }),
  };
  const tasks: Task[] = [];
  for (const [index, prompt] of prompts.entries()) {
    tell(`${index + 1} of ${prompts.length} of your prompts`);
    tasks.push(await replay(replaying, prompt, OUTAGES[index % OUTAGES.length]!));
  }
  tell('an answer that is cut in its middle');
  const carriedOn = await carryOn(replaying, prompts);
  const speed = speedOf(probed, tasks);
  const { leadPrice } = leadOf(world, scene);
  const fitness = {
    model: backup.model,
    facts,
    probed,
    usual,
    tasks,
    speed,
    leadSpeed,
    leadPrice,
    caps: world.failover,
    limits: LIMITS,
  };
  const findings = [...access.findings, ...fitnessFindings(fitness), ...dataUse];
  const { inputP50, outputP50 } = usual;
  const usualTurn = facts.price && inputP50 !== undefined ? turnCost(facts.price, inputP50, undefined, false, outputP50) : undefined;
  return {
    ...base,
    findings,
    tasks,
    carriedOn,
    speed,
    ...(usualTurn !== undefined && { usualTurn }),
    ...scoreOf({ findings, tasks, carriedOn }),
  };
}

function dataUseOf(provider: NonNullable<ReturnType<World['provider']>>): string {
  if (provider.local) return 'What is asked stays on this machine or network.';
  const preset = findPreset(provider.preset ?? provider.name);
  if (preset) return preset.dataUse;
  const where = URL.canParse(provider.baseUrl) ? new URL(provider.baseUrl).host : provider.name;
  return `Goes to ${where}; what becomes of it there is not known here.`;
}

/** Medians, over the small question and the user's own. */
function speedOf({ accounts }: Probed, tasks: readonly Task[]): Speed {
  const heard = accounts.flatMap(({ words }) => (words?.outcome === 'whole' ? [words] : []));
  const ends = heard.flatMap(({ attempts, answer, firstWords: first }) => {
    const end = attempts.at(-1)?.end;
    return end ? [{ took: end.took, firstWords: first, tokens: answer.usage?.output }] : [];
  });
  const firstWords = quantile(
    [...ends.flatMap((each) => each.firstWords ?? []), ...tasks.flatMap((task) => task.firstWords ?? [])],
    0.5,
  );
  const tokensASecond = quantile(
    ends.flatMap((each) => paceOf(each.took, each.firstWords, each.tokens) ?? []),
    0.5,
  );
  return {
    ...(firstWords !== undefined && { firstWords: Math.round(firstWords) }),
    ...(tokensASecond !== undefined && { tokensASecond: Math.round(tokensASecond) }),
  };
}

function leadOf(world: World, { cast, usual }: Scene): { leadPrice?: Price; leadTurn?: number } {
  const [name] = cast.dead;
  if (name === undefined) return {};
  const slash = name.indexOf('/');
  const model = name.slice(slash + 1);
  const leadPrice = world.provider(name.slice(0, slash), model)?.facts(model).price;
  if (!leadPrice) return {};
  return usual.inputP50 === undefined
    ? { leadPrice }
    : { leadPrice, leadTurn: turnCost(leadPrice, usual.inputP50, undefined, false, usual.outputP50) };
}

function routeReport(scene: Scene, found: readonly TargetReport[], world: World): RouteReport {
  const { cast, usual, leadSpeed } = scene;
  const targets = found.toSorted((one, other) => one.place - other.place);
  const { leadTurn } = leadOf(world, scene);
  return {
    route: cast.route.name,
    model: cast.model,
    dead: cast.dead,
    score: routeScore(targets),
    sentence: routeSentence({ targets, dead: cast.dead }),
    usual,
    leadSpeed,
    ...(leadTurn !== undefined && { leadTurn }),
    targets,
    leftOut: cast.leftOut,
  };
}

function summary(routes: readonly RouteReport[]): string {
  const worst = routes.toSorted((one, other) => one.score - other.score)[0]!;
  return `Of ${routes.length} routes the least ready is ${worst.route} (${worst.score}): ${worst.sentence}`;
}

function uncheckedIn(routes: readonly RouteReport[]): string[] {
  const tasks = routes.flatMap(({ targets }) => targets.flatMap((target) => target.tasks));
  const left = tasks.filter(({ result }) => result === 'not-asked');
  const reasons = [...new Set(left.flatMap(({ why }) => why ?? []))];
  const code = tasks.flatMap(({ comparisons }) => comparisons.filter(({ state }) => state === 'unchecked')).map(({ said }) => said);
  return [
    ...(left.length > 0 ? [`${left.length} of ${tasks.length} of your prompts were not tried: ${reasons.join('; ')}.`] : []),
    ...new Set(code),
  ];
}
