import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { FilePart } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { writeOriginal } from '../store/originals.ts';
import { onDisk } from './gather.ts';
import { Interrupted } from './interrupted.ts';
import { Unreadable } from './reader.ts';
import type { SourceFile } from './reader.ts';
import type { ImportReport } from './report.ts';

/** Keeps the bytes of what is imported, as they came. */
export interface Keeping {
  /** A file on disk, whole. */
  whole(path: string): Promise<void>;
  /** A file that a message holds. One that can't be read is missing. */
  member(file: SourceFile, facts: { name?: string; mediaType?: string }): Promise<FilePart['content']>;
  /** Whether a message holds it. */
  isHeld(file: SourceFile): boolean;
  /** Files that messages hold and that can't be read. */
  damaged: readonly { file: SourceFile; reason: string }[];
}

export function keeping(
  archive: Archive,
  { originals }: Pick<ImportReport, 'originals'>,
  { now, dryRun, signal }: { now(): number; dryRun: boolean; signal: AbortSignal | undefined },
): Keeping {
  /** By the file itself: pieces that readers cut out of files may share a name. */
  const held = new Map<SourceFile, FilePart['content']>();
  const damaged: { file: SourceFile; reason: string }[] = [];
  let count = 0;

  async function keep(
    bytes: AsyncIterable<Uint8Array>,
    facts: { name?: string; mediaType?: string },
  ): Promise<{ sha256: string; size: number }> {
    count += 1;
    const writer = writeOriginal(archive, `import-${process.pid}-${count}`);
    try {
      for await (const chunk of bytes) {
        if (signal?.aborted) throw new Interrupted();
        writer.write(chunk);
      }
      const kept = writer.finish({ keptAt: now(), ...facts });
      originals.files += 1;
      originals.bytes += kept.size;
      return kept;
    } catch (error) {
      writer.abandon();
      throw error;
    }
  }

  return {
    async whole(path) {
      await keep(onDisk(path), { name: basename(path) });
    },
    async member(file, facts) {
      const before = held.get(file);
      if (before) return before;
      let content: FilePart['content'];
      try {
        content = { type: 'stored', ...(dryRun ? { sha256: '', size: file.size } : await keep(file.open(), facts)) };
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        content = { type: 'missing', reason: error.message };
        damaged.push({ file, reason: error.message });
      }
      held.set(file, content);
      return content;
    },
    isHeld: (file) => held.has(file),
    damaged,
  };
}

/** In hexadecimal. */
export async function hashOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of onDisk(path)) {
    if (signal?.aborted) throw new Interrupted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}
