import { Agent } from 'node:http';
import type { Clock } from '../exchange/clock.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { seeded } from '../sim/seeded.ts';
import { incidentTime, stageTime } from './incident-time.ts';
import type { Verdict } from './judge.ts';
import { judge } from './judge.ts';
import type { Heard } from './listen.ts';
import { ask } from './listen.ts';
import type { Question } from './question.ts';
import { askQuestion, DRILL_KEY } from './question.ts';
import type { Score, Tally } from './scoreboard.ts';
import { tally } from './scoreboard.ts';
import type { Script, ScriptEvent, Traffic } from './script.ts';
import type { Stage } from './stage.ts';

/** `straight`: to the lead, with nothing in between. */
export type Side = 'straight' | 'understudy';

/** What there is to watch while a drill runs; `at` is the incident's time, UTC milliseconds. */
export type DrillNews =
  | { type: 'headline'; at: number; say: string }
  | { type: 'tick'; at: number; share: number; active: ScriptEvent[] }
  | { type: 'judged'; at: number; side: Side; verdict: Verdict; number: number; answeredBy?: string };

/** The Understudy that is rehearsed: a private one, or one that runs already. */
export interface Understudy {
  origin: string;
  close(): Promise<void>;
}

export interface DrillPorts {
  clock: Clock;
  /** Simulated providers, a set for each side, so that neither uses up the other's faults. */
  raise(script: Script, seed: number, fixedPorts: boolean): Promise<Result<Stage, string>>;
  understudy(stage: Stage, script: Script): Promise<Result<Understudy, string>>;
}

export interface DrillOptions {
  seed: number;
  /** The providers' fixed ports are used, for an Understudy that was started apart. */
  fixedPorts: boolean;
  watch(news: DrillNews): void;
  /** Ends the drill early; what was asked is still waited for. */
  signal: AbortSignal;
}

export interface DrillReport {
  script: string;
  seed: number;
  /** Real milliseconds. */
  took: number;
  ended: 'whole' | 'early';
  straight: Score;
  understudy: Score;
  /** Requests that reached the simulated providers of the rehearsed side. */
  upstreamRequests: number;
}

const TICK = 250;

/** Asks the same questions straight and through Understudy while the script's faults strike both alike. */
export async function runDrill(script: Script, ports: DrillPorts, options: DrillOptions): Promise<Result<DrillReport, string>> {
  const direct = await ports.raise(script, options.seed, false);
  if (!direct.ok) return direct;
  const behind = await ports.raise(script, options.seed, options.fixedPorts);
  if (!behind.ok) {
    await direct.value.close();
    return behind;
  }
  const understudy = await ports.understudy(behind.value, script);
  const agent = new Agent({ keepAlive: true });
  try {
    return understudy.ok
      ? await perform(script, ports.clock, options, direct.value, behind.value, understudy.value.origin, agent)
      : understudy;
  } finally {
    agent.destroy();
    if (understudy.ok) await understudy.value.close();
    await Promise.all([direct.value.close(), behind.value.close()]);
  }
}

async function perform(
  script: Script,
  clock: Clock,
  options: DrillOptions,
  direct: Stage,
  behind: Stage,
  origin: string,
  agent: Agent,
): Promise<Result<DrillReport, string>> {
  const listening = { patience: script.patience, retries: script.retries, agent, clock };
  const straightTo = (question: Question): Promise<Heard> =>
    ask(question, { ...listening, origin: direct.origins[providerOf(question.kind.straight)]! });

  const calm = new Map<Traffic, number>();
  for (const kind of script.traffic) {
    const question = questionTo(script, 0, kind, 'straight');
    const heard = await straightTo(question);
    const verdict = judge(heard, question.expected);
    if (verdict !== 'whole')
      return err(
        `The simulated assistant ${kind.straight} did not answer on a quiet day (${verdict}). This is a fault of the drill itself.`,
      );
    calm.set(kind, heard.took);
  }

  const sides: Record<Side, Tally> = { straight: tally(), understudy: tally() };
  const begun = clock.monotonic();
  const incidentNow = (): number => incidentTime(script.scale, Math.min(clock.monotonic() - begun, script.scale.lasts));
  direct.begin();
  behind.begin();

  const settle = async (side: Side, question: Question, hearing: Promise<Heard>): Promise<void> => {
    sides[side].asked();
    const heard = await hearing;
    const verdict = judge(heard, question.expected);
    sides[side].judged(verdict, Math.max(0, heard.took - calm.get(question.kind)!), {
      ...(heard.answeredBy !== undefined && { answeredBy: heard.answeredBy }),
      ...(heard.reading?.error !== undefined && { error: heard.reading.error }),
    });
    options.watch({
      type: 'judged',
      at: incidentNow(),
      side,
      verdict,
      number: question.number,
      ...(heard.answeredBy !== undefined && { answeredBy: heard.answeredBy }),
    });
  };

  const stopNews = tellNews(script, clock, begun, options);
  const underWay: Promise<void>[] = [];
  const random = seeded(options.seed);
  let number = 0;
  let next = 0;
  while (!options.signal.aborted && clock.monotonic() - begun < script.scale.lasts) {
    const kind = pick(script.traffic, random());
    number++;
    const straightQuestion = questionTo(script, number, kind, 'straight');
    const question = questionTo(script, number, kind, 'understudy');
    underWay.push(settle('straight', straightQuestion, straightTo(straightQuestion)));
    underWay.push(settle('understudy', question, ask(question, { ...listening, origin })));
    // Arrivals of many independent people: gaps are exponentially distributed.
    next += (-Math.log(1 - random()) * 1000) / script.perSecond;
    await pause(clock, Math.min(next, script.scale.lasts) - (clock.monotonic() - begun), options.signal);
  }
  await Promise.all(underWay);
  stopNews();
  return ok({
    script: script.name,
    seed: options.seed,
    took: clock.monotonic() - begun,
    ended: options.signal.aborted ? 'early' : 'whole',
    straight: sides.straight.score(),
    understudy: sides.understudy.score(),
    upstreamRequests: behind.requests(),
  });
}

function questionTo(script: Script, number: number, kind: Traffic, side: Side): Question {
  const provider = providerOf(kind.straight);
  const model = side === 'straight' ? kind.straight.slice(provider.length + 1) : kind.model;
  return askQuestion(number, kind, model, script.assistants[provider]!.pace);
}

function providerOf(target: string): string {
  return target.slice(0, target.indexOf('/'));
}

/** Kinds of traffic by their shares; `at` in [0, 1). */
function pick(kinds: readonly Traffic[], at: number): Traffic {
  let left = at * kinds.reduce((sum, kind) => sum + kind.share, 0);
  for (const kind of kinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return kinds.at(-1)!;
}

/** Ticks and headlines as the incident's time passes them. */
function tellNews(script: Script, clock: Clock, begun: number, options: DrillOptions): () => void {
  const cancel: (() => void)[] = [];
  for (const headline of script.headlines) {
    const due = stageTime(script.scale, headline.at);
    cancel.push(clock.after(due, () => options.watch({ type: 'headline', ...headline })));
  }
  let stopped = false;
  const tick = (): void => {
    if (stopped) return;
    const elapsed = Math.min(clock.monotonic() - begun, script.scale.lasts);
    const at = incidentTime(script.scale, elapsed);
    const active = script.events.filter((event) => event.at <= at && at < event.until);
    options.watch({ type: 'tick', at, share: elapsed / script.scale.lasts, active });
    cancel.push(clock.after(TICK, tick));
  };
  tick();
  return () => {
    stopped = true;
    for (const each of cancel) each();
  };
}

function pause(clock: Clock, span: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (span <= 0 || signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(span, done);
    signal.addEventListener('abort', done);
  });
}

/** What the drill's own Understudy is told: who there is and in which order. */
export function castOf(stage: Stage, script: Script): { providers: Record<string, CastProvider>; routes: Record<string, string[]> } {
  const providers: Record<string, CastProvider> = {};
  for (const [name, assistant] of Object.entries(script.assistants)) {
    providers[name] = {
      dialect: assistant.dialect,
      baseUrl: assistant.dialect.startsWith('openai-') ? `${stage.origins[name]}/v1` : stage.origins[name]!,
      apiKey: DRILL_KEY,
      ...(assistant.preset !== undefined && { preset: assistant.preset }),
    };
  }
  return { providers, routes: script.routes };
}

export interface CastProvider {
  preset?: string;
  dialect: string;
  baseUrl: string;
  apiKey: string;
}
