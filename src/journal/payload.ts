import type { AnswerEvent } from '../exchange/event.ts';
import type { Bytes, Entry, Opening } from './entry.ts';
import { FRAME_HEADER, frameHead, OPENING_SEQ } from './frame.ts';
import type { Frame } from './frame.ts';
import type { LoggedEntry } from './journal.ts';

/** Frame types; each has its own version. Unknown ones are skipped by readers. */
const OPENING_FRAME = 1;
const ENTRY_FRAME = 2;
const BYTES_FRAME = 3;
/** The entry `end`, apart from the others so that it is found without reading them. */
export const END_FRAME = 4;
/** The entry `events`, apart from the others so that it can be passed over unread: attempt u16, the events as JSON. */
const EVENTS_FRAME = 5;
const VERSION = 1;

/** Bits of a bytes frame's third byte. */
const TERMINATED = 1;
const HAS_EVENTS = 2;
/** attempt u16, flags u8. */
const BYTES_LEAD = 3;
/** attempt u16. */
const EVENTS_LEAD = 2;

/** Room that `writeEntry` and `writeOpening` need in the slab. */
export const HEAD_ROOM = FRAME_HEADER + 8;

/** What an opening frame says. */
export interface StoredOpening {
  opening: Opening;
  /** `undefined`: nothing of the content is kept, or it was lost while nothing could be saved. */
  request: Buffer | undefined;
}

/** An entry as it lies on disk. `bytes` without `events`: the dialect's decoder has to say what they mean. */
export type StoredEntry = Exclude<Entry, Bytes> | (Omit<Bytes, 'events'> & { events: AnswerEvent[] | undefined });

/** Payload of an opening: u32 length of the JSON, the JSON, u8 whether a body follows, the request's bytes. */
export function writeOpening(slab: Buffer, offset: number, stored: StoredOpening, salt: number, out: Buffer[]): number {
  const json = Buffer.from(JSON.stringify(stored.opening));
  slab.writeUInt32LE(json.length, offset + FRAME_HEADER);
  slab[offset + FRAME_HEADER + 4] = stored.request ? 1 : 0;
  const rest = stored.request ? [json, stored.request] : [json];
  const head = { type: OPENING_FRAME, version: VERSION, id: stored.opening.id, seq: OPENING_SEQ, at: stored.opening.at };
  out.push(frameHead(slab, offset, head, 5, rest, salt), ...rest);
  return FRAME_HEADER + 5 + json.length + (stored.request?.length ?? 0);
}

/** Puts an entry's frame into `out` and returns its size. The bytes of a `bytes` entry are not copied. */
export function writeEntry(
  slab: Buffer,
  offset: number,
  id: string,
  logged: LoggedEntry,
  withEvents: boolean,
  salt: number,
  out: Buffer[],
): number {
  const { entry, seq, at } = logged;
  if (entry.type === 'events') {
    slab.writeUInt16LE(entry.attempt, offset + FRAME_HEADER);
    const json = Buffer.from(JSON.stringify(entry.events));
    out.push(frameHead(slab, offset, { type: EVENTS_FRAME, version: VERSION, id, seq, at }, EVENTS_LEAD, [json], salt), json);
    return FRAME_HEADER + EVENTS_LEAD + json.length;
  }
  if (entry.type !== 'bytes') {
    const json = Buffer.from(JSON.stringify(entry));
    const type = entry.type === 'end' ? END_FRAME : ENTRY_FRAME;
    out.push(frameHead(slab, offset, { type, version: VERSION, id, seq, at }, 0, [json], salt), json);
    return FRAME_HEADER + json.length;
  }
  slab.writeUInt16LE(entry.attempt, offset + FRAME_HEADER);
  slab[offset + FRAME_HEADER + 2] = (entry.terminated ? TERMINATED : 0) | (withEvents ? HAS_EVENTS : 0);
  const head = { type: BYTES_FRAME, version: VERSION, id, seq, at };
  if (!withEvents) {
    out.push(frameHead(slab, offset, head, BYTES_LEAD, [entry.bytes], salt), entry.bytes);
    return FRAME_HEADER + BYTES_LEAD + entry.bytes.length;
  }
  const json = Buffer.from(JSON.stringify(entry.events));
  slab.writeUInt32LE(json.length, offset + FRAME_HEADER + BYTES_LEAD);
  out.push(frameHead(slab, offset, head, BYTES_LEAD + 4, [json, entry.bytes], salt), json, entry.bytes);
  return FRAME_HEADER + BYTES_LEAD + 4 + json.length + entry.bytes.length;
}

/** `undefined` for frames of an unknown type or version, and for payloads that say nothing we know. */
export function readOpening(frame: Frame): StoredOpening | undefined {
  if (frame.type !== OPENING_FRAME || frame.version !== VERSION) return undefined;
  const length = frame.payload.readUInt32LE(0);
  const opening = parse<Opening>(frame.payload.subarray(5, 5 + length));
  if (!opening || opening.id !== frame.id) return undefined;
  return { opening, request: frame.payload[4] === 1 ? frame.payload.subarray(5 + length) : undefined };
}

/** `undefined` for frames of an unknown type or version. */
export function readEntry(frame: Frame): StoredEntry | undefined {
  if (frame.version !== VERSION) return undefined;
  if (frame.type === ENTRY_FRAME || frame.type === END_FRAME) return parse<StoredEntry>(frame.payload);
  if (frame.type === EVENTS_FRAME) {
    const events = parse<AnswerEvent[]>(frame.payload.subarray(EVENTS_LEAD));
    return events && { type: 'events', attempt: frame.payload.readUInt16LE(0), events };
  }
  if (frame.type !== BYTES_FRAME) return undefined;
  const attempt = frame.payload.readUInt16LE(0);
  const flags = frame.payload[2]!;
  const terminated = (flags & TERMINATED) !== 0;
  if ((flags & HAS_EVENTS) === 0) {
    return { type: 'bytes', attempt, terminated, bytes: frame.payload.subarray(BYTES_LEAD), events: undefined };
  }
  const length = frame.payload.readUInt32LE(BYTES_LEAD);
  const json = BYTES_LEAD + 4;
  const events = parse<AnswerEvent[]>(frame.payload.subarray(json, json + length));
  return { type: 'bytes', attempt, terminated, bytes: frame.payload.subarray(json + length), events };
}

/** Like `readEntry`, without what answers say: cheap, and enough for a summary. */
export function readOutline(frame: Frame): Entry | undefined {
  if (frame.version === VERSION && (frame.type === BYTES_FRAME || frame.type === EVENTS_FRAME)) {
    return { type: 'events', attempt: frame.payload.readUInt16LE(0), events: [] };
  }
  return readEntry(frame) as Entry | undefined;
}

/** Whether `readEntry` would know it. */
export function isEntry(frame: Frame): boolean {
  return frame.version === VERSION && frame.type > OPENING_FRAME && frame.type <= EVENTS_FRAME;
}

/** The checksum has vouched for the bytes: what we wrote is what we read. */
function parse<Value>(json: Buffer): Value | undefined {
  try {
    return JSON.parse(json.toString('utf8')) as Value;
  } catch {
    return undefined;
  }
}
