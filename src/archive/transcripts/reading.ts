import type { Skipped } from '../conversation.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import type { ToldConversation } from './book.ts';
import { linesOfWhole } from './gemini-cli/gemini-cli.ts';
import type { LineCounts, LineFormat, TranscriptPlace } from './line-reader.ts';
import { linesIn, recordOf } from './lines.ts';

/** How far a transcript has been read; plain data, so that it can be kept. */
export interface ReadingState {
  /** Bytes of complete lines. */
  offset: number;
  line: number;
  counts: LineCounts;
  /** Lines that are no JSON objects, by their number. */
  broken: { line: number; why: string; found: string }[];
  reader: JsonObject;
}

export interface Reading {
  /** Reads on in bytes that follow those before. What has no end yet is left for the next call. */
  read(pieces: Iterable<Uint8Array>): void;
  /** Nothing more comes: what has no end is taken if it is whole, and told as cut off if it is not. Its state is then good for nothing more. */
  finish(): void;
  /** Something is there that has no end yet. */
  isTorn(): boolean;
  /** Takes one object as if it were the next line. */
  take(record: JsonObject): void;
  offset(): number;
  told(): ToldConversation[];
  reachesBack(): boolean;
  state(): ReadingState;
  /** What was not understood, for reports. */
  skipped(where: string): Skipped[];
}

/** Lines that are told one by one; further ones are only counted. */
const TOLD_BROKEN = 20;

/** Reads a transcript from its beginning, or on from a state. */
export function openReading(format: LineFormat, place: TranscriptPlace, from?: ReadingState): Reading {
  const counts: LineCounts = from?.counts ?? { left: {}, unknown: {} };
  const broken = from?.broken ?? [];
  const reader = format.reader(place, counts, from?.reader as Json | undefined);
  let offset = from?.offset ?? 0;
  let line = from?.line ?? 0;
  let rest: Uint8Array | undefined;

  function take(bytes: Uint8Array): void {
    line += 1;
    const record = recordOf(bytes);
    if (record === 'empty') return;
    if (typeof record !== 'string') {
      reader.take(record, line);
      return;
    }
    counts.unknown[record] = (counts.unknown[record] ?? 0) + 1;
    if (broken.length < TOLD_BROKEN) broken.push({ line, why: record, found: Buffer.from(bytes.subarray(0, 80)).toString('utf8') });
  }

  return {
    read(pieces) {
      rest = undefined;
      for (const { bytes, end, torn } of linesIn(pieces, offset)) {
        if (torn) {
          // Its writer is in the middle of it, or was cut off there: it is read again when there is more.
          rest = bytes;
          break;
        }
        take(bytes);
        offset = end;
      }
    },
    finish() {
      if (rest === undefined) return;
      if (typeof recordOf(rest) === 'string' && recordOf(rest) !== 'empty') {
        line += 1;
        broken.push({ line, why: 'cut off at the end of the file', found: Buffer.from(rest.subarray(0, 80)).toString('utf8') });
        counts.unknown['cut off'] = 1;
      } else take(rest);
      offset += rest.length;
      rest = undefined;
    },
    isTorn: () => rest !== undefined,
    take(record) {
      line += 1;
      reader.take(record, line);
    },
    offset: () => offset,
    told: () => reader.told(),
    reachesBack: () => reader.reachesBack(),
    state: () => ({ offset, line, counts, broken, reader: reader.state() }),
    skipped(where) {
      const lines = broken.map((each): Skipped => ({
        where: `${where}:${each.line}`,
        reason: `a line that is ${each.why}`,
        found: each.found,
      }));
      const kinds = Object.entries(counts.unknown).filter(([kind]) => !['no JSON', 'no object', 'cut off'].includes(kind));
      return [
        ...lines,
        ...kinds.map(([kind, count]): Skipped => ({ where, reason: `${count} of a kind that is not known here: ${kind}`, found: kind })),
      ];
    },
  };
}

/** A session that is one JSON object (Gemini CLI before 0.20, Claude Code's shared `loglines`), told as its lines would be. */
export function readWhole(format: LineFormat, place: TranscriptPlace, text: string): Reading | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  const reading = openReading(format, place);
  for (const record of linesOfWhole(value)) reading.take(record);
  return reading;
}
