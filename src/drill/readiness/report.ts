import type { DialectName } from '../../exchange/dialect-name.ts';

/** What was wanted of a drill on one's own routes. Plain data. */
export interface ReadinessWish {
  /** `my-routes`, or the name of one. */
  on: string;
  /** Who is dead in it: `anthropic`, or `anthropic/claude-opus-5-1`; absent: each route's first target. */
  lead?: string;
  /** Of one's own prompts, at most so many for the first backup of each route. */
  sample: number;
  /** Dollars. */
  budget: number;
  /** Milliseconds. */
  time: number;
  /** `provider/model` that compares answers, where that is asked for. */
  judge?: string;
}

/** What is looked at in a backup. */
export type CheckName =
  | 'address'
  | 'key'
  | 'quota'
  | 'model'
  | 'context'
  | 'tools'
  | 'streaming'
  | 'speed'
  | 'cost'
  | 'failover'
  | 'answering'
  | 'data use';

/** What can be wrong with a backup, so that it can be counted on by name. */
export type PlantedFault =
  | 'wrong-base-url'
  | 'unreachable'
  | 'no-key'
  | 'key-refused'
  | 'quota-used-up'
  | 'rate-limited'
  | 'model-gone'
  | 'context-too-small'
  | 'no-tools'
  | 'no-streaming'
  | 'slow'
  | 'too-dear'
  | 'failing';

/** `unknown`: it was not looked at; `said` tells why. */
export interface Finding {
  check: CheckName;
  state: 'good' | 'look' | 'bad' | 'unknown';
  fault?: PlantedFault;
  /** One sentence. Never anything of a prompt. */
  said: string;
  /** What to do. */
  advice?: string;
}

export type TaskKind = 'code' | 'json' | 'tools' | 'long' | 'image' | 'other language' | 'words';

/** One comparison of the backup's answer with the kept one. */
export interface Comparison {
  what: 'answered' | 'refusal' | 'whole' | 'JSON' | 'tool call' | 'language' | 'length' | 'code' | 'judge';
  state: 'good' | 'look' | 'bad' | 'unchecked';
  said: string;
}

/** One of the user's own prompts, asked of a backup. */
export interface Task {
  /** The exchange that it was taken from. */
  exchange: string;
  /** The beginning of the prompt; looked up when it is shown, kept nowhere. */
  title?: string;
  kinds: TaskKind[];
  /** How the lead died for it. */
  outage: string;
  /** `refused`: there would have been no answer. `worse`: there was one, and it is not as good. `differs`: it may be. */
  result: 'passed' | 'differs' | 'worse' | 'refused' | 'not-asked';
  /** Why, in a few words that can be counted: `too long for it`, `JSON that does not parse`. */
  why?: string;
  comparisons: Comparison[];
  /** Milliseconds. */
  firstWords?: number;
  took?: number;
  /** Dollars. */
  cost?: number;
}

/** An answer whose lead died in the middle of it. */
export interface CarriedOn {
  state: 'good' | 'bad' | 'unknown';
  said: string;
}

/** Milliseconds and tokens a second; medians. */
export interface Speed {
  firstWords?: number;
  tokensASecond?: number;
}

export interface TargetReport {
  /** `provider/model`. */
  target: string;
  dialect: DialectName;
  /** Place among the route's backups, from 1. */
  place: number;
  score: number;
  /** Where points were lost: the greatest loss first. */
  losses: { points: number; why: string }[];
  findings: Finding[];
  carriedOn: CarriedOn;
  tasks: Task[];
  speed: Speed;
  /** Dollars for the user's usual turn; absent: no price is known. */
  usualTurn?: number;
}

/** What the user usually asks of a route. Tokens. */
export interface Usual {
  exchanges: number;
  inputP50?: number;
  inputP95?: number;
  outputP50?: number;
  /** Shares of 1, of the prompts that were looked at. */
  withTools: number;
  withJson: number;
}

export interface RouteReport {
  route: string;
  /** What was asked for: the model that this route is asked for most. */
  model: string;
  /** Targets that were dead. */
  dead: string[];
  score: number;
  /** `Your backup x/y would refuse 3 of your 12 usual tasks, because …`. */
  sentence: string;
  usual: Usual;
  leadSpeed: Speed;
  leadTurn?: number;
  targets: TargetReport[];
  /** Targets that may not have this content, or can't be asked, and why. */
  leftOut: { target: string; reason: string }[];
}

export interface ReadinessReport {
  version: 1;
  id: string;
  /** UTC milliseconds. */
  at: number;
  /** Milliseconds. */
  took: number;
  wish: ReadinessWish;
  /** 0 to 100. */
  score: number;
  sentence: string;
  routes: RouteReport[];
  requests: number;
  /** Dollars, by known prices. */
  spent: number;
  /** `whole`: all was done; the others: what ended it. */
  ended: 'whole' | 'budget' | 'time' | 'stopped';
  /** What was not looked at, and why. */
  unchecked: string[];
  /** Of all drills on one's own routes before it, the last. */
  before?: { at: number; score: number };
}

/** What would be done, shown before anything is. */
export interface ReadinessPlan {
  wish: ReadinessWish;
  routes: {
    route: string;
    model: string;
    dead: string[];
    backups: { target: string; requests: number; dollars?: number; dataUse?: string; local: boolean }[];
    leftOut: { target: string; reason: string }[];
    prompts: { exchange: string; title: string; kinds: TaskKind[]; at: number; tokens: number }[];
  }[];
  requests: number;
  /** By known prices; the drill ends before it has cost more than `wish.budget`. */
  dollars: number;
  /** Targets whose price nobody knows. */
  unpriced: string[];
  notes: string[];
}
