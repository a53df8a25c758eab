import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../exchange/clock.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';

/** What should outlive a restart but is no part of the record, such as what backups have cost. */
export interface StateFile {
  /** What was saved last; an empty object where there is nothing, or nothing that can be read. */
  saved: JsonObject;
  /** Something has changed: it is written soon. */
  touch(): void;
  /** Writes what has not been written yet. From then on the file is left alone: it may be the next process's. */
  close(): void;
}

/** Changes come with every answer in an outage; they are written together. */
const DELAY = 5000;

/** `state.json` in the data folder, replaced as a whole. A folder that can't be written is the journal's to complain about. */
export function openStateFile(folder: string, clock: Clock, snapshot: () => JsonObject): StateFile {
  const file = join(folder, 'state.json');
  let stop: (() => void) | undefined;
  let closed = false;

  function write(): void {
    stop = undefined;
    try {
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(snapshot()), { mode: 0o600 });
      renameSync(draft, file);
    } catch {
      // The journal meets the same disk and says so; this state is only ever a better beginning.
    }
  }

  return {
    saved: read(file),
    touch() {
      if (!closed) stop ??= clock.after(DELAY, write);
    },
    close() {
      closed = true;
      if (!stop) return;
      stop();
      write();
    },
  };
}

function read(file: string): JsonObject {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Json;
    return isObject(saved) ? saved : {};
  } catch {
    return {};
  }
}
