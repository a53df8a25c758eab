import type { Chore } from './chore.ts';
import { exchangeFollower } from './exchanges/follow.ts';
import type { ArchiveSetup } from './messages.ts';
import { mirrorFollower } from './mirror/follower.ts';
import { retentionKeeper, type RetentionNews } from './retention/keeper.ts';
import { searchIndexer } from './search/indexer.ts';
import type { Archive } from './store/open.ts';

/** Whom chores tell, and ask. */
export interface ChoreCompany {
  /** Trouble with the mirror; without it there is none any more. */
  mirror(problem?: string): void;
  retention(news: RetentionNews): void;
  /** The disk is nearly full: what takes room waits. */
  isCritical(): boolean;
}

/** What the worker of a server does: in this order, each to its end. */
export function choresOf(archive: Archive, { folder, mirror, retention = [] }: ArchiveSetup, company: ChoreCompany): Chore[] {
  return [
    // What the record has is safe there.
    waiting(exchangeFollower(archive, folder), company.isCritical),
    waiting(searchIndexer(archive), company.isCritical),
    ...(mirror === undefined
      ? []
      : [
          waiting(
            mirrorFollower(archive, mirror, () => performance.now(), company.mirror),
            company.isCritical,
          ),
        ]),
    retentionKeeper(archive, retention, Date.now, company.retention),
  ];
}

function waiting(chore: Chore, mustWait: () => boolean): Chore {
  return { ...chore, step: () => !mustWait() && chore.step() };
}
