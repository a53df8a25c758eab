import type { Change } from '../journal/journal.ts';
import { clockText } from './clock-text.ts';
import type { Terminal } from './terminal.ts';
import { SLOW } from './switch-seen.ts';
import { wrapped } from './wrap.ts';

/** Tells a terminal, quietly, what went otherwise than planned: one line for a switch, one for an answer that failed. */
export function switchTeller(terminal: Pick<Terminal, 'out' | 'paint' | 'width'>): (change: Change) => void {
  const { paint } = terminal;
  /** What the last failed attempt of a running exchange said, who was asked last, and who beside that one. */
  const running = new Map<string, { model: string; target?: string; reason?: string; hedge?: { ordinal: number; target: string } }>();

  return (change) => {
    const say = (text: string): void => {
      const line = `${paint.dim(clockText(change.at))}  ${text}`;
      for (const part of wrapped(line, terminal.width, ' '.repeat(10))) terminal.out(part);
    };
    if (change.type === 'opened') {
      running.set(change.exchange, { model: change.opening.model });
      return;
    }
    const exchange = running.get(change.exchange);
    if (!exchange) return;
    const { entry } = change;
    switch (entry.type) {
      case 'attempt': {
        const target = `${entry.target.provider}/${entry.target.model}`;
        if (entry.kind === 'hedge') {
          // No switch until it has won.
          exchange.hedge = { ordinal: entry.ordinal, target };
          break;
        }
        if (exchange.target !== undefined && target !== exchange.target && entry.kind !== 'hop') {
          say(`${paint.warn('switched')}  ${exchange.target} → ${target}${because(exchange.reason)}`);
        }
        exchange.target = target;
        break;
      }
      case 'attempt-end':
        if (entry.ordinal === exchange.hedge?.ordinal && entry.outcome.type === 'whole') {
          const { target } = exchange.hedge;
          say(`${paint.warn('switched')}  ${exchange.target} → ${target}${because(exchange.reason ?? SLOW)}`);
          exchange.target = target;
        }
        if (entry.outcome.type === 'failed') exchange.reason = entry.outcome.fault.message;
        break;
      case 'seam':
        say(`${paint.accent('continued')} ${entry.from} → ${entry.to} after ${entry.delivered} characters${because(exchange.reason)}`);
        break;
      case 'end':
        running.delete(change.exchange);
        if (entry.outcome.type === 'deferred')
          say(`${paint.warn('waits')}     ${exchange.model}, as ${change.exchange}${because(entry.outcome.fault.message)}`);
        if (entry.outcome.type === 'failed') say(`${paint.bad('failed')}    ${exchange.model}${because(entry.outcome.fault.message)}`);
        break;
      case 'head':
        break;
    }
  };
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason.length > 160 ? `${reason.slice(0, 160)}…` : reason}`;
}
