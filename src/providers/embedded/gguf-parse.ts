import { tensorBytes } from './gguf-types.ts';

/** What the head of a GGUF file says. */
export interface GgufHead {
  version: number;
  /** Strings, numbers, booleans, and lists of at most `LONGEST_LIST` numbers; of longer lists and of lists of texts only their length is in `lengths`. */
  metadata: ReadonlyMap<string, string | number | boolean | readonly number[]>;
  lengths: ReadonlyMap<string, number>;
  tensors: number;
  /** Weights, over all tensors. */
  values: number;
  /** Bytes that the file must have, at least. */
  needs: number;
}

/** `more`: the head goes on behind these bytes. */
export type Parsed = { type: 'head'; head: GgufHead } | { type: 'more' } | { type: 'problem'; message: string };

/** One number for each layer: no model has more of those. */
const LONGEST_LIST = 1024;
/** Of a damaged file, so that its head is not looked for in all of it: no model has this many of either. */
const MOST = 1_000_000;
/** `general.alignment`, where it does not say otherwise: docs/gguf.md of ggml. */
const ALIGNMENT = 32;
/** Bytes of the value types with a fixed size, by their number: u8, i8, u16, i16, u32, i32, f32, bool, -, -, u64, i64, f64. */
const SIZES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const STRING = 8;
const ARRAY = 9;

/** The bytes end before the head does. */
const MORE = Symbol('more');

/**
 * Reads the head of a GGUF file: everything before the weights. `bytes`: its beginning. The format: docs/gguf.md of ggml; versions 2 and 3 are the same
 * but for the other byte order, which 3 allows.
 */
export function parseGguf(bytes: Buffer): Parsed {
  if (bytes.length < 4) return { type: 'more' };
  if (bytes.toString('latin1', 0, 4) !== 'GGUF') return { type: 'problem', message: notGguf(bytes) };
  try {
    return read(bytes);
  } catch (error) {
    if (error === MORE) return { type: 'more' };
    if (error instanceof Damage) return { type: 'problem', message: error.message };
    throw error;
  }
}

class Damage extends Error {}

function notGguf(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 4);
  if (/^(lmgg|fmgg|tjgg|ggml|ggmf|ggjt)/.test(start)) return 'it is in the format that came before GGUF; take a newer file of the model';
  if (start.startsWith('PK')) return 'it is a zip archive (PyTorch weights, perhaps), not a GGUF file';
  if (/^(<!|<h|vers)/i.test(start)) return 'it is a web page or a pointer to a file, not the GGUF file itself; download it again';
  if (bytes.length > 8 && bytes.toString('latin1', 8, 9) === '{') return 'it is a safetensors file; take the GGUF version of the model';
  return 'it is no GGUF file: it does not begin with GGUF';
}

function read(bytes: Buffer): Parsed {
  let at = 4;
  function take(size: number): number {
    const start = at;
    at += size;
    if (at > bytes.length) throw MORE;
    return start;
  }
  const u32 = (): number => bytes.readUInt32LE(take(4));
  const u64 = (): number => {
    const start = take(8);
    return bytes.readUInt32LE(start) + bytes.readUInt32LE(start + 4) * 2 ** 32;
  };
  const text = (longest: number): string => {
    const length = u64();
    if (length > longest) throw new Damage(`it is damaged: a text of ${length} bytes where none can be`);
    const start = take(length);
    return bytes.toString('utf8', start, start + length);
  };

  function number(type: number): number | boolean {
    switch (type) {
      case 0:
        return bytes.readUInt8(take(1));
      case 1:
        return bytes.readInt8(take(1));
      case 2:
        return bytes.readUInt16LE(take(2));
      case 3:
        return bytes.readInt16LE(take(2));
      case 4:
        return u32();
      case 5:
        return bytes.readInt32LE(take(4));
      case 6:
        return bytes.readFloatLE(take(4));
      case 7:
        return bytes.readUInt8(take(1)) !== 0;
      case 10:
        return u64();
      case 11:
        return Number(bytes.readBigInt64LE(take(8)));
      case 12:
        return bytes.readDoubleLE(take(8));
      default:
        throw new Damage(`it is damaged: there is no value type ${type}`);
    }
  }

  /** A list that is not kept. */
  function skip(type: number, count: number): void {
    const size = SIZES[type];
    if (size !== undefined) return void take(count * size);
    // A vocabulary has half a million texts: this is nearly all the time that a head takes.
    if (type === STRING) {
      for (let index = 0; index < count; index++) {
        if (at + 8 > bytes.length) throw MORE;
        at += 8 + bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
      }
      if (at > bytes.length) throw MORE;
      return;
    }
    for (let index = 0; index < count; index++) {
      if (type === ARRAY) skip(u32(), u64());
      else throw new Damage(`it is damaged: there is no value type ${type}`);
    }
  }

  const version = u32();
  if (version === 0x02000000 || version === 0x03000000)
    throw new Damage('it was written for machines of the other byte order (big-endian); take the usual version of it');
  if (version !== 2 && version !== 3) throw new Damage(`it is GGUF version ${version}; versions 2 and 3 can be read`);
  const tensorCount = u64();
  const pairs = u64();
  if (tensorCount > MOST || pairs > MOST) throw new Damage('it is damaged: its counts are impossible');

  const metadata = new Map<string, string | number | boolean | readonly number[]>();
  const lengths = new Map<string, number>();
  for (let index = 0; index < pairs; index++) {
    const key = text(65_535);
    const type = u32();
    if (type === STRING) metadata.set(key, text(2 ** 24));
    else if (type !== ARRAY) metadata.set(key, number(type));
    else {
      const inner = u32();
      const count = u64();
      lengths.set(key, count);
      if (inner in SIZES && count <= LONGEST_LIST)
        metadata.set(
          key,
          Array.from({ length: count }, () => Number(number(inner))),
        );
      else skip(inner, count);
    }
  }

  let values = 0;
  let data = 0;
  for (let index = 0; index < tensorCount; index++) {
    text(65_535);
    const dimensions = u32();
    if (dimensions > 8) throw new Damage(`it is damaged: a tensor of ${dimensions} dimensions`);
    let size = 1;
    for (let dimension = 0; dimension < dimensions; dimension++) size *= u64();
    const type = u32();
    data = Math.max(data, u64() + tensorBytes(type, size));
    values += size;
  }
  const said = metadata.get('general.alignment');
  const alignment = typeof said === 'number' && said > 0 ? said : ALIGNMENT;
  const needs = tensorCount === 0 ? at : Math.ceil(at / alignment) * alignment + data;
  return { type: 'head', head: { version, metadata, lengths, tensors: tensorCount, values, needs } };
}
