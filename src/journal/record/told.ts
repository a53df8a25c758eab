import { exchangeTime } from '../../exchange/ids.ts';
import type { End, Opening } from '../entry.ts';
import { knownFrameAt, rawFrame } from '../frame.ts';
import type { PlacedFrame } from '../frame.ts';
import type { ExchangeSummary } from '../journal.ts';
import { END_FRAME, HEAD_ROOM, isEntry, readEntry, readOutline, writeEntry } from '../payload.ts';
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

const INTERRUPTED: End = { type: 'end', outcome: { type: 'interrupted' } };

/** The same history, closed: what was open when its process died ends as interrupted. */
export function closed(id: string, told: Told): Told {
  const last = told.entries.at(-1);
  if (last && (isEnd(last) || readOutline(last)?.type === 'end')) return told;
  const logged = { seq: (last?.seq ?? -1) + 1, at: last?.at ?? told.stored?.opening.at ?? 0, entry: INTERRUPTED };
  const out: Buffer[] = [];
  writeEntry(Buffer.allocUnsafe(HEAD_ROOM), 0, id, logged, false, 0, out);
  const end = knownFrameAt(Buffer.concat(out), 0);
  return end ? { ...told, entries: [...told.entries, end] } : told;
}

function isEnd(frame: PlacedFrame): boolean {
  return frame.type === END_FRAME && isEntry(frame);
}

export function summaryOfTold(id: string, told: Told): ExchangeSummary {
  const summary = summaryOf(openingOfTold(id, told));
  for (const frame of told.entries) {
    const entry = readOutline(frame);
    if (entry) summary.add(frame.seq, frame.at, entry);
  }
  const read = summary.read();
  if (told.hole) read.hole = true;
  return read;
}

/** The names of the answer's items. */
export function itemsOfTold({ entries }: Told): readonly string[] {
  const last = entries.at(-1);
  // Most ends name none, and need not be parsed to know that.
  const end = last?.payload.includes('"items"') === true ? readOutline(last) : undefined;
  return end?.type === 'end' ? (end.items ?? []) : [];
}

/** Entries as they lay in the log, one frame after another. Their checksums belong to their segments, and have been looked at. */
export function packEntries(entries: readonly PlacedFrame[]): Buffer {
  const [first] = entries;
  return first && entries.length === 1 ? rawFrame(first) : Buffer.concat(entries.map(rawFrame));
}

export function unpackEntries(packed: Buffer): Placed[] {
  const entries: Placed[] = [];
  for (let offset = 0; offset < packed.length;) {
    const frame = knownFrameAt(packed, offset);
    if (!frame) break;
    const entry = readEntry(frame);
    if (entry) entries.push({ seq: frame.seq, at: frame.at, entry });
    offset += frame.size;
  }
  return entries;
}
