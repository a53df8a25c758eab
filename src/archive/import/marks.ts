import { parseObject } from '../../exchange/json.ts';
import type { Skipped, SourceName } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import type { ReadContext } from './reader.ts';

/** A file whose every byte was read: the same bytes need not be read again by the same readers. */
export interface ImportedFile {
  /** Readers and their versions: `chatgpt 1`. */
  versions: string;
  /** Files that its conversations name and that were not there. */
  awaits: number;
  /** Parts that it names and that were not given with it. */
  missing: Skipped[];
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
      const { versions, awaits, missing } = parseObject(get(`import/file/${sha256}`) ?? '') ?? {};
      if (typeof versions !== 'string') return undefined;
      return { versions, awaits: Number(awaits), missing: Array.isArray(missing) ? (missing as unknown as Skipped[]) : [] };
    },
    markImported: (sha256, mark) => set(`import/file/${sha256}`, JSON.stringify(mark)),
    memoryOf: (source) => ({
      get: (name) => get(`import/${source}/${name}`),
      set: (name, value) => set(`import/${source}/${name}`, value),
    }),
  };
}
