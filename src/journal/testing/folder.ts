import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../exchange/clock.ts';
import type { Result } from '../../exchange/result.ts';
import { type Files, nodeFiles } from '../files.ts';
import type { AnswerLog, Journal, LoggedEntry } from '../journal.ts';
import type { Notice } from '../notice.ts';
import { openJournal } from '../open.ts';
import type { JournalOptions, JournalProblem } from '../open.ts';
import { journalSettings } from '../settings.ts';
import { lineDecoders } from './entries.ts';

export interface TestFolder extends Disposable {
  path: string;
  notices: Notice[];
  open(more?: Partial<JournalOptions>): Promise<Result<Journal, JournalProblem>>;
  /** Opens a journal that has to open. */
  journal(more?: Partial<JournalOptions>): Promise<Journal>;
}

/** A data folder for one test. */
export function testFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'understudy-journal-'));
  const notices: Notice[] = [];
  function open(more: Partial<JournalOptions> = {}): Promise<Result<Journal, JournalProblem>> {
    return openJournal({
      folder: path,
      settings: journalSettings.parse({}),
      clock: systemClock,
      decoders: lineDecoders,
      onNotice: (notice) => notices.push(notice),
      ...more,
    });
  }
  return {
    path,
    notices,
    open,
    async journal(more) {
      const opened = await open(more);
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** All that is in the log of a data folder. */
export function logBytes(path: string, files: Files = nodeFiles): Buffer {
  return Buffer.concat(
    readdirSync(join(path, 'log')).map((name) => {
      const file = files.openToRead(join(path, 'log', name));
      const bytes = Buffer.alloc(files.look(file).size);
      files.read(file, bytes, 0);
      files.close(file);
      return bytes;
    }),
  );
}

/** Follows an answer to its end. */
export function readToEnd(log: AnswerLog, after = -1): Promise<LoggedEntry[]> {
  return new Promise((resolve, reject) => {
    const seen: LoggedEntry[] = [];
    log.follow(
      after,
      (logged) => {
        seen.push(logged);
        if (logged.entry.type === 'end') resolve(seen);
        return true;
      },
      (reason) => reject(new Error(reason)),
    );
  });
}

/** One turn of the event loop, in which what was appended is saved and shown. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Waits until something is so; fails after ten seconds. */
export async function eventually(so: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come about');
}
