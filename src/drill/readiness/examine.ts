import { turnCost } from '../../failover/cost.ts';
import type { World } from '../../failover/plan.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { Price } from '../../providers/model-data.ts';
import { accessFindings } from './access-findings.ts';
import type { AskPorts } from './ask.ts';
import type { Backup } from './casts.ts';
import type { CheckCode } from './code.ts';
import { OUTAGES } from './dead-lead.ts';
import { fitnessFindings } from './fitness-findings.ts';
import { judgeBy } from './judge-model.ts';
import { LIMITS } from './limits.ts';
import type { Prompt } from './past.ts';
import { paceOf, quantile, type Scene } from './prepare.ts';
import { type Probed, probe } from './probe.ts';
import type { Purse } from './purse.ts';
import { carryOn, replay, type ReplayParts } from './replay.ts';
import type { Finding, Speed, TargetReport, Task } from './report.ts';
import { scoreOf } from './score.ts';

/** One backup of one route, in a drill. */
export interface Examination {
  ports: AskPorts;
  world: World;
  alone: boolean;
  scene: Scene;
  backup: Backup;
  /** Among the route's backups, from 1. */
  place: number;
  purse: Purse;
  check: CheckCode;
  tell(text: string): void;
  judge: string | undefined;
}

/** What two small questions have shown. */
export interface Looked {
  probed: Probed;
  access: ReturnType<typeof accessFindings>;
}

/** First of all: can it be asked? */
export async function lookAt({ ports, world, alone, scene, backup, purse, tell }: Examination): Promise<Looked> {
  tell('key, quota, model, tools');
  const probed = await probe(ports, world, scene.cast, backup, purse, alone);
  return { probed, access: accessFindings(backup, probed) };
}

/** Then what it makes of the user's own prompts, and of an answer that is cut. */
export async function examine(examination: Examination, { probed, access }: Looked, prompts: readonly Prompt[]): Promise<TargetReport> {
  const { ports, world, alone, scene, backup, place, purse, check, tell, judge } = examination;
  const { cast, usual, leadSpeed } = scene;
  const provider = world.provider(backup.provider, backup.model);
  const facts = provider?.facts(backup.model);
  const dataUse: Finding[] = provider ? [{ check: 'data use', state: 'good', said: dataUseOf(provider) }] : [];
  const base = { target: backup.target, dialect: provider?.dialect ?? ('openai-chat' as const), place };
  if (!access.usable || !facts) {
    const findings = [...access.findings, ...dataUse];
    const carriedOn = { state: 'unknown' as const, said: 'Not tried: it can not be asked.' };
    return { ...base, findings, tasks: [], carriedOn, speed: {}, ...scoreOf({ findings, tasks: [], carriedOn }) };
  }
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
  const carriedOn = await carryOn(replaying, scene.prompts);
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
  const firstWords = quantile([...ends.flatMap((each) => each.firstWords ?? []), ...tasks.flatMap((task) => task.firstWords ?? [])], 0.5);
  const tokensASecond = quantile(
    ends.flatMap((each) => paceOf(each.took, each.firstWords, each.tokens) ?? []),
    0.5,
  );
  return {
    ...(firstWords !== undefined && { firstWords: Math.round(firstWords) }),
    ...(tokensASecond !== undefined && { tokensASecond: Math.round(tokensASecond) }),
  };
}

/** What the lead is paid, and what the user's usual turn costs there. */
export function leadOf(world: World, { cast, usual }: Scene): { leadPrice?: Price; leadTurn?: number } {
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
