import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from '../archive/step-back.ts';
import { systemClock } from '../exchange/clock.ts';
import type { FromOffline, OfflineSetup, Questions, ToOffline } from './messages.ts';
import { hintsOf, loadRunbooks } from './runbook/load-runbooks.ts';
import { type RunbookBook, runbookBook } from './runbook/runbook-book.ts';
import { type Searching, searchingHere } from './searching.ts';

/** Milliseconds of reading notes in one go: a question waits no longer than that. */
const PIECE = 50;

/** Owns the index of notes, reads runbooks, and looks through the archive for what is like a question: all of it beside the thread that streams. */
function run(
  { folder, key, places: first }: OfflineSetup,
  say: (message: FromOffline) => void,
  finish: () => void,
): (message: ToOffline) => void {
  let places = first;
  let searching: Searching = searchingHere(folder, key, places.notes, systemClock);
  let book: RunbookBook = runbookBook(folder, places.runbooks);
  let reading: NodeJS.Immediate | undefined;
  let told = '';

  /** Notes are read ahead, a piece at a time, so that the first question need not wait for all of them. */
  function readAhead(): void {
    reading ??= setImmediate(() => {
      reading = undefined;
      if (searching.readNotes(PIECE)) readAhead();
    });
  }

  function tellHints(): void {
    const hints = hintsOf(loadRunbooks(places.runbooks).runbooks);
    const text = JSON.stringify(hints);
    if (text === told) return;
    told = text;
    say({ type: 'hints', hints });
  }

  const answers: { [Name in keyof Questions]: (asked: Questions[Name]['asked']) => Questions[Name]['answer'] } = {
    search: (asked) => searching.search(asked),
    runbooks: ({ incidents }) => book.list(incidents, systemClock.now()),
    tick: ({ incidents, ...asked }) => book.change(asked, incidents, systemClock.now()),
  };

  function answer({ number, question, asked }: Extract<ToOffline, { type: 'ask' }>): void {
    try {
      say({ type: 'answer', number, answer: (answers[question] as (asked: unknown) => unknown)(asked) });
    } catch (error) {
      say({ type: 'no-answer', number, reason: error instanceof Error ? error.message : String(error) });
    }
    // Somebody may have written a runbook meanwhile.
    tellHints();
    readAhead();
  }

  tellHints();
  readAhead();

  return (message) => {
    switch (message.type) {
      case 'places':
        searching.close();
        ({ places } = message);
        searching = searchingHere(folder, key, places.notes, systemClock);
        book = runbookBook(folder, places.runbooks);
        tellHints();
        return readAhead();
      case 'ask':
        return answer(message);
      case 'close':
        clearImmediate(reading);
        searching.close();
        finish();
    }
  };
}

if (parentPort) {
  const port = parentPort;
  stepBack(10);
  const take = run(
    workerData as OfflineSetup,
    (message) => port.postMessage(message),
    () => port.close(),
  );
  port.on('message', take);
}
