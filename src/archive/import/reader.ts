import type { ArchivedMessage, ConversationHead, FilePart, Skipped, SourceName } from '../conversation.ts';

/** A file that was given: on disk, or in a zip. */
export interface SourceFile {
  /** As reports call it: its path on disk; within a zip after ` › `. */
  where: string;
  /** Within what was given, with slashes: `projects/-home-ada/1f….jsonl`, `conversations.json`. Names are hints; content decides. */
  path: string;
  /** What it came in: a zip, a folder, or itself. Files of one container belong together. */
  container: string;
  /** Bytes, as its zip says for one within a zip. */
  size: number;
  /** Its first bytes as UTF-8 text without a byte order mark, whatever its encoding; cut anywhere. */
  head: string;
  /** Where it lies on disk by itself; absent within a zip. */
  onDisk?: string;
  /** When it was changed last, of one that lies there; UTC milliseconds. */
  modified?: number;
  /** Its bytes from the beginning. Throws `Unreadable` at what can't be read (damaged, encrypted, over a limit). */
  open(): AsyncIterable<Uint8Array>;
}

/** Why a file can't be read (further); what was read until there counts. */
export class Unreadable extends Error {}

/** What a reader finds in a file. `where` names the place: `export.zip › conversations.json[17]`. */
export type Told =
  | {
      type: 'conversation';
      where: string;
      head: ConversationHead;
      messages: ArchivedMessage[];
      /** Files that it names and that another part of the same export may bring: with new parts, its file is read once more. */
      awaits?: number;
    }
  /** Left out on purpose: it is no conversation, or shows one that is told elsewhere. */
  | ({ type: 'skipped' } & Skipped)
  /** It should have been read and could not be: the import has failed for it. */
  | ({ type: 'unreadable' } & Skipped)
  /** A part of an export that the export itself names and that was not given so far. */
  | ({ type: 'missing' } & Skipped)
  /** Imported, and people should know: a clock that is wrong, a file that the export names and does not have. */
  | ({ type: 'noted' } & Skipped)
  /** Conversations of this source that name this account by its id are shown with this label. */
  | { type: 'account'; id: string; label: string };

export interface ReadContext {
  /** What `recognises` said of the file. */
  what: string;
  /** Every file of this run, also those that no reader recognises: attachments lie beside conversations. */
  files: readonly SourceFile[];
  /** UTC milliseconds: what lies far behind it has a wrong clock. */
  now: number;
  /** Bytes of the largest piece that is taken at once (limits.ts, `conversation`). */
  most: number;
  /** Keeps a file of this run as an original, and says where it is. Nothing is kept in a dry run. */
  keep(file: SourceFile, facts: { name?: string; mediaType?: string }): Promise<FilePart['content']>;
  /** What this reader remembers between runs, by a name of its own. */
  memory: { get(name: string): string | undefined; set(name: string, value: string): void };
}

/** A file that a reader recognised. */
export interface GivenFile {
  file: SourceFile;
  what: string;
  /** Of the file on disk that it is or is in, in hexadecimal. */
  sha256: string;
}

/**
 * Reads one source. Readers are asked in order and the first that recognises a file reads it, so recognising has to be
 * strict: by what the file says, never by its name alone. Never throws for what a file contains, besides `Unreadable`.
 */
export interface Reader {
  source: SourceName;
  /** Raised when it reads more than before: files that an older one has read are then read again. */
  version: number;
  /** What the file is, in a word or two (`conversations`, `session transcript`); `undefined`: none of ours. */
  recognises(file: SourceFile): string | undefined;
  /** Files of a lower rank are read first: those that say whose conversations the others are. Default 0. */
  rank?(what: string): number;
  /** Files of the same rank are read in the order of their age, in which one may tell again what another has told. */
  oldestFirst?: true;
  /** It sees itself to it that the file's bytes are kept; the driver does not. */
  keepsOriginals?(what: string): boolean;
  read(file: SourceFile, context: ReadContext): AsyncIterable<Told>;
  /** Once, after all files of a run, also where all were read before: what of an export has not been given. */
  end?(given: readonly GivenFile[], context: Pick<ReadContext, 'memory'>): Iterable<Told>;
}
