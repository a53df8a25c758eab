import type { ProtectSettings } from './settings.ts';
import type { Ledger } from './ledger.ts';
import { transcriptStores, type Machine, type TranscriptStore } from './stores.ts';

/** Says in the archive that its owner wants transcripts protected. */
const BEGAN = 'protect began';

/** The stores that are protected by these settings. */
export function chosenStores(machine: Machine, { sources }: ProtectSettings): TranscriptStore[] {
  const wanted: readonly string[] | undefined = sources;
  return transcriptStores(machine).filter(({ source }) => wanted === undefined || wanted.includes(source));
}

/** Whether a server watches: because it is told to, or because `understudy protect` was run once. */
export function isWatched(ledger: Ledger, { watch }: ProtectSettings): boolean {
  return watch === 'on' || (watch === 'auto' && ledger.mark(BEGAN) !== undefined);
}

export function began(ledger: Ledger, now: number): void {
  if (ledger.mark(BEGAN) === undefined) ledger.setMark(BEGAN, String(now));
}
