import type { Change } from '../../journal/journal.ts';
import { clockText } from '../clock-text.ts';
import type { Terminal } from '../terminal.ts';
import { SLOW } from './switch-seen.ts';
import { wrapped } from '../wrap.ts';

/** Tells a terminal, quietly, what went otherwise than planned: one line for a switch, one for an answer that failed. */
export function switchTeller(terminal: Pick<Terminal, 'out' | 'paint' | 'width'>): (change: Change) => void {
  const { paint } = terminal;
  const running = new Map<string, Running>();

  return (change) => {
    const say = (text: string): void => {
      const line = `${paint.dim(clockText(change.at))}  ${text}`;
      for (const part of wrapped(line, terminal.width, ' '.repeat(10))) terminal.out(part);
    };
    if (change.type === 'opened') {
      running.set(change.exchange, { model: change.opening.model, targets: new Map(), hedges: new Set(), delivered: false });
      return;
    }
    const exchange = running.get(change.exchange);
    if (!exchange) return;
    const { entry } = change;
    switch (entry.type) {
      case 'attempt':
        exchange.targets.set(entry.ordinal, `${entry.target.provider}/${entry.target.model}`);
        if (entry.kind === 'hedge') exchange.hedges.add(entry.ordinal);
        break;
      case 'head':
        if (entry.status === 200 && entry.target !== undefined) delivers(exchange, entry.target, say);
        break;
      case 'attempt-end':
        if (entry.outcome.type === 'failed') {
          exchange.reason = entry.outcome.fault.message;
          exchange.firstReason ??= exchange.reason;
        }
        if (entry.outcome.type === 'whole') delivers(exchange, exchange.targets.get(entry.ordinal), say);
        break;
      case 'seam':
        delivers(exchange, entry.from, say);
        say(`${paint.accent('continued')} ${entry.from} → ${entry.to} after ${entry.delivered} characters${because(exchange.reason)}`);
        break;
      case 'end':
        running.delete(change.exchange);
        if (entry.outcome.type === 'deferred')
          say(`${paint.warn('waits')}     ${exchange.model}, as ${change.exchange}${because(entry.outcome.fault.message)}`);
        if (entry.outcome.type === 'failed') say(`${paint.bad('failed')}    ${exchange.model}${because(entry.outcome.fault.message)}`);
        break;
    }
  };

  /** Only now has somebody answered: until then a switch was an attempt. */
  function delivers(exchange: Running, target: string | undefined, say: (text: string) => void): void {
    if (exchange.delivered || target === undefined) return;
    exchange.delivered = true;
    const first = exchange.targets.values().next().value;
    if (first === undefined || first === target) return;
    const hedged = [...exchange.hedges].some((ordinal) => exchange.targets.get(ordinal) === target);
    say(`${paint.warn('switched')}  ${first} → ${target}${because(exchange.firstReason ?? (hedged ? SLOW : undefined))}`);
  }
}

interface Running {
  model: string;
  /** Who was asked, by ordinal, and which of them beside another. */
  targets: Map<number, string>;
  hedges: Set<number>;
  /** What the last failed attempt said. */
  reason?: string;
  /** What the first of them said. */
  firstReason?: string;
  delivered: boolean;
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason.length > 160 ? `${reason.slice(0, 160)}…` : reason}`;
}
