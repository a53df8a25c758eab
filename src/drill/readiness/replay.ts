import type { Fault } from '../../exchange/fault.ts';
import { turnCost } from '../../failover/cost.ts';
import { makePlan, type Plan, type World } from '../../failover/plan.ts';
import { askOnce, type AskPorts, type Heard } from './ask.ts';
import type { Backup, Cast } from './casts.ts';
import type { CheckCode } from './code.ts';
import { compare } from './compare.ts';
import { type Outage, withDeadLead, worldWithout } from './dead-lead.ts';
import { TOO_LONG } from './fitness-findings.ts';
import { textOf } from './kinds.ts';
import type { Prompt } from './past.ts';
import type { Purse } from './purse.ts';
import type { CarriedOn, Comparison, Task } from './report.ts';

/** What a replay works with. */
export interface ReplayParts {
  ports: AskPorts;
  world: World;
  cast: Cast;
  backup: Backup;
  purse: Purse;
  check: CheckCode;
  /** Compares two answers where rules can't; asked only where the user wants it. */
  judge?: (prompt: Prompt, heard: Heard) => Promise<Comparison | undefined>;
  alone: boolean;
}

/** Dollars that a prompt is expected to cost at a backup. */
export function promptCost(world: World, backup: Backup, { input, output, head }: Prompt): number | undefined {
  const provider = world.provider(backup.provider, backup.model);
  const price = provider?.facts(backup.model).price;
  if (!price) return provider?.local ? 0 : undefined;
  return turnCost(price, input, head.maxOutputTokens, false, Math.ceil(1.2 * output));
}

/** Asks one of the user's prompts with a dead lead, through the engine, and compares what the backup says with what is kept. */
export async function replay(parts: ReplayParts, prompt: Prompt, outage: Exclude<Outage, object>): Promise<Task> {
  const task = { exchange: prompt.exchange, kinds: prompt.kinds, outage };
  const asked = await askWithout(parts, prompt, outage);
  if (asked.type === 'refused') return { ...task, result: 'refused', why: asked.why, comparisons: [failed(asked.why)] };
  if (asked.type === 'not-asked') return { ...task, result: 'not-asked', why: asked.why, comparisons: [] };
  const { heard } = asked;
  const own = heard.attempts.filter(({ target }) => target === parts.backup.target).at(-1)?.end;
  const measured = {
    ...(heard.firstWords !== undefined && prompt.head.stream && { firstWords: Math.round(heard.firstWords) }),
    ...(own && { took: Math.round(own.took) }),
    ...(own?.cost !== undefined && { cost: own.cost }),
  };
  if (heard.outcome !== 'whole') {
    if (heard.because === 'money' || heard.because === 'stopped' || isOfOtherHeaders(prompt, heard))
      return { ...task, ...measured, result: 'not-asked', why: unheardWhy(heard), comparisons: [] };
    const why = heard.because === 'time' ? 'it gave no answer in time' : whyOf(heard, parts.backup);
    return { ...task, ...measured, result: 'refused', why, comparisons: [failed(why)] };
  }
  const answered: Comparison = { what: 'answered', state: 'good', said: 'The answer arrived whole.' };
  const comparisons = [answered, ...(await compare(prompt.request, prompt.answer, heard.answer, parts.check))];
  const judged = comparisons.some(({ state }) => state === 'bad') ? undefined : await parts.judge?.(prompt, heard);
  if (judged) comparisons.push(judged);
  const worst = comparisons.find(({ state }) => state === 'bad') ?? comparisons.find(({ state }) => state === 'look');
  const result = worst === undefined ? 'passed' : worst.state === 'look' ? 'differs' : worst.what === 'refusal' ? 'refused' : 'worse';
  return { ...task, ...measured, result, ...(worst && { why: worst.said }), comparisons };
}

/** Dies in the middle of an answer that was given before, and looks whether the backup carries it on. */
export async function carryOn(parts: ReplayParts, prompts: readonly Prompt[]): Promise<CarriedOn> {
  // The shortest will do, and costs least.
  const prompt = prompts.filter(isPlainStream).toSorted((one, other) => one.input - other.input)[0];
  if (!prompt) return { state: 'unknown', said: 'None of your prompts had an answer in words that could be cut: not tried.' };
  if (parts.world.failover.continuation === false || parts.world.failover.maxHops === 0)
    return { state: 'unknown', said: 'failover.continuation is off: cut answers end with an error.' };
  const words = textOf(prompt.answer.parts);
  const said = words.slice(0, Math.min(LONGEST_CUT, Math.floor(words.length / 2)));
  const asked = await askWithout(parts, prompt, { type: 'cut', said });
  // Told already, where prompts are.
  if (asked.type === 'refused' || asked.type === 'not-asked') return { state: 'unknown', said: `Not tried: ${asked.why}.` };
  const { heard } = asked;
  const text = textOf(heard.answer.parts);
  if (heard.outcome === 'whole' && heard.seams > 0 && text.length > said.length && text.startsWith(said.trimEnd().slice(0, 40)))
    return { state: 'good', said: 'An answer that was cut in its middle was carried on to its end.' };
  if (heard.outcome === 'given-up' && heard.because !== 'time') return { state: 'unknown', said: `Not finished: ${unheardWhy(heard)}.` };
  const why = heard.because === 'time' ? 'it gave no answer in time' : whyOf(heard, parts.backup);
  if (why === TOO_LONG) return { state: 'unknown', said: `Not tried: the shortest answer that could be cut is no use: ${why}.` };
  return { state: 'bad', said: `An answer that was cut in its middle was not carried on: ${why}.` };
}

/** Characters that come before a cut: the rest is written again by the backup. */
const LONGEST_CUT = 600;
const SHORTEST_WORDS = 160;

function isPlainStream({ head, answer }: Prompt): boolean {
  return (
    head.stream &&
    !head.structured &&
    answer.parts.every(({ type }) => type === 'text' || type === 'reasoning') &&
    textOf(answer.parts).length >= SHORTEST_WORDS
  );
}

type Asked = { type: 'heard'; heard: Heard } | { type: 'refused'; why: string } | { type: 'not-asked'; why: string };

async function askWithout(parts: ReplayParts, prompt: Prompt, outage: Outage): Promise<Asked> {
  const { ports, cast, backup, purse } = parts;
  const plan = planOf(parts, prompt);
  if (typeof plan === 'string') return { type: 'refused', why: plan };
  const cost = promptCost(parts.world, backup, prompt);
  const refused = purse.affords(cost);
  if (refused !== undefined) return { type: 'not-asked', why: refused };
  const heard = await askOnce(
    { ...ports, call: withDeadLead(ports.call, outage) },
    {
      dialect: prompt.dialect,
      head: prompt.head,
      body: prompt.body,
      path: prompt.path,
      plan,
      patience: purse.patience(),
      ...(cost !== undefined && cost > 0 && { mostDollars: purse.left() }),
      signal: purse.signal,
    },
  );
  purse.spend(cost, heard, (target) => !cast.dead.includes(target));
  return { type: 'heard', heard };
}

/** The dead lead and this backup, and nobody else; or why this backup would not be asked it. */
function planOf({ world, cast, backup, alone }: ReplayParts, { dialect, head, body }: Prompt): Plan | string {
  const without = worldWithout(world, cast.isDead);
  const plan = makePlan(without, { dialect, head, client: { credential: 'none', alone }, route: cast.route.name, body });
  if (!plan.ok) return reasonWords(plan.error.message);
  const { targets, skipped } = plan.value;
  const own = targets.filter(({ target }) => `${target.provider}/${target.model}` === backup.target);
  if (own.length === 0) return reasonWords(skipped.find(({ target }) => target === backup.target)?.reason ?? 'it is not asked such things');
  const dead = targets.filter(({ target }) => cast.isDead(target.provider, target.model));
  return { ...plan.value, targets: [...dead, ...own.map((each) => ({ ...each, lead: false }))], skipped: [], defer: false };
}

/** Why a target is passed over, in words that can be counted; they tell nothing of the prompt. */
function reasonWords(reason: string): string {
  if (/too long/.test(reason)) return TOO_LONG;
  if (/has no tools/.test(reason)) return 'it has no tools';
  if (/would cost about|may cost nothing/.test(reason)) return 'it would cost more than failover.hopSpend or backupSpend let through';
  return reason;
}

function whyOf({ attempts, passedOver, fault }: Heard, backup: Backup): string {
  const own = attempts.filter(({ target }) => target === backup.target).at(-1)?.end?.outcome;
  if (own?.type === 'failed') return faultWords(own.fault);
  const passed = passedOver.find(({ target }) => target.startsWith(backup.target));
  return passed ? reasonWords(passed.reason) : fault ? faultWords(fault) : 'it gave no answer';
}

function faultWords({ class: kind, symptom, status, message }: Fault): string {
  switch (kind) {
    case 'too-long':
      return TOO_LONG;
    case 'auth':
      return 'the key is refused';
    case 'quota':
      return 'its quota is used up';
    case 'rate-limited':
      return 'its rate limit is reached';
    case 'model-not-found':
      return 'the model is not there';
    case 'bad-request':
      if (/\btools?\b/i.test(message)) return 'it has no tools';
      return `it does not take such a request${status === undefined ? '' : ` (${status})`}`;
    case 'local-network':
      return 'there was no network';
    case 'cancelled':
      return 'it was given up';
    case 'provider-fault':
      return `it failed (${status !== undefined && status >= 400 ? status : symptom})`;
  }
}

/** Some fields of Anthropic's want a header with them (`anthropic-beta`), and headers are not kept. */
function isOfOtherHeaders({ dialect }: Prompt, { attempts }: Heard): boolean {
  if (dialect !== 'anthropic-messages') return false;
  return attempts.some(
    ({ end }) =>
      end?.outcome.type === 'failed' &&
      end.outcome.fault.class === 'bad-request' &&
      /extra inputs are not permitted|anthropic-beta|beta header/i.test(end.outcome.fault.message),
  );
}

function unheardWhy({ because }: Heard): string {
  if (because === 'money') return 'the budget was used up in the middle of it';
  return because === 'stopped' ? 'the drill was stopped' : 'it can not be repeated without the headers that its client sent';
}

function failed(why: string): Comparison {
  return { what: 'answered', state: 'bad', said: why };
}
