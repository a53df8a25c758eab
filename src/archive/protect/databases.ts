import { join } from 'node:path';
import type { Result } from '../../exchange/result.ts';
import { openCursor } from '../transcripts/cursor/database.ts';
import { openOpencode } from '../transcripts/opencode/database.ts';
import type { TranscriptDatabase } from '../transcripts/transcript-database.ts';
import type { TranscriptStore } from './stores.ts';

/** A tool's database: what is said in it is read, and the file itself may be copied. */
export interface StoreDatabase {
  path: string;
  open(): Result<TranscriptDatabase, string>;
  /** Cursor's is not: most of its gigabytes are caches, and its credentials are among them. */
  isCopied: boolean;
}

/** Of a store of this kind. */
export function databaseOf({ source, root }: Pick<TranscriptStore, 'source' | 'root'>): StoreDatabase {
  const path = join(root, source === 'cursor' ? 'state.vscdb' : 'opencode.db');
  if (source === 'cursor') return { path, open: () => openCursor(path), isCopied: false };
  return { path, open: () => openOpencode(path), isCopied: true };
}
