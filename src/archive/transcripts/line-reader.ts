import type { SourceName } from '../conversation.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import type { ToldConversation } from './book.ts';

/** What is known of a transcript besides its lines. */
export interface TranscriptPlace {
  /** Path with slashes; its names are read where lines do not say as much. */
  path: string;
  /** Folder of the project, where something beside the file says it. */
  project?: string;
}

/**
 * Reads one transcript, line by line. It can stop after any line and go on later out of its state, which is plain data.
 * Never throws for what a line says.
 */
export interface LineReader {
  /** `line`: its number, from 1. */
  take(record: JsonObject, line: number): void;
  /** What is new or changed since the last call. */
  told(): ToldConversation[];
  /** A line changed what was told long ago: the transcript has to be read from its beginning. */
  reachesBack(): boolean;
  state(): JsonObject;
}

/** Kinds of lines and how many of each. `left`: known, and no part of a conversation. `unknown`: nobody has told us of them. */
export interface LineCounts {
  left: Record<string, number>;
  unknown: Record<string, number>;
}

export interface LineFormat {
  source: SourceName;
  /** Raised when it reads more than before. */
  version: number;
  /** What such a file is called in reports. */
  what: string;
  /** Whether a file with this beginning and path is one. */
  recognises(head: string, path: string): boolean;
  reader(place: TranscriptPlace, counts: LineCounts, state?: Json): LineReader;
}

export function countIn(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}

/** Objects of the first lines of a file's beginning; the last one may be cut. */
export function firstRecords(head: string, most = 20): JsonObject[] {
  const records: JsonObject[] = [];
  for (const line of head.split('\n').slice(0, most)) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) records.push(value as JsonObject);
    } catch {
      // Cut, empty, or not JSON: the others decide.
    }
  }
  return records;
}

/** The name of a file without folders and ending: `session-1` of `a/b/session-1.jsonl`. */
export function stemOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).replace(/\.(jsonl\.zst|jsonl|json|txt)$/, '');
}
