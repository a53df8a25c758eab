import { exchangeTime } from '../../exchange/ids.ts';
import type { LoggedEntry } from '../journal.ts';
import type { Opening } from '../entry.ts';
import { scanFrames } from '../frame.ts';
import type { ExchangeSummary } from '../journal.ts';
import { readEntry, HEAD_ROOM, writeEntry } from '../payload.ts';
import type { Placed } from '../replay.ts';
import { summaryOf } from '../summary.ts';
import type { Told } from './collect.ts';

/** The opening; where it has been lost, what an exchange's id still says. */
export function openingOfTold(id: string, told: Told): Opening {
  return (
    told.stored?.opening ?? {
      id,
      at: exchangeTime(id) ?? told.entries[0]?.at ?? 0,
      dialect: 'anthropic-messages',
      model: 'unknown',
      route: 'unknown',
      stream: true,
      principal: 'unknown',
      save: true,
    }
  );
}

/** The same history, closed: what was open when its process died ends as interrupted. */
export function closed(told: Told): Told {
  const last = told.entries.at(-1);
  if (last?.entry.type === 'end') return told;
  const end: Placed = {
    seq: (last?.seq ?? -1) + 1,
    at: last?.at ?? told.stored?.opening.at ?? 0,
    entry: { type: 'end', outcome: { type: 'interrupted' } },
  };
  return { ...told, entries: [...told.entries, end] };
}

export function summaryOfTold(id: string, told: Told): ExchangeSummary {
  const summary = summaryOf(openingOfTold(id, told));
  for (const { seq, at, entry } of told.entries) summary.add(seq, at, entry);
  return { ...summary.read(), ...(told.hole ? { hole: true } : {}) };
}

/** Entries as frames, one after another. */
export function packEntries(id: string, entries: readonly Placed[]): Buffer {
  const out: Buffer[] = [];
  for (const { seq, at, entry } of entries) {
    const slab = Buffer.allocUnsafe(HEAD_ROOM);
    const whole: LoggedEntry['entry'] = entry.type === 'bytes' ? { ...entry, events: entry.events ?? [] } : entry;
    writeEntry(slab, 0, id, { seq, at, entry: whole }, entry.type === 'bytes' && entry.events !== undefined, 0, out);
  }
  return Buffer.concat(out);
}

export function unpackEntries(packed: Buffer): Placed[] {
  return scanFrames(packed, 0, true).frames.flatMap((frame) => {
    const entry = readEntry(frame);
    return entry ? [{ seq: frame.seq, at: frame.at, entry }] : [];
  });
}
