import { targetName } from '../exchange/target.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import type { AttemptEnd, AttemptStart, End, Opening } from '../journal/entry.ts';
import type { Change } from '../journal/journal.ts';
import { errorType, operationName, providerName } from './gen-ai.ts';
import type { Attributes, Span } from './otlp.ts';
import { spanOf, type TraceContext, traceOf } from './trace-context.ts';

interface Followed {
  opening: Opening;
  context: TraceContext;
  attempts: Map<number, { start: AttemptStart; at: number; end?: AttemptEnd; endedAt?: number }>;
  /** What the exchange's span says besides: seams, and when its headers went out. */
  events: Span['events'];
  target?: string;
}

/** An answer that goes on for longer than this without an end is not followed any more: its end was lost. */
const MOST_FOLLOWED = 10_000;

/**
 * Makes spans of the journal's changes: one for each exchange (`SERVER`: its client called us), below it one for each attempt
 * (`CLIENT`: we called a target), all of them when the exchange ends. Names and attributes are those of the GenAI conventions; what has
 * no convention begins with `understudy.`. Never content, never a provider's own words, never a key.
 */
export function spanMaker(take: (spans: Span[]) => void): (change: Change) => void {
  const followed = shortLivedMap<Followed>();

  return (change) => {
    const { exchange: id, at } = change;
    if (change.type === 'opened') {
      const { opening } = change;
      const context = traceOf(id, opening.traceparent);
      if (!context.sampled || followed.size >= MOST_FOLLOWED) return;
      followed.set(id, { opening, context, attempts: new Map(), events: [] });
      return;
    }
    const exchange = followed.get(id);
    if (!exchange) return;
    const { entry } = change;
    switch (entry.type) {
      case 'attempt':
        exchange.attempts.set(entry.ordinal, { start: entry, at });
        return;
      case 'attempt-end': {
        const attempt = exchange.attempts.get(entry.ordinal);
        if (attempt) Object.assign(attempt, { end: entry, endedAt: at });
        return;
      }
      case 'seam': {
        const { from, to, delivered, join } = entry;
        const attributes = { 'understudy.from': from, 'understudy.to': to, 'understudy.delivered': delivered, 'understudy.join': join };
        exchange.events.push({ at, name: 'understudy.seam', attributes });
        return;
      }
      case 'head':
        if (entry.target !== undefined) exchange.target = entry.target;
        return;
      case 'end': {
        followed.delete(id);
        take([exchangeSpan(exchange, entry, at), ...attemptSpans(exchange, at)]);
        return;
      }
    }
  };
}

function exchangeSpan({ opening, context, attempts, events, target }: Followed, end: End, at: number): Span {
  const operation = operationName(opening.dialect);
  const { outcome } = end;
  const fault = outcome.type === 'failed' || outcome.type === 'deferred' ? outcome.fault : undefined;
  const error = fault ? errorType(fault) : outcome.type === 'interrupted' ? 'interrupted' : undefined;
  return {
    trace: context.trace,
    span: spanOf(opening.id),
    ...(context.parent !== undefined && { parent: context.parent }),
    name: `${operation} ${opening.model}`,
    kind: 'server',
    from: opening.at,
    to: at,
    attributes: {
      ...about(opening),
      'gen_ai.operation.name': operation,
      'gen_ai.request.model': opening.model,
      'gen_ai.response.id': end.answer,
      'gen_ai.response.finish_reasons': outcome.type === 'complete' ? [outcome.finish] : undefined,
      ...usageOf(end),
      'error.type': error,
      'understudy.dialect': opening.dialect,
      'understudy.route': opening.route,
      'understudy.outcome': outcome.type,
      'understudy.target': target,
      'understudy.attempts': attempts.size,
    },
    events,
    ...(error !== undefined && { error }),
  };
}

function attemptSpans({ opening, context, attempts }: Followed, endedAt: number): Span[] {
  return [...attempts.values()].map(({ start, at, end, endedAt: own }) => {
    const { target, kind, ordinal, native } = start;
    const fault = end?.outcome.type === 'failed' ? end.outcome.fault : undefined;
    const error = fault && errorType(fault);
    const firstEventAfter = end?.firstEventAfter;
    const operation = operationName(target.dialect);
    return {
      trace: context.trace,
      span: spanOf(opening.id, ordinal),
      parent: spanOf(opening.id),
      name: `${operation} ${target.model}`,
      kind: 'client' as const,
      from: at,
      to: own ?? endedAt,
      attributes: {
        ...about(opening),
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': providerName(target),
        'gen_ai.request.model': target.model,
        'gen_ai.response.time_to_first_chunk':
          opening.stream && firstEventAfter !== undefined ? { fraction: firstEventAfter / 1000 } : undefined,
        ...usageOf(end ?? {}),
        'error.type': error,
        'understudy.attempt': ordinal,
        'understudy.attempt.kind': kind,
        'understudy.attempt.outcome': end?.outcome.type,
        'understudy.target': targetName(target),
        'understudy.native': native,
        'understudy.fault.class': fault?.class,
        'understudy.fault.symptom': fault?.symptom,
      },
      events: firstEventAfter === undefined ? [] : [{ at: at + firstEventAfter, name: 'understudy.first_event', attributes: {} }],
      ...(error !== undefined && { error }),
    };
  });
}

function about({ id, session, stream }: Opening): Attributes {
  return { 'understudy.exchange.id': id, 'gen_ai.conversation.id': session, 'gen_ai.request.stream': stream };
}

function usageOf({ usage }: Pick<End, 'usage'>): Attributes {
  return {
    'gen_ai.usage.input_tokens': usage?.input,
    'gen_ai.usage.output_tokens': usage?.output,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWrite,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoning,
  };
}
