import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Clock } from '../../exchange/clock.ts';
import { lastingWorker, REVIVE } from '../lasting-worker.ts';
import type { WatchNotice, WatchSetup } from './worker.ts';

/** The watch over transcripts, seen from the main thread of a server. */
export interface BackgroundWatch {
  /** What the user should know of it. */
  notices(): string[];
  /** In the middle of a file, if need be: the next start goes on there. */
  close(): Promise<void>;
}

/** Starts it in a thread of its own, unless the settings say no. */
export function watchInBackground(given: WatchSetup, clock: Clock, onNotice: (message: string) => void): BackgroundWatch {
  // What is handed to a thread is copied: of all that the program knows of its surroundings only this.
  const { environment, home, platform } = given.machine;
  const setup: WatchSetup = { ...given, machine: { environment: { ...environment }, home, platform } };
  let notice = '';
  let considering: (() => void) | undefined;
  const worker = lastingWorker<'close', WatchNotice>(
    {
      source: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
      data: setup,
      said: ({ message }) => tell(message),
      gone: (reason, again) => again && tell(`Transcripts are not protected for now: ${reason}.`),
      isAside: true,
    },
    clock,
  );

  function tell(message: string): void {
    notice = message;
    if (message !== '') onNotice(message);
  }

  /** Without a word in the configuration it begins once `understudy protect` was run; until then there is no thread. */
  function consider(): void {
    considering = undefined;
    if (setup.settings.watch === 'on' || existsSync(join(setup.folder, 'archive', 'transcripts'))) worker.start();
    else considering = clock.after(REVIVE, consider);
  }

  if (setup.settings.watch !== 'off') consider();

  return {
    notices: () => (notice === '' ? [] : [notice]),
    close() {
      considering?.();
      return worker.close('close');
    },
  };
}
