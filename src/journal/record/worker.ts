import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { filesOf } from '../at-rest/files-of.ts';
import { openRecord, recordProblem } from './database.ts';
import type { RecordProblem } from './database.ts';
import { folder } from './folder.ts';
import type { Folder } from './folder.ts';
import type { FromWorker, Question, ToWorker, WorkerSetup } from './messages.ts';
import { findOnceRecorded, findRecorded, findRunRecorded, getRecorded, listRecorded, withdrawRecorded } from './read.ts';

/** Milliseconds until a record that could not be used is tried again. */
const RETRY = 2000;

/** Owns the database: folds the log into it and answers questions, so that neither ever stalls a stream. */
function run(setup: WorkerSetup, say: (message: FromWorker) => void, finish: () => void): (message: ToWorker) => void {
  const files = filesOf(setup.key);
  let database: DatabaseSync | undefined;
  let folding: Folder | undefined;
  let wrote = { segment: setup.firstSegment, size: 0 };
  let before = setup.firstSegment;
  let problem: RecordProblem | undefined;
  let retry: NodeJS.Timeout | undefined;

  function open(): RecordProblem | undefined {
    const opened = openRecord(setup.database, setup.key);
    if (!opened.ok) return opened.error;
    database = opened.value;
    try {
      folding = folder(setup.log, setup.firstSegment, database, files, {
        damaged: (segment, offset, size) => say({ type: 'damage', segment, offset, size }),
        unfit: (exchange, error) => say({ type: 'unfit', exchange, reason: error instanceof Error ? error.message : String(error) }),
      });
    } catch (error) {
      shut();
      return recordProblem(error, setup.database);
    }
    return undefined;
  }

  function shut(): void {
    folding?.close();
    if (database?.isOpen) database.close();
    folding = undefined;
    database = undefined;
  }

  /** Anything that fails leaves the log as it is; a problem that may pass is tried again from the remembered place. */
  function trouble(found: RecordProblem): void {
    shut();
    problem = found;
    if (found.type !== 'unavailable') return;
    retry ??= setTimeout(() => {
      retry = undefined;
      const again = open();
      if (again) return report(again);
      fold((work) => work.recover());
      if (!database) return;
      problem = undefined;
      say({ type: 'record' });
    }, RETRY);
  }

  /** Says it once, however often it is tried. */
  function report(found: RecordProblem): void {
    const said = problem?.reason === found.reason;
    trouble(found);
    if (!said) say({ type: 'record', problem: found });
  }

  function fold(work: (folding: Folder) => void): void {
    if (!folding) return;
    try {
      work(folding);
      folding.foldTo(wrote.segment, wrote.size);
      folding.clean(before);
    } catch (error) {
      report(recordProblem(error, setup.database));
    }
  }

  function answer(ask: (database: DatabaseSync) => FromWorker, otherwise: FromWorker): void {
    fold(() => undefined);
    if (!database) return say(otherwise);
    try {
      say(ask(database));
    } catch (error) {
      report(recordProblem(error, setup.database));
      say(otherwise);
    }
  }

  const atStart = open();
  if (atStart) trouble(atStart);
  say({ type: 'ready', ...(atStart ? { problem: atStart } : {}) });
  fold((work) => work.recover());

  return (message) => {
    switch (message.type) {
      case 'wrote':
        wrote = { segment: message.segment, size: message.size };
        fold(() => undefined);
        return;
      case 'release':
        before = message.before;
        fold(() => undefined);
        return;
      case 'ask': {
        const { number, question } = message;
        answer((data) => reply(data, number, question), nothing(number, question));
        return;
      }
      case 'close':
        fold(() => undefined);
        clearTimeout(retry);
        shut();
        say({ type: 'closed' });
        finish();
    }
  };
}

function reply(database: DatabaseSync, number: number, question: Question): FromWorker {
  switch (question.type) {
    case 'list':
      return { type: 'listed', number, summaries: listRecorded(database, question.query) };
    case 'get':
      return { type: 'got', number, recorded: getRecorded(database, question.id) };
    case 'find':
      return { type: 'found', number, exchange: findRecorded(database, question.query) };
    case 'find-once':
      return { type: 'found', number, exchange: findOnceRecorded(database, question.query) };
    case 'find-run':
      return { type: 'found', number, exchange: findRunRecorded(database, question.deferred) };
    case 'withdraw':
      return { type: 'withdrawn', number, done: withdrawRecorded(database, question.deferred) };
  }
}

/** The reply of a record that can't be read. */
function nothing(number: number, { type }: Question): FromWorker {
  switch (type) {
    case 'list':
      return { type: 'listed', number, summaries: [] };
    case 'get':
      return { type: 'got', number, recorded: undefined };
    case 'find':
    case 'find-once':
    case 'find-run':
      return { type: 'found', number, exchange: undefined };
    case 'withdraw':
      return { type: 'withdrawn', number, done: false };
  }
}

if (parentPort) {
  const port = parentPort;
  const receive = run(
    workerData as WorkerSetup,
    (message) => port.postMessage(message),
    () => port.close(),
  );
  port.on('message', receive);
}
