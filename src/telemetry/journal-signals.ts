import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import type { AttemptKind, ExchangeOutcome, Opening } from '../journal/entry.ts';
import type { Change } from '../journal/journal.ts';
import type { Feed } from './feed.ts';
import type { FaultSignal } from './signal.ts';

interface Followed {
  opening: Opening;
  attempts: Map<number, { kind: AttemptKind; target: string }>;
  /** Who was asked first. */
  first?: string;
  /** What the newest failure that is of interest said, and whose it was. */
  why?: string;
  whose?: string;
  /** Who has delivered something. */
  delivered?: string;
  seams: number;
}

/** Turns the journal's changes into signals: a few steps per exchange, none per chunk. */
export function journalSignals(feed: Pick<Feed, 'publish'>): (change: Change) => void {
  const followed = shortLivedMap<Followed>();

  /** Words of its answer are out, or all of it is there: only now is it true that somebody else answers. */
  function delivers(exchange: Followed, about: { exchange: string; model: string }, target: string, at: number): void {
    if (exchange.delivered !== undefined) return;
    exchange.delivered = target;
    const { first } = exchange;
    if (first === undefined || first === target) return;
    feed.publish({ type: 'switch', ...about, from: first, to: target, when: 'before-first-words', ...because(exchange, first) }, at);
  }

  return (change) => {
    const { exchange: id, at } = change;
    if (change.type === 'opened') {
      const { opening } = change;
      followed.set(id, { opening, attempts: new Map(), seams: 0 });
      const { dialect, model, route, stream, client } = opening;
      feed.publish(
        {
          type: 'exchange-opened',
          exchange: id,
          dialect,
          model,
          route,
          stream,
          ...session(opening),
          ...(client !== undefined && { client }),
        },
        at,
      );
      return;
    }
    const exchange = followed.get(id);
    if (!exchange) return;
    const { entry } = change;
    const { opening } = exchange;
    const about = { exchange: id, model: opening.model, ...session(opening) };
    switch (entry.type) {
      case 'attempt': {
        const target = targetName(entry.target);
        exchange.attempts.set(entry.ordinal, { kind: entry.kind, target });
        feed.publish({ type: 'attempt-begun', exchange: id, attempt: entry.ordinal, kind: entry.kind, target, native: entry.native }, at);
        exchange.first ??= target;
        return;
      }
      case 'attempt-end': {
        const attempt = exchange.attempts.get(entry.ordinal);
        if (!attempt) return;
        const { outcome, headersAfter, firstEventAfter, took, usage } = entry;
        if (outcome.type === 'failed' && exchange.whose !== attempt.target) {
          // Of the first that was asked what it said first; afterwards of whoever had been delivering.
          if (exchange.why === undefined || exchange.delivered === attempt.target) {
            exchange.why = firstLine(outcome.fault.message);
            exchange.whose = attempt.target;
          }
        }
        feed.publish(
          {
            type: 'attempt-ended',
            exchange: id,
            attempt: entry.ordinal,
            ...attempt,
            outcome: outcome.type,
            ...(outcome.type === 'failed' && { fault: faultSignal(outcome.fault) }),
            ...(headersAfter !== undefined && { headersAfter }),
            ...(firstEventAfter !== undefined && { firstEventAfter }),
            took,
            ...(usage !== undefined && { usage }),
          },
          at,
        );
        if (outcome.type === 'whole') delivers(exchange, about, attempt.target, at);
        return;
      }
      case 'seam': {
        const { from, to, delivered, join } = entry;
        exchange.seams += 1;
        // Who spoke before the headers had a name for it.
        delivers(exchange, about, from, at);
        exchange.delivered = to;
        if (from !== to)
          feed.publish({ type: 'switch', ...about, from, to, when: 'after-first-words', delivered, join, ...because(exchange, from) }, at);
        return;
      }
      case 'head':
        if (entry.status !== 200 || entry.target === undefined) return;
        delivers(exchange, about, entry.target, at);
        return;
      case 'end': {
        followed.delete(id);
        const { outcome, usage } = entry;
        feed.publish(
          {
            type: 'exchange-ended',
            ...about,
            route: opening.route,
            outcome: outcome.type,
            ...endOf(outcome),
            ...(exchange.delivered !== undefined && { target: exchange.delivered }),
            attempts: exchange.attempts.size,
            seams: exchange.seams,
            took: Math.max(0, at - opening.at),
            ...(usage !== undefined && { usage }),
          },
          at,
        );
        return;
      }
    }
  };
}

function endOf(outcome: ExchangeOutcome): { finish?: string; fault?: FaultSignal } {
  if (outcome.type === 'complete') return { finish: outcome.finish };
  return outcome.type === 'failed' || outcome.type === 'deferred' ? { fault: faultSignal(outcome.fault) } : {};
}

export function faultSignal({ class: kind, symptom, status, code, retryAfter }: Fault): FaultSignal {
  return {
    class: kind,
    symptom,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code: code.slice(0, 80) }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function session({ session: id }: Opening): { session?: string } {
  return id === undefined ? {} : { session: id };
}

/** What a provider says may quote the question: not where nothing of it is to be kept. */
function because({ why, whose, opening }: Followed, from: string): { why?: string } {
  return why === undefined || why === '' || whose !== from || !opening.save ? {} : { why };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
