/** A pure core and the tests that are to notice when it is wrong. Few and quick ones: they run once for each mutant that they cover. */
export interface Core {
  /** As the command line calls it. */
  name: string;
  file: string;
  tests: readonly string[];
}

/** The most important first: what a fault is, who is asked, what a client may see, how long is waited, what is spent. */
export const CORES: readonly Core[] = [
  core('failover', 'classify', ['classify']),
  core('health', 'breaker', ['breaker']),
  core('failover', 'hold', ['hold']),
  core('failover', 'splice', ['splice', 'splice-rules']),
  core('health', 'limits', ['limits', 'explain']),
  core('health', 'marks', ['marks', 'standing']),
  core('health', 'sketch', ['sketch', 'limits']),
  core('health', 'detector', ['detector', 'breaker']),
  core('failover', 'exhausted', ['exhausted']),
  core('failover', 'retry-budget', ['retry-budget']),
  core('failover', 'caps', ['caps']),
  core('failover', 'cost', ['cost']),
  core('failover', 'spend', ['spend', 'money']),
  core('failover', 'stickiness', ['stickiness']),
  core('failover', 'answer-state', ['answer-state']),
  core('failover', 'carry', ['carry']),
  core('failover', 'itinerary', ['itinerary', 'itinerary-hops']),
];

function core(room: string, name: string, tests: readonly string[]): Core {
  return { name, file: `src/${room}/${name}.ts`, tests: tests.map((test) => `src/${room}/${test}.test.ts`) };
}
