import { faultText } from '../exchange/fault-text.ts';
import type { Feed, Placed } from './feed.ts';
import type { Signal } from './signal.ts';

/** A pino logger is one. */
export interface LineLog {
  /** Whether lines of this level are written now. */
  enabled(level: 'debug' | 'info'): boolean;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/**
 * Writes signals as log lines: fields as in the feed, `type` as `event`. Ends, switches and verdicts at `info`, beginnings at `debug`.
 * Notices and the journal's state have lines of their own where they happen. A sentence of a provider's is left out: it might quote
 * the question.
 */
export function logSignals(feed: Pick<Feed, 'subscribe'>, log: LineLog): () => void {
  return feed.subscribe(({ signal }: Placed) => {
    const level = signal.type === 'exchange-opened' || signal.type === 'attempt-begun' ? 'debug' : 'info';
    if (!log.enabled(level)) return;
    const message = sentence(signal);
    if (message === undefined) return;
    const { version: _version, at: _at, type, ...fields } = signal;
    const line = { event: type, ...('why' in fields ? { ...fields, why: undefined } : fields) };
    log[level](line, message);
  });
}

function sentence(signal: Signal): string | undefined {
  switch (signal.type) {
    case 'exchange-opened':
      return `${signal.model} was asked for`;
    case 'exchange-ended':
      return `the answer of ${signal.target ?? signal.model} is ${signal.outcome}`;
    case 'attempt-begun':
      return `${signal.target} is asked`;
    case 'attempt-ended':
      return `${signal.target} was asked: ${signal.outcome}${signal.fault ? ` (it ${faultText(signal.fault)})` : ''}`;
    case 'switch':
      return `${signal.to} ${signal.when === 'after-first-words' ? 'carries on' : 'stands in'} for ${signal.from}`;
    case 'verdict':
      return `${signal.target} is ${signal.to.verdict}${signal.to.setAside === undefined ? '' : ', and set aside'}`;
    case 'breaker':
      return `the breaker of ${signal.target} is ${signal.to}`;
    case 'product':
      return signal.summary;
    case 'incident':
      return `${signal.kind === 'maintenance' ? 'planned work' : 'an incident'} (${signal.products.join(', ')}): ${signal.change}, ${signal.phase}`;
    case 'alert':
      return `its user is told: ${signal.title}`;
    case 'spend':
      return `${signal.scope} has cost $${signal.spent.toFixed(2)} of ${signal.cap}`;
    case 'drill':
      return signal.state === 'step' ? undefined : signal.text;
    case 'local':
      return signal.text;
    case 'queue':
      return `a kept request is ${signal.change}: ${signal.exchange}`;
    case 'journal':
    case 'notice':
      return undefined;
  }
}
