import { extname } from 'node:path';
import { lastingWorker } from '../archive/lasting-worker.ts';
import { openQuestions } from '../archive/open-questions.ts';
import type { Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { RunbookHint } from '../watch/runbooks.ts';
import { hintsOf, loadRunbooks } from './runbook/load-runbooks.ts';
import type { FromOffline, OfflinePlaces, OfflineSetup, QuestionName, Questions, ToOffline } from './messages.ts';

/** Notes, runbooks and earlier answers, seen from the main thread of a server. */
export interface OfflineClient {
  /** The error is a sentence. */
  ask<Name extends QuestionName>(question: Name, asked: Questions[Name]['asked']): Promise<Result<Questions[Name]['answer'], string>>;
  /** Another configuration is in force. */
  apply(places: OfflinePlaces): void;
  /** Runbooks as far as the watch has to know them. */
  hints(): RunbookHint[];
  close(): Promise<void>;
}

/**
 * The thread takes some 30 MB: it is started by the first question, or at once where there are folders to be read. Until then the runbooks that come
 * along are known without it. `onHints`: `hints` gives others than before.
 */
export function offlineClient(setup: OfflineSetup, clock: Clock, onHints: () => void): OfflineClient {
  const questions = openQuestions<string>();
  const data = { ...setup };
  let hints = hintsOf(loadRunbooks([]).runbooks);
  let isStarted = false;
  const worker = lastingWorker<ToOffline, FromOffline>(
    {
      source: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
      data,
      said(message) {
        if (message.type === 'answer') return questions.settle(message.number, ok(message.answer));
        if (message.type === 'no-answer') return questions.settle(message.number, err(message.reason));
        ({ hints } = message);
        onHints();
      },
      gone: (reason) => questions.fail(`the offline desk's worker has died: ${reason}; it is started again in half a minute`),
    },
    clock,
  );

  function start(): void {
    if (isStarted) return;
    isStarted = true;
    worker.start();
  }

  if (hasFolders(setup.places)) start();

  return {
    ask(question, asked) {
      start();
      if (!worker.isThere()) return Promise.resolve(err('the offline desk is not there for now; try again in half a minute'));
      return questions.ask((number) => worker.post({ type: 'ask', number, question, asked } as ToOffline)) as never;
    },
    apply(places) {
      if (JSON.stringify(places) === JSON.stringify(data.places)) return;
      // For when it is started again.
      data.places = places;
      if (isStarted) worker.post({ type: 'places', places });
      else if (hasFolders(places)) start();
    },
    hints: () => hints,
    close: () => worker.close({ type: 'close' }),
  };
}

function hasFolders({ notes, runbooks }: OfflinePlaces): boolean {
  return notes.length + runbooks.length > 0;
}
