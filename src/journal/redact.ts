import type { Fault } from '../exchange/fault.ts';
import type { Entry } from './entry.ts';

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
      return { ...entry, losses: [], edits: [] };
    case 'attempt-end':
      return entry.outcome.type === 'failed' ? { ...entry, outcome: { ...entry.outcome, fault: silent(entry.outcome.fault) } } : entry;
    case 'end': {
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

/** Providers quote the request in their messages. */
function silent(fault: Fault): Fault {
  return { ...fault, message: 'not kept: this route is set to save: off' };
}
