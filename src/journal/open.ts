import { join } from 'node:path';
import type { Clock } from '../exchange/clock.ts';
import type { Random } from '../exchange/ids.ts';
import { err, ok } from '../exchange/result.ts';
import type { Result } from '../exchange/result.ts';
import type { DataKey } from './at-rest/data-key.ts';
import { encryptedLogFiles } from './at-rest/log-files.ts';
import { lockedProblem } from './at-rest/locked.ts';
import { finishSwap } from './at-rest/swap.ts';
import { diskJournal } from './disk-journal.ts';
import { codeOf, trouble } from './disk-trouble.ts';
import type { Trouble } from './disk-trouble.ts';
import { nodeFiles } from './files.ts';
import type { Files } from './files.ts';
import type { Journal } from './journal.ts';
import { lockFolder } from './lock.ts';
import type { Holder } from './lock.ts';
import { memoryJournal } from './memory-journal.ts';
import type { Notice } from './notice.ts';
import type { RecordProblem } from './record/database.ts';
import { recordClient } from './record/client.ts';
import type { Decoders } from './replay.ts';
import { segmentNumbers } from './segment.ts';
import type { JournalSettings } from './settings.ts';

export interface JournalOptions {
  /** The data folder; made if it isn't there. */
  folder: string;
  settings: JournalSettings;
  clock: Clock;
  decoders: Decoders;
  /** Where this server will listen; named to a second one. */
  address?: string;
  /** For salts; defaults to the platform's. */
  random?: Random;
  /** Defaults to node:fs. */
  files?: Files;
  /** Of an encrypted folder. Without it nothing is saved there, and it is said. */
  key?: DataKey | undefined;
  onNotice(notice: Notice): void;
}

/** Why a server must not start. Everything else that can be wrong with a disk lets it start, degraded. */
export interface JournalProblem {
  type: 'folder-in-use' | 'newer-record';
  message: string;
  action: string;
}

/** Below this a start says that space is short: about an hour of a busy person's answers. */
const LITTLE_SPACE = 64 * 1024 * 1024;

export async function openJournal(options: JournalOptions): Promise<Result<Journal, JournalProblem>> {
  const files = options.files ?? nodeFiles;
  const { folder, onNotice } = options;
  const unusable = prepare(folder, files);
  if (unusable) return ok(withoutDisk(options, unusable));

  const lock = lockFolder(folder, {
    pid: process.pid,
    started: options.clock.now(),
    ...(options.address === undefined ? {} : { address: options.address }),
  });
  if (!lock.ok) {
    if (lock.error.type === 'held') return err(inUse(folder, lock.error.holder));
    return ok(withoutDisk(options, trouble(lock.error.error, folder, files)));
  }

  try {
    finishSwap(folder);
  } catch (error) {
    lock.value.release();
    return ok(withoutDisk(options, trouble(error, folder, files)));
  }
  const locked = lockedProblem(folder, options.key);
  if (locked) {
    lock.value.release();
    return ok(withoutDisk(options, { reason: locked.reason, action: locked.action }));
  }

  const free = freeSpace(folder, files);
  if (free !== undefined && free < LITTLE_SPACE) {
    onNotice({ level: 'warning', message: `only ${free} bytes are left for ${folder}: answers are no longer saved when they are used up` });
  }

  const log = join(folder, 'log');
  let firstSegment: number;
  try {
    firstSegment = (segmentNumbers(log, files).at(-1) ?? 0) + 1;
  } catch (error) {
    lock.value.release();
    return ok(withoutDisk(options, trouble(error, log, files)));
  }
  let recordProblem: RecordProblem | undefined;
  const record = recordClient(
    { log, database: join(folder, 'record.db'), firstSegment, ...(options.key && { key: options.key }) },
    {
      record(problem) {
        recordProblem = problem;
        if (problem) onNotice(recordNotice(problem));
        else onNotice({ level: 'info', message: 'the record can be used again' });
      },
      unfit(exchange, reason) {
        onNotice({ level: 'error', message: `${exchange} stays in ${log}: the record does not take it (${reason}); please report this` });
      },
      damage(segment, offset, size) {
        onNotice({
          level: 'warning',
          message: `${log}, segment ${segment}: ${size} bytes from ${offset} on are damaged or were cut off, and are passed over`,
        });
      },
    },
  );
  const atStart = await record.ready;
  if (atStart?.type === 'newer') {
    await record.close();
    lock.value.release();
    return err({ type: 'newer-record', message: atStart.reason, action: atStart.action });
  }
  if (atStart) {
    recordProblem = atStart;
    onNotice(recordNotice(atStart));
  }

  return ok(
    diskJournal({
      log,
      firstSegment,
      settings: options.settings,
      clock: options.clock,
      random: options.random ?? ((bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)),
      decoders: options.decoders,
      files: options.key ? encryptedLogFiles(files, options.key) : files,
      record,
      recordProblem: () => recordProblem,
      onNotice,
      released: lock.value.release,
    }),
  );
}

/** Makes the folder and tries to write in it. A full disk is no reason to start without: it may be freed. */
function prepare(folder: string, files: Files): Trouble | undefined {
  try {
    files.makeFolder(folder);
    const probe = join(folder, `probe-${process.pid}`);
    files.close(files.create(probe));
    files.remove(probe);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOSPC' || code === 'EDQUOT' ? undefined : trouble(error, folder, files);
  }
}

function withoutDisk(options: JournalOptions, found: Trouble): Journal {
  options.onNotice({
    level: 'error',
    message: `answers are served but not saved: ${found.reason}; ${found.action}, then start again`,
  });
  return memoryJournal({
    clock: options.clock,
    state: { type: 'degraded', since: options.clock.now(), ...found },
    limit: options.settings.unsaved,
    keepAfterEnd: options.settings.keepAfterEnd,
    onFault: (error) => options.onNotice({ level: 'error', message: `a fault inside Understudy: ${String(error)}` }),
  });
}

function inUse(folder: string, holder: Holder | undefined): JournalProblem {
  const who = holder ? `process ${holder.pid}${holder.address === undefined ? '' : ` at ${holder.address}`}` : 'another process';
  return {
    type: 'folder-in-use',
    message: `${folder} is in use by ${who}`,
    action: 'use that server, stop it, or give this one another folder with --data DIR',
  };
}

function recordNotice(problem: RecordProblem): Notice {
  return { level: 'error', message: `answers are saved in the log, but not in the record: ${problem.reason}; ${problem.action}` };
}

function freeSpace(folder: string, files: Files): number | undefined {
  try {
    return files.free(folder);
  } catch {
    // Not every file system tells.
    return undefined;
  }
}
