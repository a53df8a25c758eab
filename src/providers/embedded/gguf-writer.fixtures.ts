/** A value as GGUF's metadata has it. Numbers say their type, since the format has many. */
export type GgufValue =
  | string
  | boolean
  | { u32: number }
  | { f32: number }
  | { strings: readonly string[] }
  | { f32s: readonly number[] }
  | { i32s: readonly number[] };

export interface GgufTensor {
  name: string;
  /** Fastest first, as ggml has them: a matrix that takes n values and gives m is [n, m]. */
  shape: readonly number[];
  values: Float32Array;
}

/** Numbers of the format's value types: docs/gguf.md of ggml, "File structure". */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;

/** A GGUF file, version 3, little-endian, with tensors of 32-bit floats. */
export function writeGguf(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const head: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(metadata).length)];
  for (const [key, value] of Object.entries(metadata)) head.push(text(key), ...written(value));
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    const bytes = padded(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    data.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([padded(Buffer.concat(head)), ...data]);
}

function written(value: GgufValue): Buffer[] {
  if (typeof value === 'string') return [u32(TYPE.string), text(value)];
  if (typeof value === 'boolean') return [u32(TYPE.bool), Buffer.from([value ? 1 : 0])];
  if ('u32' in value) return [u32(TYPE.u32), u32(value.u32)];
  if ('f32' in value) return [u32(TYPE.f32), f32(value.f32)];
  if ('strings' in value) return [...array(TYPE.string, value.strings.length), ...value.strings.map(text)];
  if ('f32s' in value) return [...array(TYPE.f32, value.f32s.length), ...value.f32s.map(f32)];
  return [...array(TYPE.i32, value.i32s.length), ...value.i32s.map(u32)];
}

function array(type: number, length: number): Buffer[] {
  return [u32(TYPE.array), u32(type), u64(length)];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % ALIGNMENT;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(ALIGNMENT - rest)]);
}
