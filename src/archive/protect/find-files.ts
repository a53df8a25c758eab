import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TranscriptStore } from './stores.ts';

/** A transcript as it lies on disk. */
export interface FoundFile {
  path: string;
  /** Below its store's root, with slashes. */
  relative: string;
  size: number;
  /** Milliseconds; with fractions where the file system has them. */
  modified: number;
  /** Device and inode: the same after a rename. Empty where the file system has none. */
  inode: string;
}

/** Folders deeper than this belong to somebody else. Codex' are 3 deep, Claude Code's sub-agents 4. */
const DEEPEST = 10;

/** All files that a store keeps. What cannot be read is left out: permissions, or deleted in this moment. */
export function* filesOf(store: TranscriptStore): Generator<FoundFile> {
  yield* below('', 0);

  function* below(relative: string, depth: number): Generator<FoundFile> {
    for (const entry of entriesOf(join(store.root, relative))) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      // Links to folders are not followed: they may lead in rings, and out of what is the tool's own.
      if (entry.isDirectory()) {
        if (depth < DEEPEST) yield* below(path, depth + 1);
      } else if (store.keeps(path)) {
        const found = lookAt(join(store.root, path), path);
        if (found) yield found;
      }
    }
  }
}

/** `undefined`: it is not there, or is no file. */
export function lookAt(path: string, relative: string): FoundFile | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    if (!stat.isFile()) return undefined;
    return {
      path,
      relative,
      size: Number(stat.size),
      modified: Number(stat.mtimeNs / 1000n) / 1000,
      inode: stat.ino === 0n ? '' : `${stat.dev}:${stat.ino}`,
    };
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
