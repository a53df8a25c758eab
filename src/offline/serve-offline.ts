import type { Clock } from '../exchange/clock.ts';
import type { RunbookHint } from '../watch/runbooks.ts';
import type { WatchClient } from '../watch/client.ts';
import { offlineClient, type OfflineClient } from './client.ts';
import { createDesk, type Desk } from './desk.ts';
import type { OfflinePlaces } from './messages.ts';
import type { OfflineSettings } from './settings.ts';

/** What there is on this machine when no model answers, as a server has it. */
export interface Offline {
  desk: Desk;
  ask: OfflineClient['ask'];
  /** Runbooks as far as the watch has to know them. */
  hints(): RunbookHint[];
  /** Another configuration is in force. */
  apply(settings: OfflineSettings): void;
  close(): Promise<void>;
}

export interface OfflineParts {
  folder: string;
  key?: Uint8Array | undefined;
  settings: OfflineSettings;
  clock: Clock;
  /** A path as the configuration may say it, made absolute. */
  place(named: string): string;
  /** Made later than this. */
  watch(): Pick<WatchClient, 'ask'>;
  /** `hints` gives others than before. */
  onHints(): void;
}

export function serveOffline({ folder, key, settings: first, clock, place, watch, onHints }: OfflineParts): Offline {
  let settings = first;
  const client = offlineClient({ folder, key, places: placesOf(settings, place) }, clock, onHints);
  return {
    desk: createDesk({
      clock,
      search: (asked) => client.ask('search', asked),
      async board() {
        const board = await watch().ask('board', {});
        return board.ok ? board.value : undefined;
      },
      shown: () => settings.shown,
    }),
    ask: client.ask,
    hints: client.hints,
    apply(wanted) {
      settings = wanted;
      client.apply(placesOf(settings, place));
    },
    close: client.close,
  };
}

/** Folders of the settings, absolute. */
export function placesOf({ notes, runbooks }: OfflineSettings, place: (named: string) => string): OfflinePlaces {
  return { notes: notes.map(place), runbooks: runbooks.map(place) };
}
