import { crc32 } from 'node:zlib';

/**
 * The unit of the log on disk. Little-endian:
 *
 *     0  u32  length of what follows this field
 *     4  u32  CRC-32 of what follows this field, started with the segment's salt
 *     8  u8   type
 *     9  u8   version of that type
 *    10  28   exchange id, ASCII, zero-padded
 *    38  u32  place in the exchange's history; OPENING_SEQ for its opening
 *    42  u48  UTC milliseconds
 *    48       payload
 *
 * The salt is random and in no client's hands, so nothing that a client sends can be taken for a frame.
 */
export interface Frame {
  type: number;
  version: number;
  id: string;
  seq: number;
  at: number;
  payload: Buffer;
}

/** A frame and where it begins, in bytes from the start of what was scanned. */
export interface PlacedFrame extends Frame {
  offset: number;
  /** Bytes that it takes, header included. */
  size: number;
}

/** Bytes that are no frame: from `offset` on, so many. */
export interface Damage {
  offset: number;
  size: number;
}

export interface Scan {
  frames: PlacedFrame[];
  /** Bytes that are done with; what follows is a frame whose rest has not been read, a torn tail, or damage with nothing good behind it yet. */
  consumed: number;
  damage: Damage[];
}

export const FRAME_HEADER = 48;
export const OPENING_SEQ = 0xffffffff;
const ID_BYTES = 28;
const ID_AT = 10;
const ID_MARK = Buffer.from('x_');
/** A request body may have 64 MiB (DESIGN.md, bounds); a length beyond twice that is damage. */
const LONGEST = 128 * 1024 * 1024;

/**
 * Writes a frame's header into `slab` at `offset` and returns it together with `lead`, the bytes of payload that the caller
 * has already put behind it. `rest`: the rest of the payload, which is not copied.
 */
export function frameHead(
  slab: Buffer,
  offset: number,
  head: Omit<Frame, 'payload'>,
  lead: number,
  rest: readonly Buffer[],
  salt: number,
): Buffer {
  let size = FRAME_HEADER - 4 + lead;
  for (const piece of rest) size += piece.length;
  const written = slab.subarray(offset, offset + FRAME_HEADER + lead);
  written.writeUInt32LE(size, 0);
  written[8] = head.type;
  written[9] = head.version;
  const idLength = written.write(head.id, ID_AT, ID_BYTES, 'latin1');
  if (idLength < ID_BYTES) written.fill(0, ID_AT + idLength, ID_AT + ID_BYTES);
  written.writeUInt32LE(head.seq, 38);
  written.writeUIntLE(head.at, 42, 6);
  let sum = crc32(written.subarray(8), salt);
  for (const piece of rest) sum = crc32(piece, sum);
  written.writeUInt32LE(sum, 4);
  return written;
}

/** A frame as one piece; for what is off the path. */
export function encodeFrame(frame: Frame, salt: number): Buffer {
  const head = frameHead(Buffer.allocUnsafe(FRAME_HEADER), 0, frame, 0, [frame.payload], salt);
  return Buffer.concat([head, frame.payload]);
}

/**
 * The frame that begins at `offset`; `undefined` if there is none, `short` if its end lies beyond the bytes. `base`: where the
 * bytes begin in the file.
 */
export function frameAt(bytes: Buffer, offset: number, salt: number, base = 0): PlacedFrame | 'short' | undefined {
  if (offset + 4 > bytes.length) return 'short';
  const length = bytes.readUInt32LE(offset);
  if (length < FRAME_HEADER - 4 || length > LONGEST) return undefined;
  const end = offset + 4 + length;
  if (end > bytes.length) return 'short';
  if (crc32(bytes.subarray(offset + 8, end), salt) !== bytes.readUInt32LE(offset + 4)) return undefined;
  return parseFrame(bytes, offset, length, base);
}

/** The frame at a place where one has been found before: its checksum is not looked at again. */
export function knownFrameAt(bytes: Buffer, offset: number, base = 0): PlacedFrame | undefined {
  if (offset + FRAME_HEADER > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  if (length < FRAME_HEADER - 4 || offset + 4 + length > bytes.length) return undefined;
  return parseFrame(bytes, offset, length, base);
}

function parseFrame(bytes: Buffer, offset: number, length: number, base: number): PlacedFrame {
  let idEnd = offset + ID_AT + ID_BYTES;
  while (idEnd > offset + ID_AT && bytes[idEnd - 1] === 0) idEnd -= 1;
  return {
    type: bytes[offset + 8]!,
    version: bytes[offset + 9]!,
    id: bytes.toString('latin1', offset + ID_AT, idEnd),
    seq: bytes.readUInt32LE(offset + 38),
    at: bytes.readUIntLE(offset + 42, 6),
    payload: bytes.subarray(offset + FRAME_HEADER, offset + 4 + length),
    offset: base + offset,
    size: 4 + length,
  };
}

/** A frame as it lies there, header included. Not copied. */
export function rawFrame(frame: PlacedFrame): Buffer {
  const { payload, size } = frame;
  return Buffer.from(payload.buffer, payload.byteOffset - FRAME_HEADER, size);
}

/**
 * Reads frames one after another. `whole`: nothing follows these bytes in the file, so that a frame whose end is not there
 * may as well be one whose length is damaged; the next good frame behind it is then looked for. `base`: where the bytes begin
 * in the file; places are told from there, `consumed` is not.
 */
export function scanFrames(bytes: Buffer, salt: number, whole: boolean, base = 0): Scan {
  const frames: PlacedFrame[] = [];
  const damage: Damage[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const found = frameAt(bytes, offset, salt, base);
    if (typeof found === 'object') {
      frames.push(found);
      offset += found.size;
      continue;
    }
    if (found === 'short' && !whole) break;
    const next = nextFrame(bytes, offset + 1, salt);
    if (next === undefined) break;
    damage.push({ offset: base + offset, size: next - offset });
    offset = next;
  }
  return { frames, consumed: offset, damage };
}

function nextFrame(bytes: Buffer, from: number, salt: number): number | undefined {
  for (let mark = bytes.indexOf(ID_MARK, from + ID_AT); mark >= 0; mark = bytes.indexOf(ID_MARK, mark + 1)) {
    if (typeof frameAt(bytes, mark - ID_AT, salt) === 'object') return mark - ID_AT;
  }
  return undefined;
}
