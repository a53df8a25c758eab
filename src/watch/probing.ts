import type { DatabaseSync } from 'node:sqlite';
import { faultText } from '../exchange/fault-text.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Judge } from './detect/judge.ts';
import type { WatchNews } from './messages.ts';
import type { WatchPlan } from './plan.ts';
import type { ProbeOutcome } from './probe/outcome.ts';
import { createProbeLog } from './probe/probe-log.ts';
import { createProber, type ProbeState } from './probe/prober.ts';
import { type ProductKey, productKeyText } from './product.ts';
import { isIll, type Judgement } from './verdict.ts';

/** Requests that are made to find out, from the watch's side: the main thread makes them, with the keys that are there. */
export interface Probing {
  /** A target was asked by somebody else; `failed`: and it was the service's fault. */
  heard(target: string, failed?: boolean): void;
  /** How everything stands now. */
  consider(plan: WatchPlan, judgements: readonly Judgement[], targets: readonly string[]): void;
  /** What became of one. */
  settle(number: number, outcome: ProbeOutcome): void;
  state(): ProbeState;
  close(): void;
}

interface ProbingParts {
  clock: Clock;
  random(): number;
  database: DatabaseSync;
  productOf(target: string): ProductKey | undefined;
  judge: Pick<Judge, 'probed'>;
  say(news: WatchNews): void;
  /** There is news. */
  onNews(): void;
}

/** Milliseconds that a failed request of one's own is worth a question. */
const DOUBTED = 10 * 60_000;

export function createProbing({ clock, random, database, productOf, judge, say, onNews }: ProbingParts): Probing {
  const waiting = new Map<number, (outcome: ProbeOutcome) => void>();
  const heardAt = new Map<string, number>();
  const failedAt = new Map<string, number>();
  let next = 0;

  const prober = createProber({
    clock,
    random,
    log: createProbeLog(database),
    call(target) {
      const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
      const number = next++;
      waiting.set(number, resolve);
      say({ type: 'probe', number, target });
      return promise;
    },
    onOutcome(target, outcome) {
      const key = productOf(target);
      if (!key) return;
      if (outcome.type === 'answered') failedAt.delete(target);
      const text =
        outcome.type === 'answered' ? `a probe of ${target} was answered` : `a probe of ${target} failed: it ${faultText(outcome.fault)}`;
      judge.probed(key, target, { ok: outcome.type === 'answered', text });
      onNews();
    },
  });

  return {
    heard(target, failed) {
      heardAt.set(target, clock.now());
      if (failed === true) failedAt.set(target, clock.now());
      // Answered since: there is nothing to find out.
      else if (failed === false) failedAt.delete(target);
    },
    consider({ settings, providers }, judgements, targets) {
      const here = new Set(targets);
      for (const times of [heardAt, failedAt]) for (const target of times.keys()) if (!here.has(target)) times.delete(target);
      const byKey = new Map(judgements.map((judgement) => [judgement.key, judgement]));
      const probable = new Set(providers.flatMap(({ name, probable: may }) => (may ? [name] : [])));
      const candidates = targets.flatMap((target) => {
        const key = productOf(target);
        if (!key?.model || !probable.has(target.slice(0, target.indexOf('/')))) return [];
        const both = [byKey.get(productKeyText(key)), byKey.get(`${key.provider}/${key.product}`)].filter(
          (judgement) => judgement !== undefined,
        );
        const worst = both.find(({ verdict }) => verdict === 'down') ?? both.find(({ verdict }) => isIll(verdict)) ?? both[0];
        const heard = heardAt.get(target);
        return [
          {
            target,
            verdict: worst?.verdict ?? ('unknown' as const),
            isOwnTrouble: both.some(({ scope }) => scope === 'account' || scope === 'network'),
            isDoubted: clock.now() - (failedAt.get(target) ?? -Infinity) <= DOUBTED,
            ...(heard !== undefined && { heardAt: heard }),
          },
        ];
      });
      prober.consider(settings.enabled ? settings.probes : { ...settings.probes, when: 'off' }, candidates);
    },
    settle(number, outcome) {
      waiting.get(number)?.(outcome);
      waiting.delete(number);
    },
    state: () => prober.state(),
    close: () => prober.close(),
  };
}
