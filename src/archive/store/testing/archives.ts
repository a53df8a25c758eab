import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchivedMessage } from '../../conversation.ts';
import { openArchive, type Archive } from '../open.ts';

export interface TestArchives {
  /** Opens one in a folder of its own, or in one that is given; both go with `clear`. */
  archiveIn(folder?: string): Archive;
  clear(): void;
}

export function testArchives(): TestArchives {
  const folders = new Set<string>();
  const open: Archive[] = [];
  return {
    archiveIn(folder = mkdtempSync(join(tmpdir(), 'understudy-archive-'))) {
      folders.add(folder);
      const opened = openArchive(folder);
      if (!opened.ok) throw new Error(opened.error.reason);
      open.push(opened.value);
      return opened.value;
    },
    clear() {
      for (const archive of open.splice(0)) archive.close();
      for (const folder of folders) rmSync(folder, { recursive: true });
      folders.clear();
    },
  };
}

export function said(key: string, text: string, more: Partial<ArchivedMessage> = {}): ArchivedMessage {
  return { key, role: 'user', status: 'complete', parts: [{ type: 'text', text }], ...more };
}
