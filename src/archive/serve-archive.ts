import type { Clock } from '../exchange/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { archiveClient, type ArchiveClient } from './client.ts';
import { watchInBackground } from './protect/background.ts';
import type { WatchSetup } from './protect/worker.ts';
import { retentionRules } from './retention/rule.ts';
import type { RetentionSettings } from './retention/settings.ts';

/** What a server does for its archive: keeps it up to date with the journal and with other tools' transcripts, each in a thread of its own. */
export function serveArchive(
  { mirror, retention, ...setup }: WatchSetup & { mirror: string | undefined; retention: RetentionSettings },
  journal: Pick<Journal, 'subscribe'>,
  clock: Clock,
  warn: (message: string) => void,
): Omit<ArchiveClient, 'ended'> {
  const archive = archiveClient(
    {
      folder: setup.folder,
      retention: retentionRules(retention, setup.machine.home),
      ...(setup.key && { key: setup.key }),
      ...(mirror !== undefined && { mirror }),
    },
    clock,
    warn,
  );
  const protection = watchInBackground(setup, clock, warn);
  const unsubscribe = journal.subscribe((change) => {
    if (change.type === 'entry' && change.entry.type === 'end') archive.ended();
  });
  return {
    ask: archive.ask,
    space: archive.space,
    notices: () => [...archive.notices(), ...protection.notices()],
    async close() {
      unsubscribe();
      await Promise.all([archive.close(), protection.close()]);
    },
  };
}
