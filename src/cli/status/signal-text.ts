import { faultText } from '../../exchange/fault-text.ts';
import type { Signal } from '../../telemetry/signal.ts';

/** A line for people about what happened; nothing for what goes as it should. */
export function signalText(signal: Signal): string | undefined {
  switch (signal.type) {
    case 'switch': {
      const what = signal.when === 'after-first-words' ? 'carries on' : 'stands in';
      return `${signal.to} ${what} for ${signal.from}${because(signal.why)}`;
    }
    case 'verdict': {
      const { from, to } = signal;
      if (to.setAside !== undefined && from.setAside === undefined) return `${signal.target} is set aside: ${to.setAside}`;
      if (to.setAside === undefined && from.setAside !== undefined && from.verdict === to.verdict) return `${signal.target} is used again`;
      if (from.verdict === to.verdict) return undefined;
      return `${signal.target} is ${to.verdict}${because(to.verdict === 'operational' ? undefined : signal.reasons[0])}`;
    }
    case 'exchange-ended':
      if (signal.outcome !== 'failed') return undefined;
      if (signal.target !== undefined) return `the answer of ${signal.target} to ${signal.model} broke off and could not be carried on`;
      return `nobody could answer ${signal.model}${signal.fault ? ` (one of those asked ${faultText(signal.fault)})` : ''}`;
    case 'journal':
      return signal.state === 'saving' ? 'answers are saved again' : `answers are not saved${because(signal.reason)}`;
    case 'notice':
      return signal.level === 'info' ? undefined : signal.message;
    case 'spend':
      return `$${signal.spent.toFixed(2)} of $${signal.cap.replace('/', ' a ')} is spent (${signal.scope})`;
    case 'product':
      return signal.from === 'unknown' && signal.to === 'operational' ? undefined : signal.summary;
    case 'incident':
      return signal.change === 'opened' || signal.change === 'ended' || signal.change === 'reopened'
        ? `${signal.kind === 'maintenance' ? 'planned work' : 'incident'} ${signal.change}: ${signal.title}`
        : undefined;
    case 'drill':
      return signal.state === 'ended' ? signal.text : undefined;
    case 'queue':
      return queueText(signal);
    case 'local':
      return signal.change === 'models' ? undefined : signal.text;
    case 'alert':
    case 'exchange-opened':
    case 'attempt-begun':
    case 'attempt-ended':
    case 'breaker':
      return undefined;
  }
}

/** What becomes of a request that was kept; each time that it is asked again is too much to say. */
function queueText({ change, exchange, model, reason }: Extract<Signal, { type: 'queue' }>): string | undefined {
  switch (change) {
    case 'kept':
      return `a request for ${model} is kept until somebody can answer it`;
    case 'answered':
      return `a request that waited has its answer: GET /api/exchanges/${exchange}/answer`;
    case 'failed':
    case 'expired':
      return `a request that waited ${change === 'failed' ? 'can’t be answered' : 'has expired'}${because(reason)}`;
    case 'asked':
    case 'cancelled':
      return undefined;
  }
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`;
}
