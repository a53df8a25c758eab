import { REPORT } from '../../drill/readiness/report.fixtures.ts';
import { err } from '../../exchange/result.ts';
import type { ServerPorts } from '../ports.ts';

/** Drills of which one is over, and none goes on. */
export function oneDrill(): ServerPorts['drills'] {
  const { id, at, score, sentence, ended } = REPORT;
  return {
    propose: () => Promise.resolve(err('No route is written.')),
    start: () => Promise.resolve(err('No route is written.')),
    running: () => undefined,
    stop: () => false,
    list: () => [{ id, at, score, sentence, ended }],
    show: (asked) => Promise.resolve(asked === id ? REPORT : undefined),
  };
}
