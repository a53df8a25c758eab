import type { Entry } from './entry.ts';
import type { LoggedEntry } from './journal.ts';

/** The newest entries of one answer, in memory. Contiguous: it only grows at its end and shrinks at its beginning. */
export interface Ring {
  push(logged: LoggedEntry): void;
  /** `undefined`: no longer here. */
  at(seq: number): LoggedEntry | undefined;
  /** Bytes held, estimated. */
  size(): number;
  /** Place of the oldest entry; of the next one if there is none. */
  first(): number;
  drop(): void;
}

/** Dropped slots are given back in bulk. */
const COMPACT_AFTER = 512;

export function ring(): Ring {
  let slots: (LoggedEntry | undefined)[] = [];
  let weights: number[] = [];
  let head = 0;
  let first = 0;
  let size = 0;
  return {
    push(logged) {
      const weight = weigh(logged.entry);
      slots.push(logged);
      weights.push(weight);
      size += weight;
    },
    at: (seq) => (seq < first ? undefined : slots[head + seq - first]),
    size: () => size,
    first: () => first,
    drop() {
      if (head === slots.length) return;
      size -= weights[head]!;
      slots[head] = undefined;
      head += 1;
      first += 1;
      if (head === slots.length) slots.length = weights.length = head = 0;
      if (head < COMPACT_AFTER) return;
      slots = slots.slice(head);
      weights = weights.slice(head);
      head = 0;
    },
  };
}

/** What an object costs besides its text; measured on Node 26: 150-350 bytes an entry with one event. */
const OBJECT = 250;

/** Rough: the ring bounds memory, it does not account for it. */
function weigh(entry: Entry): number {
  if (entry.type === 'bytes') return OBJECT + entry.bytes.length * 2;
  if (entry.type !== 'events') return OBJECT * 2;
  let weight = OBJECT;
  for (const event of entry.events) {
    weight += OBJECT;
    if (event.type !== 'part-delta') continue;
    const { delta } = event;
    if (delta.type === 'text') weight += delta.text.length;
    else if (delta.type === 'arguments') weight += delta.json.length;
    else if (delta.type === 'signature') weight += delta.signature.length;
  }
  return weight;
}
