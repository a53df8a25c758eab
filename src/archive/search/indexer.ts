import type { Chore } from '../chore.ts';
import type { Archive } from '../store/open.ts';
import { indexingOf } from './indexing.ts';

/** Documents of one step. */
const BATCH = 50;

/** Indexes what waits: after an upgrade all that is there, else nothing, as whoever writes indexes too. Then it brings full shards into their final form. */
export function searchIndexer(archive: Archive): Chore {
  const indexing = indexingOf(archive);
  const isWaiting = archive.database.prepare('SELECT (SELECT 1 FROM search_queue LIMIT 1) OR (SELECT 1 FROM search_gone LIMIT 1) AS waits');
  let isChecked = false;
  return {
    step() {
      // Once also where nothing waits: another version of the index is thrown away then.
      if (isChecked && isWaiting.get()?.['waits'] !== 1) return indexing.tidy();
      isChecked = true;
      indexing.catchUp(BATCH);
      return true;
    },
  };
}
