import type { Chore } from './chore.ts';
import { exchangeFollower } from './exchanges/follow.ts';
import type { ArchiveSetup } from './messages.ts';
import { mirrorFollower } from './mirror/follower.ts';
import { searchIndexer } from './search/indexer.ts';
import type { Archive } from './store/open.ts';

/** What the worker of a server does: in this order, each to its end. `said` is told of trouble with the mirror. */
export function choresOf(archive: Archive, { folder, mirror }: ArchiveSetup, said: (problem?: string) => void): Chore[] {
  return [
    exchangeFollower(archive, folder),
    searchIndexer(archive),
    ...(mirror === undefined ? [] : [mirrorFollower(archive, mirror, () => performance.now(), said)]),
  ];
}
