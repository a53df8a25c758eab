import { folderSizes, type FolderSizes } from '../../archive/space/folder-size.ts';
import { fullIn, growthOf, readSamples } from '../../archive/space/growth.ts';
import { spaceOf } from '../../journal/space.ts';
import type { Context } from '../command.ts';
import { durationText } from '../duration-text.ts';
import { EXIT } from '../exit-code.ts';
import { bytesText } from '../../journal/bytes-text.ts';
import { openedArchive } from './open-archive.ts';

const NAMES: Record<keyof FolderSizes, string> = {
  archive: 'archive.db: conversations and the search index',
  originals: 'attachments, and export files as they came',
  transcripts: 'copies of transcripts',
  record: 'record.db: exchanges as they were',
  log: 'answer log',
  backups: 'backups',
  setAside: 'archives that backup restore has set aside',
  other: 'other files',
};

/** `understudy archive sizes`: what the data folder takes, and how long the disk lasts. */
export async function archiveSizes(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const opened = await openedArchive(context, 'read');
  if (!opened.ok) return opened.error;
  const { archive, data } = opened.value;
  try {
    const sizes = folderSizes(data);
    const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
    const pragma = (name: string): number => Number(archive.database.prepare(`PRAGMA ${name}`).get()?.[name]);
    const spare = pragma('freelist_count') * pragma('page_size');
    const space = spaceOf(data);
    const growth = growthOf(readSamples(archive));
    const left = space && growth && fullIn(growth, space.free);
    if (flags.on('json')) {
      terminal.out(
        JSON.stringify(
          { data, total, sizes, spare, ...space, ...(growth && { growth }), ...(left !== undefined && { fullIn: left }) },
          null,
          2,
        ),
      );
      return EXIT.done;
    }
    const line = (name: string, bytes: number): void => terminal.out(`  ${bytesText(bytes).padStart(8)}  ${name}`);
    terminal.out(`${data}: ${bytesText(total)}`);
    for (const [kind, name] of Object.entries(NAMES) as [keyof FolderSizes, string][]) {
      if (sizes[kind] > 0) line(name, sizes[kind]);
      if (kind === 'archive' && spare > 0) line('  of it spare, for what comes', spare);
    }
    if (space) terminal.out(`Its disk has ${bytesText(space.free)} of ${bytesText(space.total)} left.`);
    if (growth && left !== undefined) {
      terminal.out(
        `It grew by ${bytesText(growth.bytes)} in ${durationText(growth.within)}: at that pace the disk is full in ${durationText(left)}.`,
      );
    }
    return EXIT.done;
  } finally {
    archive.close();
  }
}
