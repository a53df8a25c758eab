import type { PartHead } from '../exchange/event.ts';
import { isObject, type Json } from '../exchange/json.ts';
import type { AttemptEnd, Opening } from './entry.ts';
import type { AttemptSummary, ExchangeSummary } from './journal.ts';
import type { StoredEntry } from './payload.ts';
import { targetName } from '../exchange/target.ts';

/** Adds up an exchange's history as it comes. */
export interface Summary {
  add(seq: number, at: number, entry: StoredEntry): void;
  /** What has become of it after its end, if it was deferred: cancelled, or answered by another exchange. False: it did not wait. */
  settle(answeredBy: string | undefined): boolean;
  read(): ExchangeSummary;
  state(): string;
  /** The answer's id as the provider gave it, once it has begun. */
  answer(): string | undefined;
  /** The ids of its items, in dialects that have them. */
  items(): readonly string[];
}

export function summaryOf(opening: Opening): Summary {
  const attempts: AttemptSummary[] = [];
  const items: string[] = [];
  const total: ExchangeSummary = {
    id: opening.id,
    at: opening.at,
    dialect: opening.dialect,
    model: opening.model,
    route: opening.route,
    stream: opening.stream,
    ...(opening.session === undefined ? {} : { session: opening.session }),
    ...(opening.client === undefined ? {} : { client: opening.client }),
    state: 'running',
    ...(opening.runs === undefined ? {} : { runs: opening.runs }),
    attempts,
    seams: 0,
    entries: 0,
  };

  function deliver(ordinal: number): void {
    const target = attempts.find((attempt) => attempt.ordinal === ordinal)?.target;
    if (target !== undefined) total.target = target;
  }

  function nameAnswer(id: string | undefined): void {
    if (id !== undefined && id !== '') total.answer ??= id;
  }

  function nameItem(id: Json | undefined): void {
    if (typeof id === 'string' && id !== '' && !items.includes(id)) items.push(id);
  }

  function add(seq: number, at: number, entry: StoredEntry): void {
    total.entries = Math.max(total.entries, seq + 1);
    switch (entry.type) {
      case 'bytes':
      case 'events':
        if (total.target === undefined) deliver(entry.attempt);
        for (const event of entry.events ?? []) {
          if (event.type === 'start') nameAnswer(event.id);
          else if (event.type === 'part-start' && opening.dialect === 'openai-responses') nameItem(itemOf(event.part));
        }
        return;
      case 'attempt':
        attempts.push({
          ordinal: entry.ordinal,
          kind: entry.kind,
          target: targetName(entry.target),
          outcome: 'running',
          ...(entry.losses.length > 0 && { losses: entry.losses }),
          ...(entry.edits.length > 0 && { edits: entry.edits }),
        });
        return;
      case 'attempt-end': {
        const attempt = attempts.find((candidate) => candidate.ordinal === entry.ordinal);
        if (attempt) settle(attempt, entry);
        return;
      }
      case 'head':
        if (entry.target !== undefined) total.target = entry.target;
        return;
      case 'seam':
        total.seams += 1;
        return;
      case 'end':
        total.endedAt = at;
        total.state = entry.outcome.type;
        nameAnswer(entry.answer);
        for (const id of entry.items ?? []) nameItem(id);
        if (entry.outcome.type === 'complete') total.finish = entry.outcome.finish;
        if (entry.usage) total.usage = { ...pick('input', entry.usage.input), ...pick('output', entry.usage.output) };
    }
  }

  return {
    add,
    settle(answeredBy) {
      if (total.state !== 'deferred') return false;
      total.state = answeredBy === undefined ? 'cancelled' : 'answered';
      if (answeredBy !== undefined) total.answeredBy = answeredBy;
      return true;
    },
    answer: () => total.answer,
    items: () => items,
    state: () => total.state,
    read: () => ({ ...total, ...totalCost(attempts), attempts: attempts.map((attempt) => ({ ...attempt })) }),
  };
}

/** Dollars of all attempts; nothing where none is known to have cost any. */
export function totalCost(attempts: readonly AttemptSummary[]): { cost?: number } {
  const cost = attempts.reduce((sum, attempt) => sum + (attempt.cost ?? 0), 0);
  // Sums of binary fractions have tails that nobody wants to read.
  return cost > 0 ? { cost: Number(cost.toPrecision(12)) } : {};
}

/** What the item is called that a part is (of): only Responses name them. */
function itemOf(part: PartHead): Json | undefined {
  if (part.type === 'opaque') return part.producer.dialect === 'openai-responses' && isObject(part.value) ? part.value.id : undefined;
  const extras = 'extras' in part ? part.extras : undefined;
  return extras?.dialect === 'openai-responses' ? extras.fields.id : undefined;
}

function settle(attempt: AttemptSummary, end: AttemptEnd): void {
  attempt.outcome = end.outcome.type;
  attempt.took = end.took;
  if (end.cost !== undefined) attempt.cost = end.cost;
  if (end.losses) attempt.losses = [...(attempt.losses ?? []), ...end.losses];
  if (end.headersAfter !== undefined) attempt.headersAfter = end.headersAfter;
  if (end.firstEventAfter !== undefined) attempt.firstEventAfter = end.firstEventAfter;
  if (end.outcome.type !== 'failed') return;
  attempt.fault = `${end.outcome.fault.class}/${end.outcome.fault.symptom}`;
  attempt.message = end.outcome.fault.message;
}

function pick<Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, number>>);
}
