import type { Fault } from '../exchange/fault.ts';
import type { AttemptStart, End, Entry } from './entry.ts';

/**
 * What of an entry goes to disk when nothing of the content is kept (`save: off`): what happened and how long it took, no
 * text. `undefined`: nothing at all.
 */
export function withoutContent(entry: Entry): Entry | undefined {
  switch (entry.type) {
    case 'bytes':
    case 'events':
      return undefined;
    case 'attempt':
      return { ...unsaid(entry), losses: [], edits: [] };
    case 'attempt-end': {
      const { losses: _, ...rest } = entry;
      return entry.outcome.type === 'failed' ? { ...rest, outcome: { ...entry.outcome, fault: silent(entry.outcome.fault) } } : rest;
    }
    case 'end': {
      entry = unsaid(entry);
      if (entry.outcome.type === 'deferred') return { ...entry, outcome: { ...entry.outcome, fault: silent(entry.outcome.fault) } };
      if (entry.outcome.type !== 'failed') return entry;
      const { body: _, ...outcome } = entry.outcome;
      return { ...entry, outcome: { ...outcome, fault: silent(entry.outcome.fault) } };
    }
    case 'head':
    case 'seam':
      return entry;
  }
}

/** Why somebody is passed over may be told in a provider's words. */
function unsaid<Told extends AttemptStart | End>(entry: Told): Told {
  return entry.skipped ? { ...entry, skipped: entry.skipped.map(({ target }) => ({ target, reason: NOT_KEPT })) } : entry;
}

const NOT_KEPT = 'not kept: this route is set to save: off';

/** Providers quote the request in their messages. */
function silent(fault: Fault): Fault {
  return { ...fault, message: NOT_KEPT };
}
