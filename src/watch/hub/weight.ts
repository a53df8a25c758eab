import type { Report } from '../crowd/statement.ts';

// status.md 3.2, "Abuse resistance".
const BARE_CLICK = 0.3;
const NEW_KEY = 0.2;
const MOST_OF_ONE_NETWORK = 0.4;
/** Days until a key is no new one. */
const NEW_FOR = 7;

/** What one report counts for. `age`: whole days since its key was first seen. */
export function weightOf({ symptom, own }: Pick<Report, 'symptom' | 'own'>, age: number): number {
  const backed = symptom === 'works' ? own.attempts > 0 && own.failures === 0 : own.failures > 0;
  return (backed ? 1 : BARE_CLICK) * (age < NEW_FOR ? NEW_KEY : 1);
}

/**
 * The sum of what each network brings, none of them more than 40 % of it: the largest sum for which that holds. A network always counts for one report,
 * since with fewer than three of them nobody could have less than 40 %; so one network alone comes to 1, two to 2.
 */
export function cappedSum(weights: readonly number[]): number {
  let sum = weights.reduce((total, weight) => total + weight, 0);
  // From above, each round is nearer to the fixed point. A sum of ten thousand takes some thirty.
  for (let round = 0; round < 200; round++) {
    const most = Math.max(1, MOST_OF_ONE_NETWORK * sum);
    const capped = weights.reduce((total, weight) => total + Math.min(weight, most), 0);
    if (sum - capped < 1e-6) return capped;
    sum = capped;
  }
  return sum;
}
