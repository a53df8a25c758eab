import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { parseObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Result } from '../../exchange/result.ts';
import type { FilePart, SourceName } from '../conversation.ts';
import { type ReadContext, type Reader, type SourceFile, type Told, Unreadable } from '../import/reader.ts';
import type { ToldConversation } from './book.ts';
import { openCursor } from './cursor/database.ts';
import { LINE_FORMATS } from './formats.ts';
import type { LineCounts, LineFormat } from './line-reader.ts';
import { linesOf } from './lines.ts';
import { openOpencode } from './opencode/database.ts';
import { type StoredMessage, tellSession } from './opencode/messages.ts';
import { openReading, readWhole } from './reading.ts';
import type { TranscriptDatabase } from './transcript-database.ts';

/** A session that is one object is read whole. The largest seen had 40 MB. */
const LARGEST_WHOLE = 256 * 1024 * 1024;

const DATABASES: readonly DatabaseKind[] = [
  { source: 'opencode', version: 1, what: 'opencode database', name: /(^|\/)opencode[^/]*\.db$/, open: openOpencode },
  {
    source: 'cursor',
    version: 1,
    what: 'Cursor database',
    name: /(^|\/)state\.vscdb(\.backup)?$/,
    open: openCursor,
    notKept: 'its bytes are not kept, as your Cursor account is in it, too; the conversations are',
  },
];

/** Readers of coding CLIs' own transcripts, for `understudy import ~/.claude` and the like. */
export const transcriptReaders: readonly Reader[] = [...LINE_FORMATS.map(lineReader), ...DATABASES.map(databaseReader), opencodeFiles()];

function lineReader(format: LineFormat): Reader {
  return {
    source: format.source,
    version: format.version,
    oldestFirst: true,
    recognises: (file) => (format.recognises(file.head, file.path) ? format.what : undefined),
    async *read(file, context) {
      const place = { path: file.onDisk ?? file.path };
      if (file.path.endsWith('.json')) {
        const reading = readWhole(format, place, await textOf(file));
        if (reading) yield* tellAll(reading.told(), reading.skipped(file.where), file, context);
        else yield { type: 'unreadable', where: file.where, reason: 'it is no whole JSON object', found: file.head.slice(0, 80) };
        return;
      }
      const reading = openReading(format, place);
      const bytes = file.path.endsWith('.zst') ? unpacked(file) : file.open();
      for await (const { bytes: line, torn } of linesOf(bytes)) {
        reading.read([line, ...(torn ? [] : [NEWLINE])]);
      }
      reading.finish();
      yield* tellAll(reading.told(), reading.skipped(file.where), file, context);
    },
  };
}

const NEWLINE = Uint8Array.of(10);

async function* unpacked(file: SourceFile): AsyncGenerator<Uint8Array> {
  const unpacking = Readable.from(file.open()).pipe(createZstdDecompress());
  try {
    for await (const piece of unpacking) yield piece as Uint8Array;
  } catch (error) {
    throw new Unreadable(`it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function* tellAll(
  told: readonly ToldConversation[],
  skipped: readonly { where: string; reason: string; found?: unknown }[],
  file: SourceFile,
  context: ReadContext,
): AsyncGenerator<Told> {
  for (const each of told) {
    for (const { part, bytes, mediaType } of each.files) part.content = await keep(bytes, part, mediaType, file, context);
    if (each.messages.length > 0) yield { type: 'conversation', where: file.where, head: each.head, messages: each.messages };
    else yield { type: 'skipped', where: file.where, reason: 'it has no messages' };
  }
  if (told.length === 0) yield { type: 'skipped', where: file.where, reason: 'it has no messages' };
  for (const { where, reason, found } of skipped) yield { type: 'skipped', where, reason, ...(typeof found === 'string' ? { found } : {}) };
}

function keep(
  bytes: Uint8Array,
  { name }: FilePart,
  mediaType: string | undefined,
  file: SourceFile,
  context: ReadContext,
): Promise<FilePart['content']> {
  const within: SourceFile = {
    where: `${file.where} › ${name ?? 'image'}`,
    path: name ?? 'image',
    container: file.container,
    size: bytes.length,
    head: '',
    // oxlint-disable-next-line require-await -- the interface is for files that have to be waited for
    async *open() {
      yield bytes;
    },
  };
  return context.keep(within, { ...(name === undefined ? {} : { name }), ...(mediaType === undefined ? {} : { mediaType }) });
}

async function textOf(file: SourceFile): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of file.open()) {
    size += piece.length;
    if (size > LARGEST_WHOLE)
      throw new Unreadable(`it is larger than ${LARGEST_WHOLE} bytes, which is more than a session of one object has ever had`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

interface DatabaseKind {
  source: SourceName;
  version: number;
  what: string;
  /** What it is called. */
  name: RegExp;
  open(path: string): Result<TranscriptDatabase, string>;
  /** Its bytes are not kept: why. */
  notKept?: string;
}

/** A tool's database. One within a zip has to be unpacked first: SQLite opens files. */
function databaseReader({ source, version, what, name, open, notKept }: DatabaseKind): Reader {
  return {
    source,
    version,
    recognises: (file) => (file.head.startsWith('SQLite format 3') && name.test(file.path) ? what : undefined),
    ...(notKept !== undefined && { keepsOriginals: () => true }),
    async *read(file, context) {
      if (file.onDisk === undefined) {
        yield { type: 'unreadable', where: file.where, reason: 'a database within a zip: unpack the zip, and give the folder' };
        return;
      }
      const opened = open(file.onDisk);
      if (!opened.ok) {
        yield { type: 'unreadable', where: file.where, reason: opened.error };
        return;
      }
      if (notKept !== undefined) yield { type: 'noted', where: file.where, reason: notKept };
      const counts: LineCounts = { left: {}, unknown: {} };
      let said = 0;
      try {
        for (const { id } of opened.value.changed(0)) {
          const told = opened.value.session(id, counts);
          if (told) yield* tellAll([told], [], file, context);
          if (told) said += 1;
        }
      } finally {
        opened.value.close();
      }
      const unknown = Object.entries(counts.unknown);
      if (said === 0 && unknown.length === 0) yield { type: 'skipped', where: file.where, reason: 'nobody has said anything in it' };
      // Where not one of them could be read, its build is another one.
      const type = said === 0 ? 'unreadable' : 'skipped';
      for (const [kind, count] of unknown) yield { type, where: file.where, reason: `${count} of a kind that is not known here: ${kind}` };
    },
  };
}

/** opencode's files before it had a database: a session's messages and their parts lie in folders of their own. */
function opencodeFiles(): Reader {
  const folders = new WeakMap<readonly SourceFile[], Map<string, SourceFile[]>>();
  const kindOf = (file: SourceFile): string | undefined => /(^|\/)storage\/(session|message|part)\/.*\.json$/.exec(file.path)?.[2];

  function beside(context: ReadContext, folder: string): readonly SourceFile[] {
    let known = folders.get(context.files);
    if (!known) {
      known = new Map();
      for (const file of context.files) {
        const above = /(message|part)\/[^/]+(?=\/[^/]+\.json$)/.exec(file.path)?.[0];
        if (above === undefined) continue;
        const files = known.get(`${file.container}\n${above}`);
        if (files) files.push(file);
        else known.set(`${file.container}\n${above}`, [file]);
      }
      folders.set(context.files, known);
    }
    return (known.get(folder) ?? []).toSorted((one, other) => one.path.localeCompare(other.path));
  }

  return {
    source: 'opencode',
    version: 1,
    recognises(file) {
      const kind = kindOf(file);
      return kind === undefined || !/"id"\s*:\s*"(ses|msg|prt)_/.test(file.head) ? undefined : `opencode ${kind}`;
    },
    async *read(file, context) {
      // Messages and parts are told with their session.
      if (kindOf(file) !== 'session') return;
      const session = parseObject(await textOf(file));
      if (!session) {
        yield { type: 'unreadable', where: file.where, reason: 'it is no whole JSON object' };
        return;
      }
      const counts: LineCounts = { left: {}, unknown: {} };
      const stored: StoredMessage[] = [];
      for (const message of beside(context, `${file.container}\nmessage/${String(session['id'])}`)) {
        const data = parseObject(await textOf(message));
        if (!data) {
          yield { type: 'unreadable', where: message.where, reason: 'it is no whole JSON object' };
          continue;
        }
        const parts: { id: string; data: JsonObject }[] = [];
        for (const part of beside(context, `${file.container}\npart/${stem(message.path)}`)) {
          const value = parseObject(await textOf(part));
          if (value) parts.push({ id: stem(part.path), data: value });
          else yield { type: 'unreadable', where: part.where, reason: 'it is no whole JSON object' };
        }
        stored.push({ id: stem(message.path), data, parts });
      }
      yield* tellAll([tellSession(session, stored, counts)], [], file, context);
    },
  };
}

function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, '');
}
