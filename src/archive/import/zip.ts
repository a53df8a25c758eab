import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, openPromise, RandomAccessReader } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { plainFiles } from '../store/kept-files.ts';
import type { Reading } from '../store/kept-files.ts';
import { HARMLESS } from './limits.ts';
import type { Limits } from './limits.ts';
import { Unreadable } from './reader.ts';
import { salvage } from './salvage.ts';
import { piecesBetween, reasonAgainst } from './zip-member.ts';
import type { OpenZip, ZipMember } from './zip-member.ts';

/** File kind in the upper half of the attributes of a zip made on Unix: https://unix.stackexchange.com/q/14705 */
const KIND = 0o170000;
const LINK = 0o120000;

/** `PK` and the mark of a first file, or of the end of a zip without any. */
export function startsLikeZip(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  return first === 0x50 && second === 0x4b && ((third === 3 && fourth === 4) || (third === 5 && fourth === 6));
}

const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;
/** A zip that lies in a file of the archive's. A class because yauzl wants one. */
class KeptZip extends RandomAccessReader {
  readonly #file: Reading;

  constructor(file: Reading) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(piecesBetween(this.#file, start, end));
  }

  override close(done: (error: Error | null) => void): void {
    this.#file.close();
    done(null);
  }
}

/** Opens a zip, and looks before anything is unpacked whether it is made to harm. Of one that is torn, what can be had. Throws `Unreadable`. */
export async function openZip(from: string | (() => Reading), limits: Limits): Promise<OpenZip> {
  try {
    return await openListed(from, limits);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    return await openDamaged(typeof from === 'string' ? plainFiles.open(from) : from(), error.message, limits);
  }
}

/** Something is wrong with its list of files; they may be there all the same. */
class Damaged extends Unreadable {}

async function openDamaged(file: Reading, reason: string, limits: Limits): Promise<OpenZip> {
  try {
    const found = await salvage(file, limits);
    if (!found) throw new Unreadable(reason);
    const { members, lost, close } = found;
    return { members, salvaged: { reason, lost }, close };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function openListed(from: string | (() => Reading), limits: Limits): Promise<OpenZip> {
  let zip: ZipFile;
  try {
    // Names are decoded here: yauzl gives the whole zip up for one bad name.
    zip = await (typeof from === 'string' ? openPromise(from, OPTIONS) : openKept(from()));
  } catch (error) {
    throw /multi-disk/i.test(String(error)) ? new Unreadable(SPLIT) : new Damaged(whyNot(error));
  }
  try {
    if (zip.entryCount > limits.files)
      throw new Unreadable(
        `it holds ${zip.entryCount} files, more than the ${limits.files} that are allowed (raise it: --limit files=${zip.entryCount})`,
      );
    const entries: Entry[] = [];
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      unpacked += entry.uncompressedSize;
      if (unpacked > limits.unpacked)
        throw new Unreadable(
          `its files are more than ${limits.unpacked} bytes unpacked, which is not allowed (raise it: --limit unpacked=…)`,
        );
    }
    const ratio = Math.ceil(unpacked / Math.max(1, zip.fileSize));
    // Also where each file is harmless: bombs let thousands of names share the same packed bytes.
    if (unpacked > HARMLESS && ratio > limits.ratio)
      throw new Unreadable(
        `it unpacks to ${ratio} times its size, which is more than ${limits.ratio} and how zip bombs look (if it is no bomb: --limit ratio=${ratio})`,
      );
    return { members: entries.map((entry) => memberOf(zip, entry, limits)), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error instanceof Unreadable ? error : new Damaged(whyNot(error));
  }
}

async function openKept(file: Reading): Promise<ZipFile> {
  try {
    return await fromRandomAccessReaderPromise(new KeptZip(file), file.size(), OPTIONS);
  } catch (error) {
    file.close();
    throw error;
  }
}

function memberOf(zip: ZipFile, entry: Entry, limits: Limits): ZipMember {
  const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false).replaceAll('\\', '/');
  const refused = reasonAgainst(
    {
      path,
      packed: entry.compressedSize,
      unpacked: entry.uncompressedSize,
      method: entry.compressionMethod,
      isLink: ((entry.externalFileAttributes >>> 16) & KIND) === LINK,
      isEncrypted: entry.isEncrypted(),
      isKnown: entry.canDecodeFileData(),
    },
    limits,
  );
  return {
    path,
    size: entry.uncompressedSize,
    ...(refused === undefined ? {} : { refused }),
    async *open() {
      if (refused !== undefined) throw new Unreadable(refused);
      try {
        // Ends with an error when it is longer or shorter than the zip says.
        const stream: Readable = await zip.openReadStreamPromise(entry);
        let sum = 0;
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          sum = crc32(chunk, sum);
          yield chunk;
        }
        // What was unpacked has been told by then; that it is not what was packed has to be told, too.
        if (sum !== entry.crc32) throw new Unreadable('its checksum is wrong: the zip was damaged on its way; fetch it again');
      } catch (error) {
        throw error instanceof Unreadable ? error : new Unreadable(whyNot(error));
      }
    },
  };
}

const SPLIT = 'it is one piece of a split zip; join the pieces first (zip -s 0 in.zip --out whole.zip)';

function whyNot(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/end of central directory/i.test(message))
    return 'the zip is torn: its end, with the list of its files, is missing. Was the download complete? Fetch it again, if you can';
  return `it is damaged (${message})`;
}
