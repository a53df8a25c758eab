import type { Json } from '../../../exchange/json.ts';
import type { FilePart } from '../../conversation.ts';
import { mediaTypeOf } from '../media-type.ts';
import { some } from '../loose.ts';
import type { ReadContext, SourceFile } from '../reader.ts';

/** Finds the files of an export that messages point to. */
export interface Assets {
  /** `pointer`: `sediment://file_…`, `file-service://file-…`, or an attachment's id. */
  part(pointer: string, known: { name?: string; mediaType?: string }): Promise<FilePart>;
}

/** `file-AbC123`, `file_0000…` at the beginning of a name; `-name.png`, `.dat` or `-sanitized.png` may follow. */
const NAMED_BY_ID = /^(file[-_][A-Za-z0-9]+)/;

export function assetsAmong({ files, keep, memory }: Pick<ReadContext, 'files' | 'keep' | 'memory'>): Assets {
  const byId = new Map<string, SourceFile>();
  const byName = new Map<string, SourceFile>();
  for (const file of files) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const id = NAMED_BY_ID.exec(name)?.[1];
    if (id !== undefined && !byId.has(id)) byId.set(id, file);
    if (!byName.has(name)) byName.set(name, file);
  }
  const names = JSON.parse(memory.get('asset-names') ?? '{}') as Record<string, Json>;

  function calledIn(id: string): string | undefined {
    const name = names[id] ?? names[`${id}.dat`];
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  return {
    async part(pointer, known) {
      const id = pointer.replace(/^[a-z-]+:\/\//, '').replace(/[#?].*$/s, '');
      const name = known.name ?? calledIn(id);
      const file =
        byId.get(NAMED_BY_ID.exec(id)?.[1] ?? id) ??
        byName.get(id) ??
        byName.get(`${id}.dat`) ??
        (name === undefined ? undefined : byName.get(name));
      // Suffixes have been seen to lie (`.dat`); the bytes do not.
      const mediaType = (file && mediaTypeOf(file.head)) ?? known.mediaType;
      const facts = {
        ...some('name', name ?? (file ? file.path.slice(file.path.lastIndexOf('/') + 1) : id)),
        ...some('mediaType', mediaType),
      };
      const content: FilePart['content'] = file ? await keep(file, facts) : { type: 'missing', reason: "not among the export's files" };
      return { type: 'file', ...facts, content };
    },
  };
}
