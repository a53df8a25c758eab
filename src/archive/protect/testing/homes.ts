import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openArchive, type Archive } from '../../store/open.ts';
import { transcriptStores, type Machine, type TranscriptStore } from '../stores.ts';

/** A machine of a test's own: a home without anything in it, and a data folder. */
export interface TestHome {
  home: string;
  data: string;
  machine: Machine;
  stores: TranscriptStore[];
  open(): Archive;
  write(path: string, text: string): string;
  close(): void;
}

export function testHome(): TestHome {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-protect-'));
  const home = join(folder, 'home');
  const data = join(folder, 'data');
  for (const each of [home, data]) mkdirSync(each);
  const machine: Machine = { environment: {}, home, platform: 'linux' };
  const opened: Archive[] = [];
  return {
    home,
    data,
    machine,
    stores: transcriptStores(machine),
    open() {
      const archive = openArchive(data);
      if (!archive.ok) throw new Error(archive.error.reason);
      opened.push(archive.value);
      return archive.value;
    },
    write(path, text) {
      const place = join(home, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
      return place;
    },
    close() {
      for (const archive of opened) if (archive.database.isOpen) archive.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
