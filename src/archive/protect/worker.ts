import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { spaceGauge } from '../../journal/space.ts';
import { openArchive } from '../store/open.ts';
import { chosenStores, isWatched } from './choose.ts';
import { openLedger } from './ledger.ts';
import type { ProtectSettings } from './settings.ts';
import type { Machine } from './stores.ts';
import { watchStores } from './watch.ts';
import { stepBack } from '../step-back.ts';

/** What the watching worker is told at its start. */
export interface WatchSetup {
  /** The data folder. */
  folder: string;
  /** Of an encrypted data folder. */
  key?: Uint8Array | undefined;
  settings: ProtectSettings;
  machine: Machine;
}

/** A notice for the people who run the server; empty: what was said before is over. */
export interface WatchNotice {
  message: string;
}

/** Milliseconds until an archive that could not be used, or a disk that is full, is tried again. */
const RETRY = 30_000;

async function run({ folder, key, settings, machine }: WatchSetup, say: (notice: WatchNotice) => void, signal: AbortSignal): Promise<void> {
  const pause = async (milliseconds: number): Promise<void> => {
    await wait(milliseconds, undefined, { signal }).catch(() => undefined);
  };
  const gauge = spaceGauge(folder, () => performance.now());
  let said = '';
  const tell = (message: string): void => {
    if (message !== said) say({ message });
    said = message;
  };
  while (!signal.aborted) {
    const opened = openArchive(folder, key);
    if (opened.ok) {
      try {
        const ledger = openLedger(opened.value);
        // Somebody may run `understudy protect` while the server runs.
        while (!signal.aborted && !isWatched(ledger, settings)) await pause(RETRY);
        await watchStores(opened.value, chosenStores(machine, settings), {
          now: Date.now,
          wait: pause,
          signal,
          hasRoom: () => gauge() !== 'critical',
          told(report) {
            const [trouble] = report.troubles;
            const more = report.troubles.length > 1 ? ` (and ${report.troubles.length - 1} more)` : '';
            tell(trouble === undefined ? '' : `A transcript is not protected: ${trouble.path}: ${trouble.reason}${more}.`);
          },
        });
      } catch (error) {
        if (!signal.aborted) tell(`Transcripts are not protected for now: ${error instanceof Error ? error.message : String(error)}.`);
      } finally {
        opened.value.close();
      }
    } else tell(`Transcripts are not protected for now: ${opened.error.reason}. What to do: ${opened.error.action}.`);
    await pause(RETRY);
  }
}

if (parentPort) {
  const port = parentPort;
  const stop = new AbortController();
  stepBack(15);
  port.on('message', () => stop.abort());
  await run(workerData as WatchSetup, (notice) => port.postMessage(notice), stop.signal);
  port.close();
}
