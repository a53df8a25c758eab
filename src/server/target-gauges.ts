import { Gauge, type Registry } from 'prom-client';
import type { BreakerState, TargetStatus } from '../health/health.ts';
import type { StatusReport } from './ports.ts';

export type StatusFigures = Pick<StatusReport, 'targets' | 'spend' | 'spans'>;

const VERDICTS = ['operational', 'degraded', 'down', 'unknown'] as const satisfies readonly TargetStatus['verdict'][];
const BREAKERS = ['closed', 'suspect', 'open', 'half-open'] as const satisfies readonly BreakerState['type'][];

/** How targets stand and what money is left, read at each scrape. `label` bounds how many targets are told apart. */
export function targetGauges(registry: Registry, status: () => StatusFigures, label: (target: string) => string): void {
  const registers = [registry];

  function gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (status: StatusFigures) => Iterable<readonly [Record<Label, string>, number]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of read(status())) this.set(labels, value);
      },
    });
  }

  gauge('understudy_target_verdict', '1 for the verdict that a target has.', ['target', 'verdict'], ({ targets }) =>
    targets.flatMap(({ target, verdict }) =>
      VERDICTS.map((each) => [{ target: label(target), verdict: each }, each === verdict ? 1 : 0] as const),
    ),
  );
  gauge('understudy_target_breaker', "1 for the state that a target's breaker is in.", ['target', 'state'], ({ targets }) =>
    targets.flatMap(({ target, breaker }) =>
      BREAKERS.map((each) => [{ target: label(target), state: each }, each === breaker.type ? 1 : 0] as const),
    ),
  );
  gauge('understudy_target_set_aside', '1 while a target is not asked for its account or model.', ['target'], ({ targets }) =>
    targets.map(({ target, mark }) => [{ target: label(target) }, mark ? 1 : 0] as const),
  );
  gauge(
    'understudy_rate_limit_remaining',
    "What is left of an account's limits, as its provider told last.",
    ['target', 'account', 'kind', 'window'],
    ({ targets }) =>
      targets.flatMap(({ target, rooms = [] }) =>
        rooms.map(({ account, kind, window = '', remaining }) => [{ target: label(target), account, kind, window }, remaining] as const),
      ),
  );
  gauge('understudy_target_requests', 'Requests under way at a target whose number is limited.', ['target', 'state'], ({ targets }) =>
    targets.flatMap(({ target, concurrency }) =>
      concurrency
        ? [
            [{ target: label(target), state: 'running' }, concurrency.now] as const,
            [{ target: label(target), state: 'waiting' }, concurrency.waiting] as const,
          ]
        : [],
    ),
  );
  gauge('understudy_spend_dollars', 'Dollars that count against a cap, in its window.', ['cap'], ({ spend }) =>
    spend.map(({ setting, spent }) => [{ cap: setting }, spent] as const),
  );
  gauge('understudy_spend_cap_dollars', 'Dollars that a cap allows.', ['cap'], ({ spend }) =>
    spend.map(({ setting, dollars }) => [{ cap: setting }, dollars] as const),
  );
}
