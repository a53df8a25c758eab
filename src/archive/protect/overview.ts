import type { SourceName } from '../conversation.ts';
import { filesOf, lookAt, type FoundFile } from './find-files.ts';
import { databaseOf } from './databases.ts';
import { databaseModified } from './opencode-store.ts';
import { DAY, retentionOf, type Retention } from './retention.ts';
import type { Machine, TranscriptStore } from './stores.ts';

/** What lies in a store now. Times in UTC milliseconds. */
export interface StoreOverview {
  source: SourceName;
  title: string;
  root: string;
  sessions: number;
  files: number;
  bytes: number;
  oldest?: number;
  newest?: number;
  retention: Retention;
  /** Sessions that the tool itself deletes within `SOON`, counting those that are due already. */
  soon: number;
  due: number;
}

/** Days that "soon" means. */
export const SOON = 10;

/** Stores that hold something. */
export function overviewOf(stores: readonly TranscriptStore[], machine: Machine, now: number): StoreOverview[] {
  return stores.flatMap((store) => {
    const found = store.kind === 'database' ? inDatabase(store) : inFiles(store, [...filesOf(store)]);
    if (!found || found.files === 0) return [];
    const retention = retentionOf(store, machine);
    const { ages, ...rest } = found;
    const left = ages.map((modified) => (retention.days === undefined ? Number.POSITIVE_INFINITY : modified + retention.days * DAY - now));
    return [
      {
        source: store.source,
        title: store.title,
        root: store.root,
        ...rest,
        retention,
        soon: left.filter((time) => time < SOON * DAY).length,
        due: left.filter((time) => time <= 0).length,
      },
    ];
  });
}

function inFiles(store: TranscriptStore, files: readonly FoundFile[]) {
  const sessions = files.filter(({ relative }) => store.isSession(relative));
  const ages = sessions.map(({ modified }) => modified);
  return {
    sessions: sessions.length,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    ...(ages.length > 0
      ? { oldest: ages.reduce((one, other) => Math.min(one, other)), newest: ages.reduce((one, other) => Math.max(one, other)) }
      : {}),
    ages,
  };
}

function inDatabase(store: TranscriptStore) {
  const { path, open } = databaseOf(store);
  const file = lookAt(path, '');
  if (!file) return undefined;
  const size = file.size + (lookAt(`${path}-wal`, '')?.size ?? 0);
  const opened = open();
  if (!opened.ok) return { sessions: 0, files: 1, bytes: size, newest: databaseModified(path), ages: [] };
  try {
    const ages = opened.value.changed(0).map(({ at }) => at);
    return {
      sessions: ages.length,
      files: 1,
      bytes: size,
      ...(ages.length > 0 ? { oldest: ages[0]!, newest: ages.at(-1)! } : {}),
      ages,
    };
  } finally {
    opened.value.close();
  }
}
