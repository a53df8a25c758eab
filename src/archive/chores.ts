import type { Chore } from './chore.ts';
import { exchangeFollower } from './exchanges/follow.ts';
import { searchIndexer } from './search/indexer.ts';
import type { Archive } from './store/open.ts';

/** What the worker of a server does, and a command before it answers: in this order, each to its end. */
export function choresOf(archive: Archive, dataFolder: string): Chore[] {
  return [exchangeFollower(archive, dataFolder), searchIndexer(archive)];
}
