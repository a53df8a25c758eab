import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ConversationHead, Skipped } from '../conversation.ts';
import { parseObject } from '../../exchange/json.ts';
import { type KeptFiles, piecesOf, wholeFile } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import { forksIn } from '../store/forks.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto, type Put } from '../store/put.ts';
import { inTransaction } from '../store/transaction.ts';
import type { ToldConversation } from '../transcripts/book.ts';
import { LINE_FORMATS } from '../transcripts/formats.ts';
import type { LineFormat, TranscriptPlace } from '../transcripts/line-reader.ts';
import { openReading, readWhole, type Reading, type ReadingState } from '../transcripts/reading.ts';
import type { KeptFile, Ledger } from './ledger.ts';

/** A file's beginning, by which it is recognised. */
const HEAD = 64 * 1024;
/** A reader's state above this is not kept: such a file is read anew after a restart, if it has grown by then. */
const LARGEST_STATE = 512 * 1024;
/** A last line without its end is waited for while its file is younger than this; milliseconds. */
export const YOUNG = 10 * 60_000;
/** A compressed transcript is not unpacked beyond this: bytes. */
const LARGEST_UNPACKED = 1024 * 1024 * 1024;

/** Reads copies into the archive's conversations. */
export interface Telling {
  /** Reads what is new of a copy, within a transaction that is the caller's. Returns what was put away. */
  tell(file: KeptFile, now: number): Put[];
  /** Puts a conversation away that was read elsewhere, in a transaction of its own. */
  put(told: ToldConversation, now: number): Put;
  /** What was read last was not put away: it is read again. */
  takeBack(): void;
}

export function tellInto(archive: Archive, ledger: Ledger): Telling {
  const putting = putInto(archive);
  const withoutCopies = forksIn(archive);
  /** Readings of files that grow now, so that their state need not be unpacked at each line. */
  const open = new Map<number, Reading>();
  const LIVE = 32;

  function put(told: ToldConversation, now: number): Put {
    for (const { part, bytes, mediaType } of told.files) {
      const { sha256, size } = keepOriginal(archive, bytes, {
        keptAt: now,
        ...(part.name === undefined ? {} : { name: part.name }),
        ...(mediaType === undefined ? {} : { mediaType }),
      });
      part.content = { type: 'stored', sha256, size };
    }
    const { head, messages } = withoutCopies(told);
    return putting.within(head, messages);
  }

  function done(
    file: KeptFile,
    skipped: Skipped[],
    more: { reading?: ReadingState; torn?: boolean; head?: ConversationHead; version?: number },
  ): void {
    // A sub-agent's file belongs to the session that started it; `session/agent` is the sub-agent's own name.
    const session = more.head?.session?.split('/')[0] ?? more.head?.startedBy?.key;
    const packed = more.reading === undefined ? undefined : Buffer.from(JSON.stringify(more.reading));
    ledger.read(file, {
      readSize: file.size,
      version: more.version ?? 0,
      torn: more.torn === true,
      ...(packed && packed.length <= LARGEST_STATE ? { reading: zstdCompressSync(packed) } : {}),
      ...(session === undefined ? {} : { session }),
      skipped: JSON.stringify(skipped),
    });
  }

  /** Where a reading goes on, or a new one. */
  function resumed(file: KeptFile, format: LineFormat, place: TranscriptPlace): Reading {
    const live = open.get(file.row);
    if (live && file.readerVersion === format.version) return live;
    const saved = file.readerVersion === format.version ? ledger.reading(file) : undefined;
    const state = saved && (parseObject(zstdDecompressSync(saved).toString('utf8')) as unknown as ReadingState | undefined);
    return openReading(format, place, state);
  }

  function tell(file: KeptFile, now: number): Put[] {
    const { files } = archive;
    const path = join(archive.folder, file.copy);
    if (!isTranscript(file)) {
      done(file, [], {});
      return [];
    }
    const head = headOf(files, path);
    const format = LINE_FORMATS.find((each) => each.source === file.source && each.recognises(head, slashed(file.path)));
    if (!format) {
      // Its first line may not be whole yet.
      const reason =
        files.size(path) === 0
          ? []
          : [{ where: file.path, reason: 'its content is of no kind that is known here', found: head.slice(0, 80) }];
      done(file, reason, {});
      return [];
    }
    const project = projectBeside(file);
    const place: TranscriptPlace = { path: slashed(file.path), ...(project === undefined ? {} : { project }) };
    if (file.path.endsWith('.json')) {
      const whole = readWhole(format, place, wholeFile(files, path).toString('utf8'));
      const told = whole?.told() ?? [];
      const puts = told.map((each) => put(each, now));
      done(file, whole ? whole.skipped(file.path) : [{ where: file.path, reason: 'it is no whole JSON (yet)' }], {
        version: format.version,
        ...headIn(told),
      });
      return puts;
    }
    if (file.path.endsWith('.zst')) return tellPacked(file, format, place, path, now);

    let reading = resumed(file, format, place);
    reading.read(piecesOf(files, path, reading.offset()));
    if (reading.reachesBack()) {
      reading = openReading(format, place);
      reading.read(piecesOf(files, path));
    }
    const isOver = reading.isTorn() && now - file.modified > YOUNG;
    if (isOver) reading.finish();
    const told = reading.told();
    const puts = told.map((each) => put(each, now));
    open.delete(file.row);
    if (!isOver) open.set(file.row, reading);
    if (open.size > LIVE) open.delete(open.keys().next().value!);
    done(file, reading.skipped(file.path), {
      ...(isOver ? {} : { reading: reading.state(), torn: reading.isTorn() }),
      version: format.version,
      ...headIn(told),
    });
    return puts;
  }

  function tellPacked(file: KeptFile, format: LineFormat, place: TranscriptPlace, path: string, now: number): Put[] {
    let bytes: Buffer;
    try {
      bytes = zstdDecompressSync(wholeFile(archive.files, path), { maxOutputLength: LARGEST_UNPACKED });
    } catch (error) {
      const reason = `it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`;
      done(file, [{ where: file.path, reason }], {});
      return [];
    }
    const reading = openReading(format, place);
    reading.read([bytes]);
    reading.finish();
    const told = reading.told();
    const puts = told.map((each) => put(each, now));
    done(file, reading.skipped(file.path), { version: format.version, ...headIn(told) });
    return puts;
  }

  return { tell, put: (told, now) => inTransaction(archive.database, () => put(told, now)), takeBack: () => open.clear() };
}

/** Attachments, and small files that others make sessions of, are not read by themselves. */
function isTranscript({ source, path }: KeptFile): boolean {
  if (source === 'opencode') return false;
  if (source === 'claude-code') return path.endsWith('.jsonl') && !/[/\\]tool-results[/\\]/.test(path);
  return /\.(jsonl|json|jsonl\.zst)$/.test(path);
}

function headIn(told: readonly ToldConversation[]): { head?: ConversationHead } {
  return told[0] ? { head: told[0].head } : {};
}

/** Gemini CLI writes the project's folder beside its `chats`. */
function projectBeside({ source, path }: KeptFile): string | undefined {
  if (source !== 'gemini-cli') return undefined;
  try {
    return readFileSync(join(path.slice(0, slashed(path).lastIndexOf('/chats/')), '.project_root'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function headOf(files: KeptFiles, path: string): string {
  const file = files.open(path);
  try {
    const bytes = Buffer.alloc(HEAD);
    return bytes.subarray(0, file.read(bytes, 0)).toString('utf8');
  } finally {
    file.close();
  }
}
