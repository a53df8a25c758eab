import { parseObject } from '../../exchange/json.ts';
import type { SourceName } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import type { ReadContext } from './reader.ts';

/** A file whose every byte was read: the same bytes need not be read again by the same readers. */
export interface ImportedFile {
  /** Readers and their versions: `chatgpt 1`. */
  versions: string;
  /** Files that its conversations name and that were not there. */
  awaits: number;
}

export interface Marks {
  imported(sha256: string): ImportedFile | undefined;
  markImported(sha256: string, file: ImportedFile & { name: string; at: number }): void;
  memoryOf(source: SourceName): ReadContext['memory'];
}

/** What imports remember between runs, in the archive's table of marks. A dry run remembers nothing beyond itself. */
export function marksOf({ database }: Archive, dryRun: boolean): Marks {
  const find = database.prepare('SELECT value FROM marks WHERE name = ?');
  const put = database.prepare('INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const ownNow = new Map<string, string>();

  function get(name: string): string | undefined {
    const value = find.get(name)?.['value'];
    return ownNow.get(name) ?? (typeof value === 'string' ? value : undefined);
  }

  function set(name: string, value: string): void {
    if (dryRun) ownNow.set(name, value);
    else put.run(name, value);
  }

  return {
    imported(sha256) {
      const { versions, awaits } = parseObject(get(`import/file/${sha256}`) ?? '') ?? {};
      return typeof versions === 'string' ? { versions, awaits: Number(awaits) } : undefined;
    },
    markImported: (sha256, { versions, awaits, name, at }) => set(`import/file/${sha256}`, JSON.stringify({ versions, awaits, name, at })),
    memoryOf: (source) => ({
      get: (name) => get(`import/${source}/${name}`),
      set: (name, value) => set(`import/${source}/${name}`, value),
    }),
  };
}
