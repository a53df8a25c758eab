import { validateFileName } from 'yauzl';
import type { Reading } from '../store/kept-files.ts';
import { HARMLESS } from './limits.ts';
import type { Limits } from './limits.ts';

/** A file in a zip, or why it is not touched. */
export interface ZipMember {
  /** With slashes. */
  path: string;
  size: number;
  refused?: string;
  /** Its end is missing or damaged: what is there is given, and then it throws. */
  torn?: true;
  open(): AsyncIterable<Uint8Array>;
}

export interface OpenZip {
  members: ZipMember[];
  /** Its list of files is missing or damaged, and they were looked for one by one: why, and which were not found. */
  salvaged?: { reason: string; lost: { path: string; reason: string }[] };
  close(): void;
}

/** What a zip says of a file in it. */
export interface MemberFacts {
  path: string;
  packed: number;
  unpacked: number;
  method: number;
  isLink: boolean;
  isEncrypted: boolean;
  /** Its packing can be undone here. */
  isKnown: boolean;
}

/** Why a file is not touched. */
export function reasonAgainst(
  { path, packed, unpacked, method, isLink, isEncrypted, isKnown }: MemberFacts,
  { ratio }: Limits,
): string | undefined {
  const wrong = validateFileName(path);
  if (wrong !== null) return `its name leads out of the zip (${wrong}); exports have no such files`;
  if (isLink) return 'it is a link, not a file';
  if (isEncrypted) return 'it is encrypted; unpack the zip with its password and give the folder';
  if (!isKnown) return `it is packed in a way that is not known here (method ${method}); unpack the zip and give the folder`;
  const times = Math.ceil(unpacked / Math.max(1, packed));
  if (unpacked > HARMLESS && times > ratio)
    return `it unpacks to ${times} times its size, more than ${ratio}: how zip bombs look (if it is none: --limit ratio=${times})`;
  return undefined;
}

/** Bytes read at a time out of a zip. */
const CHUNK = 256 * 1024;

export function* piecesBetween(file: Reading, from: number, to: number): Generator<Buffer> {
  for (let at = from; at < to;) {
    const piece = Buffer.allocUnsafe(Math.min(CHUNK, to - at));
    const read = file.read(piece, at);
    if (read === 0) return;
    at += read;
    yield piece.subarray(0, read);
  }
}
