import type { DatabaseSync } from 'node:sqlite';

/**
 * Documents are numbered by the hour that they are of, then as they come, so that the newest hits of a word are the ends of its
 * lists. Where an hour is full (imports without times), the next one with room is taken; `drift` says how far that ever went.
 */
const HOUR = 3_600_000;
const IN_AN_HOUR = 4096;

export interface Numbering {
  /** Begins a series, within a transaction; each call gives the number for a message of this time (UTC ms), which is then taken. */
  begin(): (at: number) => number;
}

/** The least number that a document of this time can have. */
export function firstOf(at: number): number {
  return Math.max(0, Math.floor(at / HOUR)) * IN_AN_HOUR;
}

/** No document from before this time has this number or a greater one. */
export function endOf(at: number, drift: number): number {
  return (Math.max(0, Math.ceil(at / HOUR)) + drift) * IN_AN_HOUR;
}

export function driftOf(database: DatabaseSync): number {
  return Number(database.prepare("SELECT value FROM search_facts WHERE name = 'drift'").get()?.['value'] ?? 0);
}

export function numberingOf(database: DatabaseSync): Numbering {
  const last = database.prepare('SELECT max(document) AS document FROM search_documents WHERE document >= ? AND document < ?');
  const widen = database.prepare(
    "INSERT INTO search_facts (name, value) VALUES ('drift', ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
  );
  return {
    begin() {
      /** By the first number of an hour, the next that is free; asked for once. */
      const free = new Map<number, number>();
      let widest = 0;
      return (at) => {
        for (let drift = 0, first = firstOf(at); ; drift++, first += IN_AN_HOUR) {
          let document = free.get(first);
          if (document === undefined) {
            const taken = last.get(first, first + IN_AN_HOUR)?.['document'];
            document = typeof taken === 'number' ? taken + 1 : first;
          }
          const isFull = document >= first + IN_AN_HOUR;
          free.set(first, isFull ? document : document + 1);
          if (isFull) continue;
          if (drift > widest) widen.run((widest = drift));
          return document;
        }
      };
    },
  };
}
