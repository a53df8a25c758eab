import { catchUp } from '../../archive/catch-up.ts';
import { BATCH, indexingOf } from '../../archive/search/indexing.ts';
import { openArchive } from '../../archive/store/open.ts';
import { namedPath } from '../../config/paths.ts';
import type { Settings } from '../../config/settings.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { createDesk, type DeskAnswer, type DeskAsked } from '../../offline/desk.ts';
import { searchingHere } from '../../offline/searching.ts';
import { placesOf } from '../../offline/serve-offline.ts';
import type { Context } from '../command.ts';
import { unlocked } from '../encryption/unlock.ts';

/** Milliseconds; who asks in a terminal gets all of it. */
const PATIENCE = 15_000;

/** The desk where no server runs: the same archive and notes, read in this process. Nobody is asked. The error is a sentence. */
export async function deskHere(asked: DeskAsked, settings: Settings, context: Context): Promise<Result<DeskAnswer, string>> {
  const { clock, surroundings } = context.deps;
  const data = settings.data!;
  const key = await unlocked(data, context);
  if (!key.ok) return err(key.error);
  bringUpToDate(data, key.value);
  const { notes } = placesOf(settings.offline, (named) => namedPath(named, surroundings));
  const searching = searchingHere(data, key.value, notes, clock);
  try {
    const desk = createDesk({
      clock,
      search: (wanted) => Promise.resolve(ok(searching.search(wanted))),
      board: () => Promise.resolve(undefined),
      shown: () => settings.offline.shown,
    });
    return ok(await desk.answer({ patience: PATIENCE, ...asked }));
  } finally {
    searching.close();
  }
}

/** What was said last is in the record, and not yet in the archive where no server has run since. Where that can't be done, the desk says what it can't read. */
function bringUpToDate(data: string, key: DataKey | undefined): void {
  const opened = openArchive(data, key);
  if (!opened.ok) return;
  const archive = opened.value;
  try {
    catchUp(archive, data, () => undefined);
    const indexing = indexingOf(archive);
    while (indexing.catchUp(BATCH) > 0);
  } catch {
    // Somebody else writes, or the disk is full: what is there is searched.
  } finally {
    archive.close();
  }
}
