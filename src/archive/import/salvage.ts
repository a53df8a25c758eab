import { constants, crc32, createInflateRaw } from 'node:zlib';
import { getFileNameLowLevel } from 'yauzl';
import type { Reading } from '../store/kept-files.ts';
import { HARMLESS } from './limits.ts';
import type { Limits } from './limits.ts';
import { Unreadable } from './reader.ts';
import { piecesBetween, reasonAgainst } from './zip-member.ts';
import type { OpenZip, ZipMember } from './zip-member.ts';

/** What a zip still has whose list of files, at its end, is missing or damaged. */
export interface Salvaged extends OpenZip {
  /** Files that it had and that can't be read at all, by their names where anything says them. */
  lost: { path: string; reason: string }[];
}

/** As the header in front of a file says it. APPNOTE 4.3.7: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
interface LocalHeader {
  path: string;
  flags: number;
  method: number;
  crc: number;
  /** 0: it may stand behind the file (4.4.4, bit 3). */
  packed: number;
  unpacked: number;
  /** Where its bytes begin. */
  at: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
/** What stands behind the last file: entries of the list, its end, its end in zip64 (4.3.12, 4.3.16, 4.3.14), an extra data record (4.3.11). */
const AFTER_FILES = [CENTRAL, 0x06054b50, 0x06064b50, 0x08064b50];
const DESCRIPTOR = 0x08074b50;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
/** The newest version of the format that there is (4.4.3.2); a greater one is no header. */
const NEWEST_VERSION = 63;
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN_SIZE = 0xffff_ffff;
/** https://zlib.net/zlib_tech.html, "Maximum Compression Factor" */
const DEFLATES_AT_MOST = 1032;
/** Bytes searched at a time. */
const STRETCH = 1024 * 1024;

const CUT = 'it is cut off: the zip ends in the middle of it; what is there of it was read';
const DAMAGED = 'it is damaged; what stands before the damage was read';

/**
 * Goes through a zip from its beginning, from file to file, as far as it goes; after damage on from the next header. Sizes are checked as in a zip
 * that is whole. `undefined`: it has no file. Throws `Unreadable` where it looks made to harm.
 */
export async function salvage(from: Reading, limits: Limits): Promise<Salvaged | undefined> {
  const size = from.size();
  const members: ZipMember[] = [];
  const lost: Salvaged['lost'] = [];
  let unpacked = 0;
  let at = 0;

  function count(more: number): void {
    unpacked += more;
    if (unpacked > limits.unpacked)
      throw new Unreadable(
        `its files are more than ${limits.unpacked} bytes unpacked, which is not allowed (raise it: --limit unpacked=…)`,
      );
    const ratio = Math.ceil(unpacked / Math.max(1, size));
    if (unpacked > HARMLESS && ratio > limits.ratio)
      throw new Unreadable(
        `it unpacks to more than ${limits.ratio} times its size, which is how zip bombs look (if it is no bomb: --limit ratio=…)`,
      );
  }

  for (;;) {
    const begins = nextHeader(from, at, size);
    if (begins === undefined) break;
    const header = headerAt(from, begins, size);
    if (!header) {
      at = begins + 4;
      continue;
    }
    if (members.length === limits.files)
      throw new Unreadable(`it holds more than the ${limits.files} files that are allowed (raise it: --limit files=…)`);
    const extent = await extentOf(from, header, { size, count });
    members.push(memberOf(from, { ...header, ...extent }, limits));
    at = extent.end;
  }
  const known = new Set(members.map(({ path }) => path));
  for (const path of namesListed(from, at, size))
    if (!known.has(path)) lost.push({ path, reason: 'the zip names it, and its bytes are not where a file begins' });
  return members.length === 0 ? undefined : { members, lost, close: () => from.close() };
}

/** Where the next file's header may be; `undefined`: what follows is the list of files, or nothing. */
function nextHeader(from: Reading, at: number, size: number): number | undefined {
  const here = readAt(from, at, 4);
  if (here.length === 4 && AFTER_FILES.includes(here.readUInt32LE())) return undefined;
  for (const found of marksFrom(from, at, size)) {
    if (found.mark === LOCAL) return found.at;
    if (found.mark === CENTRAL) return undefined;
  }
  return undefined;
}

/** All places from there on where `PK` and a mark stand. */
function* marksFrom(from: Reading, start: number, size: number): Generator<{ at: number; mark: number }> {
  for (let at = start; at < size - 3;) {
    const stretch = readAt(from, at, STRETCH);
    for (let found = stretch.indexOf('PK'); found >= 0 && found <= stretch.length - 4; found = stretch.indexOf('PK', found + 2))
      yield { at: at + found, mark: stretch.readUInt32LE(found) };
    at += Math.max(1, stretch.length - 3);
  }
}

function headerAt(from: Reading, at: number, size: number): LocalHeader | undefined {
  const fixed = readAt(from, at, LOCAL_SIZE);
  if (fixed.length < LOCAL_SIZE || (fixed.readUInt16LE(4) & 0xff) > NEWEST_VERSION) return undefined;
  const [nameLength, extraLength] = [fixed.readUInt16LE(26), fixed.readUInt16LE(28)];
  const begins = at + LOCAL_SIZE + nameLength + extraLength;
  if (nameLength === 0 || begins > size) return undefined;
  const rest = readAt(from, at + LOCAL_SIZE, nameLength + extraLength);
  const extras = extrasIn(rest.subarray(nameLength));
  const flags = fixed.readUInt16LE(6);
  const wide = extras.find(({ id }) => id === 1)?.data;
  const [packed, unpacked] = [fixed.readUInt32LE(18), fixed.readUInt32LE(22)];
  const isWide = packed === UNKNOWN_SIZE && unpacked === UNKNOWN_SIZE && wide !== undefined && wide.length >= 16;
  return {
    path: getFileNameLowLevel(flags, rest.subarray(0, nameLength), extras, false).replaceAll('\\', '/'),
    flags,
    method: fixed.readUInt16LE(8),
    crc: fixed.readUInt32LE(14),
    unpacked: isWide ? Number(wide.readBigUInt64LE(0)) : unpacked,
    packed: isWide ? Number(wide.readBigUInt64LE(8)) : packed,
    at: begins,
  };
}

function extrasIn(bytes: Buffer): { id: number; data: Buffer }[] {
  const extras: { id: number; data: Buffer }[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at + 2);
    extras.push({ id: bytes.readUInt16LE(at), data: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return extras;
}

/** How far a file goes, and whether all of it is there. */
interface Extent {
  packed: number;
  unpacked: number;
  /** Of its bytes, if anything says it. */
  crc: number | undefined;
  /** Where the next one may begin. */
  end: number;
  torn?: string;
}

interface Around {
  size: number;
  /** Called with unpacked bytes; throws when there are too many. */
  count(more: number): void;
}

async function extentOf(from: Reading, header: LocalHeader, around: Around): Promise<Extent> {
  const { at, packed, unpacked, crc, flags, method } = header;
  const follows = (flags & SIZES_FOLLOW) !== 0 && packed === 0;
  const isWhole = at + packed <= around.size;
  const isMeasurable = method === DEFLATED && (flags & ENCRYPTED) === 0;
  // A size that leads beyond the end may be damaged itself.
  if (!follows && (isWhole || !isMeasurable)) {
    const end = isWhole ? at + packed : around.size;
    // What a header says may be damaged, too: no more than there can be in so many bytes.
    around.count(Math.min(unpacked, (end - at) * (method === DEFLATED ? DEFLATES_AT_MOST : 1)));
    const descriptor = isWhole && (flags & SIZES_FOLLOW) !== 0 ? descriptorAt(from, end, packed) : undefined;
    return {
      packed: end - at,
      unpacked,
      crc: descriptor?.crc ?? crc,
      end: descriptor?.end ?? end,
      ...(!isWhole && { torn: CUT }),
    };
  }
  if (isMeasurable) return measured(from, header, around);
  for (const found of marksFrom(from, at, around.size)) {
    const descriptor = found.mark === DESCRIPTOR ? descriptorAt(from, found.at, found.at - at) : undefined;
    if (!descriptor) continue;
    around.count(found.at - at);
    return { packed: found.at - at, unpacked: found.at - at, crc: descriptor.crc, end: descriptor.end };
  }
  around.count(around.size - at);
  return { packed: around.size - at, unpacked: around.size - at, crc: undefined, end: around.size, torn: CUT };
}

/** Unpacks a file to see where it ends: its packing says so itself. */
async function measured(from: Reading, { at }: LocalHeader, { size, count }: Around): Promise<Extent> {
  const unpacking = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  let unpacked = 0;
  let fed = 0;
  let failed: unknown;
  let goOn = (): void => undefined;
  unpacking.on('error', (error) => (failed ??= error));
  for (const ending of ['end', 'error', 'close']) unpacking.on(ending, () => goOn());
  unpacking.on('data', (piece: Buffer) => {
    unpacked += piece.length;
    try {
      count(piece.length);
    } catch (error) {
      failed ??= error;
      unpacking.destroy();
    }
  });
  try {
    for (const piece of piecesBetween(from, at, size)) {
      fed += piece.length;
      // What stands behind its end is never taken, and not called back for.
      await new Promise<void>((resolve) => {
        goOn = resolve;
        unpacking.write(piece, () => resolve());
      });
      if (failed instanceof Unreadable) throw failed;
      // Where the damage is, nobody can say: the next header is looked for from here on.
      if (failed !== undefined) return { packed: fed, unpacked, crc: undefined, end: at, torn: DAMAGED };
      if (unpacking.bytesWritten < fed) {
        const packed = unpacking.bytesWritten;
        const descriptor = descriptorAt(from, at + packed, packed);
        return { packed, unpacked, crc: descriptor?.crc, end: descriptor?.end ?? at + packed };
      }
    }
    return { packed: fed, unpacked, crc: undefined, end: size, torn: CUT };
  } finally {
    unpacking.destroy();
  }
}

/** What stands behind a file of that many packed bytes: with or without a mark, sizes in four bytes or eight (4.3.9). */
function descriptorAt(from: Reading, at: number, packed: number): { crc: number; end: number } | undefined {
  const bytes = readAt(from, at, 24);
  const marked = bytes.length >= 4 && bytes.readUInt32LE(0) === DESCRIPTOR ? 4 : 0;
  if (bytes.length < marked + 12) return undefined;
  const crc = bytes.readUInt32LE(marked);
  if (bytes.readUInt32LE(marked + 4) === packed % 2 ** 32) {
    const isWide = bytes.length >= marked + 20 && bytes.readBigUInt64LE(marked + 4) === BigInt(packed);
    // Eight bytes whose upper half is zero look like four and a file of no bytes; what follows them tells.
    const next = readAt(from, at + marked + 12, 4);
    const isFollowed = next.length === 4 && [LOCAL, ...AFTER_FILES].includes(next.readUInt32LE());
    return { crc, end: at + marked + (isWide && !isFollowed ? 20 : 12) };
  }
  return undefined;
}

function memberOf(from: Reading, file: Omit<LocalHeader, 'crc'> & Extent, limits: Limits): ZipMember {
  const { path, at, packed, unpacked, method, flags, torn } = file;
  const refused = reasonAgainst(
    { path, packed, unpacked, method, isLink: false, isEncrypted: (flags & ENCRYPTED) !== 0, isKnown: [STORED, DEFLATED].includes(method) },
    limits,
  );
  return {
    path,
    size: unpacked,
    ...(refused !== undefined && { refused }),
    ...(torn !== undefined && { torn: true }),
    async *open() {
      if (refused !== undefined) throw new Unreadable(refused);
      let sum = 0;
      let size = 0;
      const bytes = piecesBetween(from, at, at + packed);
      for await (const piece of method === DEFLATED ? inflated(bytes) : bytes) {
        sum = crc32(piece, sum);
        size += piece.length;
        if (size > unpacked) throw new Unreadable('it unpacks to more than it says: the zip is damaged');
        yield piece;
      }
      if (torn !== undefined) throw new Unreadable(torn);
      if (size < unpacked) throw new Unreadable('it unpacks to less than it says: the zip is damaged');
      if (file.crc !== undefined && sum !== file.crc)
        throw new Unreadable('its checksum is wrong: the zip was damaged on its way; fetch it again');
    },
  };
}

async function* inflated(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacking = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  const feeding = feed(unpacking, pieces);
  try {
    for await (const piece of unpacking as AsyncIterable<Buffer>) yield piece;
  } catch {
    throw new Unreadable(DAMAGED);
  } finally {
    unpacking.destroy();
    await feeding;
  }
}

/** No faster than it is read. */
async function feed(into: ReturnType<typeof createInflateRaw>, pieces: Iterable<Buffer>): Promise<void> {
  let goOn = (): void => undefined;
  into.on('close', () => goOn());
  for (const piece of pieces) {
    if (into.destroyed) return;
    await new Promise<void>((resolve) => {
      goOn = resolve;
      into.write(piece, () => resolve());
    });
  }
  into.end();
}

/** Names in what is left of the list of files. */
function* namesListed(from: Reading, start: number, size: number): Generator<string> {
  let at: number | undefined;
  for (const found of marksFrom(from, start, size)) {
    if (found.mark !== CENTRAL) continue;
    at = found.at;
    break;
  }
  while (at !== undefined) {
    const fixed = readAt(from, at, CENTRAL_SIZE);
    if (fixed.length < CENTRAL_SIZE || fixed.readUInt32LE(0) !== CENTRAL) return;
    const [name, extra, comment] = [fixed.readUInt16LE(28), fixed.readUInt16LE(30), fixed.readUInt16LE(32)];
    const rest = readAt(from, at + CENTRAL_SIZE, name + extra);
    const path = getFileNameLowLevel(fixed.readUInt16LE(8), rest.subarray(0, name), extrasIn(rest.subarray(name)), false);
    yield path.replaceAll('\\', '/');
    at += CENTRAL_SIZE + name + extra + comment;
  }
}

/** Up to so many bytes; fewer at the end. */
function readAt(from: Reading, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let have = 0;
  while (have < length) {
    const read = from.read(bytes.subarray(have), at + have);
    if (read === 0) break;
    have += read;
  }
  return bytes.subarray(0, have);
}
