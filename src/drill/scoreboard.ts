import type { Verdict } from './judge.ts';
import { VERDICTS } from './judge.ts';

/** The sum of one side of a drill. */
export interface Score extends Record<Verdict, number> {
  asked: number;
  /** Milliseconds that answers took longer than on a quiet day, of those that came whole. */
  addedWait: { p50: number; p99: number } | undefined;
  /** How many answers each target gave, where the gateway says. */
  answeredBy: Record<string, number>;
  /** What clean errors said, and how often. */
  errors: Record<string, number>;
}

export interface Tally {
  asked(): void;
  judged(verdict: Verdict, addedWait: number, heard: { answeredBy?: string; error?: string }): void;
  score(): Score;
}

export function tally(): Tally {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  const waits: number[] = [];
  const answeredBy: Record<string, number> = {};
  const errors: Record<string, number> = {};
  let asked = 0;
  return {
    asked() {
      asked++;
    },
    judged(verdict, addedWait, heard) {
      counts[verdict]++;
      if (verdict === 'failed' && heard.error !== undefined) errors[heard.error] = (errors[heard.error] ?? 0) + 1;
      if (verdict !== 'whole' && verdict !== 'continued') return;
      waits.push(addedWait);
      const target = heard.answeredBy;
      if (target !== undefined) answeredBy[target] = (answeredBy[target] ?? 0) + 1;
    },
    score: () => ({
      asked,
      ...counts,
      answeredBy: { ...answeredBy },
      errors: { ...errors },
      addedWait: waits.length === 0 ? undefined : { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) },
    }),
  };
}

/** Nearest rank: the smallest value that at least this share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** At least one question got its answer. */
export function hasWhole(score: Score): boolean {
  return score.whole + score.continued > 0;
}

/** No question was left without a whole answer or a proper error. */
export function isClean(score: Score): boolean {
  return score.broken + score.truncated + score.wrong + score.hung === 0;
}
