import { existsSync } from 'node:fs';
import { filesOf } from '../protect/find-files.ts';
import { protectionOf, type PassReport } from '../protect/pass.ts';
import { transcriptStores, type Machine } from '../protect/stores.ts';
import type { Archive } from '../store/open.ts';

/** Sessions of a tool that are looked at: the newest. Somebody who was just interrupted is in one of them. */
const MOST = 25;

/**
 * Takes the newest sessions of every tool on the machine into the archive: copied byte for byte, then read. What is there already costs
 * nothing. `understudy protect` does it with all of them.
 */
export async function catchUp(archive: Archive, machine: Machine, now: () => number, signal?: AbortSignal): Promise<PassReport> {
  const stores = transcriptStores(machine).filter(({ root }) => existsSync(root));
  const files = stores
    .filter(({ kind }) => kind === 'lines')
    .flatMap((store) =>
      [...filesOf(store)]
        .filter(({ relative }) => store.isSession(relative))
        .toSorted((one, other) => other.modified - one.modified)
        .slice(0, MOST)
        .map((found) => ({ store, found })),
    );
  const protection = protectionOf(archive);
  const options = { now, ...(signal && { signal }) };
  const report = await protection.look(files, options);
  const databases = stores.filter(({ kind }) => kind === 'database');
  if (databases.length === 0) return report;
  const more = await protection.pass(databases, options);
  return { ...report, troubles: [...report.troubles, ...more.troubles] };
}
