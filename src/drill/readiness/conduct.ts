import { exchangeId } from '../../exchange/ids.ts';
import type { World } from '../../failover/plan.ts';
import type { AskPorts } from './ask.ts';
import { codeChecker } from './code.ts';
import { examine, type Examination, leadOf, lookAt } from './examine.ts';
import { type Prepared, promptsFor, type Scene } from './prepare.ts';
import { openPurse } from './purse.ts';
import type { ReadinessReport, RouteReport, TargetReport } from './report.ts';
import { routeScore, routeSentence, totalScore } from './score.ts';

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
  const all = scenes.map((scene) =>
    scene.cast.backups.map((backup, order): Examination => ({
      ports,
      world,
      alone: parts.alone,
      scene,
      backup,
      place: order + 1,
      purse,
      check,
      judge: wish.judge,
      tell: (text) =>
        parts.step({
          route: scene.cast.route.name,
          target: backup.target,
          text: `${backup.target}: ${text}`,
          share: Math.min(1, purse.requests() / Math.max(1, plan.requests)),
        }),
    })),
  );
  const looked = new Map(await inLines(all.flat(), async (one) => [one, await lookAt(one)] as const));
  const examined = await inLines(all.flat(), async (one) => {
    const before = all.find((line) => line.includes(one))!.slice(0, one.place - 1);
    // Who can be asked first in an outage is looked at most closely.
    const isFirst = before.every((other) => !looked.get(other)!.access.usable);
    return examine(one, looked.get(one)!, promptsFor(one.scene.prompts, isFirst));
  });
  const targets = all.map((line) => examined.filter((_, index) => line.includes(all.flat()[index]!)));
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

/** Backups at different providers at the same time, those of one provider one after the other. Results in the order of `all`. */
async function inLines<Result>(all: readonly Examination[], work: (one: Examination) => Promise<Result>): Promise<Result[]> {
  const results = new Map<Examination, Result>();
  const lines = Map.groupBy(all, ({ backup }) => backup.provider);
  await Promise.all(
    [...lines.values()].map(async (line) => {
      for (const one of line) results.set(one, await work(one));
    }),
  );
  return all.map((one) => results.get(one)!);
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
