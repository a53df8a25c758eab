import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../exchange/json.ts';
import type { Place } from '../items.ts';
import { found, numberIn, objectsIn, timeIn, wordsIn } from '../loose.ts';
import type { GivenFile, ReadContext, Told } from '../reader.ts';

/** What is remembered of an export that a manifest was given for. Never its links. */
interface Expected {
  /** Of the manifest's own list. */
  id: string;
  /** UTC milliseconds. */
  createdAt: number;
  /** `by`: the zip that was taken for it, by its content. */
  parts: { filename: string; category: string; by?: string }[];
}

const REMEMBERED = 'manifests';
/** Exports whose parts are waited for; older ones are given up. */
const MOST_REMEMBERED = 20;

/** Category of the zip that files of this kind come in. */
const CATEGORIES: Readonly<Record<string, string>> = {
  conversations: 'conversations',
  project: 'projects',
  memories: 'memories',
  'design chat': 'design_chats',
  artifact: 'frames',
  users: 'light_metadata',
  'login history': 'light_metadata',
  feedback: 'feedback',
};

/** `{version, created_at, total_files, data_files[{batch_index, category, part, filename, export_url}]}`. */
export function* manifestTold(value: JsonObject, { where }: Place, context: Pick<ReadContext, 'memory'>): Generator<Told> {
  const parts = objectsIn(value, 'data_files').map((one) => {
    const category = wordsIn(one, 'category') ?? 'unknown';
    return { filename: wordsIn(one, 'filename') ?? `${category}-${String(numberIn(one, 'part') ?? 0).padStart(3, '0')}.zip`, category };
  });
  if (parts.length === 0) return yield { type: 'unreadable', where, reason: 'a manifest that names no files', found: found(value) };
  const total = numberIn(value, 'total_files');
  if (total !== undefined && total !== parts.length)
    yield { type: 'noted', where, reason: `it says that the export has ${total} files, and names ${parts.length}` };
  yield {
    type: 'noted',
    where,
    reason: 'its links are secrets that work once: neither opened nor kept; the parts that it names are remembered',
  };
  const createdAt = timeIn(value, 'created_at') ?? 0;
  const id = hash([createdAt, parts.map(({ filename }) => filename)]);
  const before = remembered(context);
  if (!before.some((one) => one.id === id)) remember(context, [...before, { id, createdAt, parts }]);
}

/** Says what of the newest export is still to come. Zips don't say which export they are of: the newest that lacks something takes them. */
export function* missingParts(given: readonly GivenFile[], context: Pick<ReadContext, 'memory'>): Generator<Told> {
  const all = remembered(context).toSorted((left, right) => left.createdAt - right.createdAt);
  const newest = all.at(-1);
  if (!newest) return;
  const taken = new Set(all.flatMap(({ parts }) => parts.map(({ by }) => by)));
  for (const [zip, members] of Map.groupBy(given, ({ file }) => file.where.split(' › ').slice(0, -1).join(' › ') || file.container)) {
    const by = hash([zip.split(' › ').slice(1), [...new Set(members.map(({ sha256 }) => sha256))].toSorted()]);
    if (taken.has(by)) continue;
    const name = cleanName(zip);
    const categories = [...new Set(members.map(({ what }) => CATEGORIES[what]))];
    const named = newest.parts.find((part) => part.by === undefined && part.filename.toLowerCase() === name);
    if (named) named.by = by;
    // Renamed, or unpacked: what is in it says what it is.
    else
      for (const category of categories) {
        const open = newest.parts.find((part) => part.by === undefined && part.category === category);
        if (open) open.by = by;
      }
  }
  remember(context, all);
  for (const { filename, category } of newest.parts.filter((part) => part.by === undefined))
    yield {
      type: 'missing',
      where: filename,
      reason: `part of the Claude export of ${new Date(newest.createdAt).toISOString().slice(0, 10)} (${category}); open its link from the manifest in your browser, then import the zip`,
    };
}

/** `C:\…\conversations-000 (1).zip` → `conversations-000.zip`: browsers and file managers number copies. */
function cleanName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), path.lastIndexOf('› ') + 1) + 1);
  return name
    .trim()
    .toLowerCase()
    .replace(/\s*(\(\d+\)|-\s*copy|-\s*kopie|_\d)\s*(?=\.zip$)/g, '');
}

function remembered({ memory }: Pick<ReadContext, 'memory'>): Expected[] {
  const text = memory.get(REMEMBERED);
  // Written by nobody but ourselves.
  return text === undefined ? [] : (JSON.parse(text) as Expected[]);
}

function remember({ memory }: Pick<ReadContext, 'memory'>, all: readonly Expected[]): void {
  memory.set(REMEMBERED, JSON.stringify(all.slice(-MOST_REMEMBERED)));
}

function hash(told: unknown): string {
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}
