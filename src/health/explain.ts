import type { ExplainedLimit, LimitOverrides, Limits, MeasuredLimit, Shape } from './health.ts';
import { ENOUGH, ENOUGH_ALIVE, FACTOR, type Judged, judge, type Learned, LIMIT_NAMES, limitsFor, WHOLE_FACTOR } from './limits.ts';
import { OVERRIDDEN_BY, PING_MAY_TAKE, priorLimits } from './priors.ts';
import { quantileOf } from './sketch.ts';

/** What is waited for. */
const WAITS: Record<keyof Limits, string> = {
  headers: "the response's headers are waited for",
  firstEvent: 'first words are waited for',
  firstEventAlive: 'first words, while pings come, are waited for',
  idle: 'the next words are waited for',
  idleAlive: 'the rest of a tool call, while pings come, is waited for',
  thinking: 'the next thought is waited for',
  thinkingAlive: 'the next thought, while pings come, is waited for',
  whole: 'an answer that does not stream is waited for',
};

/** Which of a target's requests the limits of `shape` are for: `requests of 4 to 32 KB, with reasoning at high effort`. */
export function kindInWords({ size, stream, reasoning, effort }: Shape): string {
  const kilobytes = size < 1024 ? 'less than 1 KB' : `${Math.round(size / 1024)} KB`;
  const thinking = reasoning ? `, with reasoning${effort === undefined ? '' : ` at effort ${effort}`}` : '';
  return `requests like the last (${kilobytes}${thinking}${stream ? '' : ', not streamed'})`;
}

/** Every limit of a target for requests of this shape, and how it came about. Those that say nothing of such requests are left out. */
export function explainLimits(learned: Learned | undefined, shape: Shape, overrides: LimitOverrides): ExplainedLimit[] {
  const priors = priorLimits(shape, overrides);
  const limits = limitsFor(learned, shape, overrides);
  const measured = LIMIT_NAMES.filter((name) => (name === 'whole') === !shape.stream).map((name) => {
    const judged = { ...judge(name, priors, learned, shape, overrides), value: limits[name] };
    return explained(name, judged, learned?.doubted === true);
  });
  if (!shape.stream || !shape.reasoning) return measured;
  const told = overrides.idle === 'auto';
  return [
    ...measured,
    derived(
      'thinking',
      limits.thinking,
      told ? `as for words, and at least ${seconds(PING_MAY_TAKE)}, in which a ping would come` : SET_IDLE,
    ),
    derived(
      'thinkingAlive',
      limits.thinkingAlive,
      told ? 'as for first words while pings come, and no less than within a tool call' : SET_IDLE,
    ),
  ];
}

const SET_IDLE = 'as set in deadlines.idle';

function derived(limit: keyof Limits, ms: number, why: string): ExplainedLimit {
  return { limit, ms, from: 'derived', said: `${WAITS[limit]} ${seconds(ms)}: ${why}` };
}

function explained(limit: MeasuredLimit, judged: Judged, doubted: boolean): ExplainedLimit {
  const { value, from, sketch, floor, ceiling } = judged;
  const answers = sketch?.seen ?? 0;
  const quantile = (share: number): number => Math.round((sketch && quantileOf(sketch, share)) ?? 0);
  const factor = limit === 'whole' ? WHOLE_FACTOR : FACTOR;
  return {
    limit,
    ms: value,
    from,
    answers,
    ...(answers > 0 && { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }),
    factor,
    floor,
    ceiling,
    said: `${WAITS[limit]} ${seconds(value)}: ${why(limit, judged, doubted, factor, answers, quantile(0.99))}`,
  };
}

function why(limit: MeasuredLimit, judged: Judged, doubted: boolean, factor: number, answers: number, slowest: number): string {
  const { from, overruled, floor, ceiling } = judged;
  if (from === 'set') return `as set in deadlines.${OVERRIDDEN_BY[limit]}`;
  if (from === 'prior') return `a cautious guess, until ${ENOUGH} answers to such requests are known (${answers} so far)`;
  const whose = from === 'all' ? `all ${answers} answers, whatever was asked` : `${answers} answers`;
  const figure = `${factor} x the slowest 1 % of ${whose}, ${seconds(slowest)}`;
  if (overruled === undefined) return figure;
  if (overruled === 'floor') return `${figure}, but never less than ${seconds(floor)}`;
  if (overruled === 'ceiling') return `${figure}, but never more than ${seconds(ceiling)}`;
  if (from === 'all') return `a cautious guess, until ${ENOUGH} answers to such requests are known; ${figure}, is less`;
  if (doubted) return `a cautious guess again, since a limit struck last, until it answers; else ${figure}`;
  if (limit === 'firstEventAlive')
    return `never less than this while a sign of life comes, until ${ENOUGH_ALIVE} answers are known; ${figure}, is less`;
  return `never less than this while a sign of life comes; ${figure}, is less`;
}

/** `340 ms`, `8.1 s`, `5 min`. */
function seconds(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100) / 10;
  if (tenths < 120) return `${tenths} s`;
  return `${Math.round(tenths / 6) / 10} min`;
}
