import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../exchange/clock.ts';
import type { DatabaseProblem } from '../journal/sqlite-file.ts';
import type { Chore } from './chore.ts';
import { choresOf } from './chores.ts';
import { skippedExchanges } from './exchanges/skipped.ts';
import type { RetentionNews } from './retention/keeper.ts';
import type { ArchiveSetup, FromArchive, ToArchive } from './messages.ts';
import { answers, type Answers } from './questions.ts';
import { spaceGuard } from './space/guard.ts';
import { archiveProblem, openArchive, type Archive } from './store/open.ts';
import { stepBack } from './step-back.ts';

/** Milliseconds until an archive that could not be used is tried again. */
const RETRY = 5000;
/** Milliseconds between two looks at what may have come without a word: another process writes into it too. */
const LOOK = 30_000;

interface Open {
  archive: Archive;
  answers: Answers;
  chores: Chore[];
}

/** Owns the server's hold on the archive: answers questions at once, and does its chores in between, a piece at a time. */
function run(setup: ArchiveSetup, say: (message: FromArchive) => void, finish: () => void): (message: ToArchive) => void {
  const { folder, key } = setup;
  let opened: Open | undefined;
  let problem: DatabaseProblem | undefined;
  let skipped = 0;
  let working: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;
  const guard = spaceGuard({
    folder,
    now: Date.now,
    monotonic: () => performance.now(),
    say: (report) => say({ type: 'space', report }),
  });
  const company = {
    mirror: tellMirror,
    retention: (news: RetentionNews) => say({ type: 'retention', news }),
    isCritical: guard.isCritical,
  };

  function open(): void {
    const found = openArchive(folder, key);
    if (!found.ok) return trouble(found.error);
    try {
      const archive = found.value;
      opened = { archive, answers: answers(archive, systemClock), chores: choresOf(archive, setup, company) };
      if (problem) say({ type: 'state' });
      problem = undefined;
      work();
    } catch (error) {
      found.value.close();
      trouble(archiveProblem(error, folder));
    }
  }

  function shut(): void {
    for (const chore of opened?.chores ?? []) chore.close?.();
    opened?.archive.close();
    opened = undefined;
  }

  /** Said once, however often it is tried. Also what needs someone is tried again: someone may have come. */
  function trouble(found: DatabaseProblem): void {
    shut();
    if (found.reason !== problem?.reason) say({ type: 'state', problem: found });
    problem = found;
    retry ??= setTimeout(again, RETRY);
  }

  function work(): void {
    working ??= setImmediate(() => {
      working = undefined;
      guard.look(opened?.archive);
      // What waits for room goes on soon after there is some.
      if (guard.isCritical()) retry ??= setTimeout(again, RETRY);
      if (!opened) return;
      try {
        if (opened.chores.some((chore) => chore.step())) work();
        tellSkipped(opened.archive);
      } catch (error) {
        // Somebody else writes for long: what is to be done can wait.
        if (isBusy(error)) retry ??= setTimeout(again, RETRY);
        else trouble(archiveProblem(error, folder));
      }
    });
  }

  function again(): void {
    retry = undefined;
    if (opened) work();
    else open();
  }

  function tellMirror(found?: string): void {
    say({ type: 'mirror', ...(found !== undefined && { problem: found }) });
  }

  function tellSkipped(archive: Archive): void {
    const exchanges = skippedExchanges(archive);
    if (exchanges !== skipped) say({ type: 'skipped', exchanges });
    skipped = exchanges;
  }

  function answer(message: Extract<ToArchive, { type: 'ask' }>): void {
    const { number } = message;
    const unknown: DatabaseProblem = { type: 'unavailable', reason: 'the archive is not open yet', action: 'try again' };
    if (!opened) return say({ type: 'no-answer', number, problem: problem ?? unknown });
    try {
      const reply = opened.answers[message.question] as (asked: unknown) => unknown;
      say({ type: 'answer', number, answer: reply(message.asked) });
    } catch (error) {
      const found = archiveProblem(error, folder);
      say({ type: 'no-answer', number, problem: found });
      if (found.type === 'corrupt') trouble(found);
    }
  }

  open();
  // Also where the archive can't be opened the disk is looked at.
  work();
  const look = setInterval(work, LOOK);

  return (message) => {
    switch (message.type) {
      case 'look':
        return work();
      case 'ask':
        return answer(message);
      case 'close':
        clearInterval(look);
        clearTimeout(retry);
        clearImmediate(working);
        shut();
        finish();
    }
  };
}

/** SQLITE_BUSY: https://sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}

if (parentPort) {
  const port = parentPort;
  stepBack(10);
  const receive = run(
    workerData as ArchiveSetup,
    (message) => port.postMessage(message),
    () => port.close(),
  );
  port.on('message', receive);
}
