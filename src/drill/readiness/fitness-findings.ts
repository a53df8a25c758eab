import { dollarsText } from '../../failover/turn-price.ts';
import { turnCost } from '../../failover/cost.ts';
import type { FailoverSettings } from '../../failover/settings.ts';
import { parseCap } from '../../failover/caps.ts';
import type { Price } from '../../providers/model-data.ts';
import type { ModelFacts } from '../../providers/model-facts.ts';
import type { ReadinessLimits } from './limits.ts';
import type { Probed } from './probe.ts';
import type { Finding, Speed, Task, Usual } from './report.ts';

/** What is known of a backup that can be asked, when its fitness is judged. */
export interface Fitness {
  model: string;
  facts: ModelFacts;
  probed: Probed;
  usual: Usual;
  tasks: readonly Task[];
  speed: Speed;
  leadSpeed: Speed;
  leadPrice: Price | undefined;
  caps: Pick<FailoverSettings, 'hopSpend' | 'backupSpend'>;
  limits: ReadinessLimits;
}

export function fitnessFindings(fitness: Fitness): Finding[] {
  return [contextFinding(fitness), toolsFinding(fitness), streamingFinding(fitness), speedFinding(fitness), costFinding(fitness)];
}

/** Windows as its own list and as the tables tell them; the smaller counts. */
function windowOf({ model, facts, probed }: Fitness): number | undefined {
  const listed = probed.accounts.flatMap(({ list }) => (list?.ok ? (list.value.listed?.get(model)?.window ?? []) : []));
  const known = [...listed, ...(facts.contextWindow === undefined ? [] : [facts.contextWindow])];
  return known.length === 0 ? undefined : Math.min(...known);
}

function contextFinding(fitness: Fitness): Finding {
  const { usual, tasks, limits } = fitness;
  const check = 'context' as const;
  const advice = 'Put a backup with a larger window behind it, or keep such conversations shorter: this one can not take them over.';
  const refused = tasks.filter(({ why }) => why === TOO_LONG).length;
  const window = windowOf(fitness);
  const { inputP50, inputP95 } = usual;
  const says = window === undefined ? '' : ` Its window is ${thousands(window)} tokens.`;
  if (refused > 0) {
    return {
      check,
      state: 'bad',
      fault: 'context-too-small',
      said: `${refused} of ${tasks.length} of your prompts ${refused === 1 ? 'is' : 'are'} too long for it.${says}`,
      advice,
    };
  }
  if (inputP50 === undefined || inputP95 === undefined)
    return { check, state: 'unknown', said: `Nothing is known of how much you usually ask.${says}` };
  const sizes = `Your usual question has ${thousands(inputP50)} tokens, one of twenty more than ${thousands(inputP95)}`;
  if (window === undefined) {
    const largest = Math.max(0, ...tasks.flatMap(({ result, kinds }) => (result !== 'not-asked' && kinds.includes('long') ? [1] : [])));
    return {
      check,
      state: largest > 0 || tasks.some(({ result }) => result === 'passed') ? 'good' : 'unknown',
      said: `${sizes}. Its window is not known; what was asked of it fitted in.`,
    };
  }
  if (inputP95 > window * limits.mostOfWindow)
    return { check, state: 'bad', fault: 'context-too-small', said: `${sizes}; its window is ${thousands(window)}.`, advice };
  return { check, state: 'good', said: `${sizes}; its window is ${thousands(window)}.` };
}

/** Why a task was refused, where that is the backup's window. */
export const TOO_LONG = 'the prompt is too long for it';

function toolsFinding({ probed, usual, model }: Fitness): Finding {
  const check = 'tools' as const;
  const needed = usual.withTools > 0;
  const advice = 'Agents can not work with it: put a model with tools into the route for them.';
  const wrong = (said: string): Finding =>
    needed
      ? { check, state: 'bad', fault: 'no-tools', said, advice }
      : { check, state: 'look', fault: 'no-tools', said: `${said} Nothing of what you asked lately had tools.` };
  if (probed.toolsRefused !== undefined) return wrong(`It has no tools: ${probed.toolsRefused}.`);
  const { tools } = probed;
  if (!tools || tools.heard.outcome === 'given-up')
    return { check, state: 'unknown', said: 'Tools were not tried: no money or time was left for it.' };
  if (tools.called)
    return tools.unforced
      ? {
          check,
          state: 'good',
          said: 'It calls a tool with arguments that fit, but only where it may choose: a forced call is refused or not made.',
        }
      : { check, state: 'good', said: 'It calls the tool that it is told to, with arguments that fit.' };
  if (tools.heard.answer.finish === 'length' && tools.instead === undefined)
    return { check, state: 'unknown', said: 'It thought until its tokens were used up, and had called no tool by then.' };
  if (tools.instead !== undefined) return wrong(`Told to call a tool, ${model} gave ${tools.instead}.`);
  const fault =
    tools.heard.fault ?? tools.heard.attempts.flatMap(({ end }) => (end?.outcome.type === 'failed' ? [end.outcome.fault] : [])).at(-1);
  if (fault && ['provider-fault', 'rate-limited', 'quota', 'local-network'].includes(fault.class) && fault.symptom !== 'bad-tool-call')
    return { check, state: 'unknown', said: `Tools could not be tried. It said: ${fault.message}` };
  return wrong(`A question with a tool is refused. It said: ${fault?.message ?? 'nothing'}.`);
}

function streamingFinding({ probed }: Fitness): Finding {
  const words = probed.accounts.find(({ words: each }) => each?.outcome === 'whole')?.words;
  if (!words) return { check: 'streaming', state: 'unknown', said: 'It was not looked at.' };
  if (words.pieces > 1) return { check: 'streaming', state: 'good', said: 'Words come as they are made.' };
  return {
    check: 'streaming',
    state: 'look',
    fault: 'no-streaming',
    said: 'Its answer came in one piece: nothing is to be seen until all of it is there, and a cut can not be carried on.',
    advice: 'See whether a proxy in between collects answers.',
  };
}

function speedFinding({ speed, leadSpeed, limits }: Fitness): Finding {
  const check = 'speed' as const;
  const { firstWords, tokensASecond } = speed;
  if (firstWords === undefined) return { check, state: 'unknown', said: 'How fast it is could not be measured.' };
  const lead = leadSpeed.firstWords === undefined ? '' : ` (the lead's: ${seconds(leadSpeed.firstWords)})`;
  const leadPace = leadSpeed.tokensASecond === undefined ? '' : ` (the lead's: ${Math.round(leadSpeed.tokensASecond)})`;
  const pace = tokensASecond === undefined ? '' : `, then ${Math.round(tokensASecond)} tokens a second${leadPace}`;
  const said = `First words after ${seconds(firstWords)}${lead}${pace}.`;
  const { absolute, least, timesLead } = limits.firstWords;
  const late =
    firstWords > absolute || (leadSpeed.firstWords !== undefined && firstWords > Math.max(least, timesLead * leadSpeed.firstWords));
  const slowest = Math.max(limits.pace.least, Math.min(limits.pace.most, limits.pace.shareOfLead * (leadSpeed.tokensASecond ?? 0)));
  const crawls = tokensASecond !== undefined && tokensASecond < slowest;
  if (!late && !crawls) return { check, state: 'good', said };
  const limit = late
    ? `slow is: more than ${seconds(absolute)}, or ${timesLead} times the lead's and ${seconds(least)}`
    : `slow is: fewer than ${Math.round(slowest)} tokens a second`;
  return {
    check,
    state: 'bad',
    fault: 'slow',
    said: `${said} That is slow (${limit}).`,
    advice: 'Put a faster backup in front of it, or a smaller model.',
  };
}

function costFinding({ facts, usual, leadPrice, caps, limits }: Fitness): Finding {
  const check = 'cost' as const;
  const { price } = facts;
  if (!price) return { check, state: 'unknown', said: 'Its price is not known; what it costs is not counted against any cap.' };
  const { inputP50, inputP95, outputP50 } = usual;
  if (inputP50 === undefined || inputP95 === undefined)
    return { check, state: 'unknown', said: 'What your usual turn would cost is not known: there is none yet.' };
  const turn = turnCost(price, inputP50, undefined, false, outputP50);
  const large = turnCost(price, inputP95, undefined, false, outputP50);
  const lead = leadPrice && turnCost(leadPrice, inputP50, undefined, false, outputP50);
  const said = `Your usual turn costs ${about(turn)} here${lead === undefined ? '' : ` (the lead: ${about(lead)})`}.`;
  const { dollars, per } = parseCap(caps.backupSpend);
  if (turn > caps.hopSpend || dollars === 0 || turn > dollars) {
    const cap = turn > caps.hopSpend ? `failover.hopSpend ($${caps.hopSpend})` : `failover.backupSpend (${caps.backupSpend})`;
    return {
      check,
      state: 'bad',
      fault: 'too-dear',
      said: `${said} That is more than ${cap} lets through, so it would not be asked.`,
      advice: `Raise ${cap.split(' ')[0]}, or put a cheaper backup behind it.`,
    };
  }
  if (large > caps.hopSpend)
    return {
      check,
      state: 'look',
      fault: 'too-dear',
      said: `${said} One of twenty costs ${dollarsText(large)} and more, which is over failover.hopSpend ($${caps.hopSpend}): those would not be asked of it.`,
      advice: 'Raise failover.hopSpend if you want them answered.',
    };
  const turns = turn > 0 ? Math.floor(dollars / turn) : Number.POSITIVE_INFINITY;
  if (turns < limits.turnsUnderCap)
    return {
      check,
      state: 'look',
      said: `${said} failover.backupSpend (${caps.backupSpend}) pays for ${turns} of them a ${per}.`,
      advice: 'Raise it before an outage does.',
    };
  if (lead !== undefined && lead > 0 && turn > limits.dearTimesLead * lead)
    return { check, state: 'look', said: `${said} That is ${Math.round(turn / lead)} times as much.` };
  return { check, state: 'good', said };
}

function about(dollars: number): string {
  const text = dollarsText(dollars);
  return text.startsWith('less') ? text : `about ${text}`;
}

export function seconds(ms: number): string {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9500 ? 1 : 0)} s`;
}

/** `820`, `12k`. */
export function thousands(tokens: number): string {
  return tokens < 1000 ? String(Math.round(tokens)) : `${Math.round(tokens / 1000)}k`;
}
