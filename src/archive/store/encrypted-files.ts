import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { type DataKey, derivedKey } from '../../journal/at-rest/data-key.ts';
import { type Adding, type KeptFiles, piecesOf, type Reading } from './kept-files.ts';

/**
 * An encrypted file: this mark and a salt of 16 bytes, then records, each
 *
 *      0  u32  bytes in it, little-endian
 *      4  12   nonce, random
 *     16       the bytes, AES-256-GCM with a key of this file (of the salt); authenticated with them: where the record begins in the whole
 *   then  16   tag
 *
 * Whatever is added is a record, so nothing is ever written over; a last one that is not whole is what a crash has left, and is cut off before more
 * is added. Nonces are random because a file from a backup may be added to a second time.
 */
const MARK = Buffer.from('understudy sealed file 1');
const SALT_BYTES = 16;
const HEADER = MARK.length + SALT_BYTES;
const NONCE_BYTES = 12;
const BEFORE = 4 + NONCE_BYTES;
const TAG_BYTES = 16;
const AROUND = BEFORE + TAG_BYTES;
/** Bytes in a record at most: read as a whole to get at any of them. */
const LARGEST = 64 * 1024;
/** Files of which is remembered where their records begin; a transcript that grows is looked at each second. */
const REMEMBERED = 64;

/** Where a file's records begin, in what was put in; on disk each takes `AROUND` more. */
interface Index {
  starts: number[];
  /** Bytes of what was put in, and where the next record begins on disk. */
  end: number;
  next: number;
  salt: Buffer;
}

export function encryptedFiles(dataKey: DataKey): KeptFiles {
  const names = derivedKey(dataKey, 'names');
  const remembered = new Map<string, Index>();

  function indexOf(file: number, path: string): Index {
    const header = Buffer.alloc(HEADER);
    const read = readSync(file, header, 0, HEADER, 0);
    const salt = header.subarray(MARK.length);
    if (read < HEADER || !header.subarray(0, MARK.length).equals(MARK))
      throw new Error(`${path} is not encrypted as it should be: ${WHAT_TO_DO}`);
    let index = remembered.get(path);
    if (!index?.salt.equals(salt) || index.next > fstatSync(file).size) index = { starts: [], end: 0, next: HEADER, salt };
    remembered.delete(path);
    remembered.set(path, index);
    if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value!);
    return index;
  }

  function adding(path: string, flags: 'w+' | 'a+'): Adding {
    const handle = openSync(path, flags, 0o600);
    try {
      if (fstatSync(handle).size < HEADER) {
        ftruncateSync(handle, 0);
        writeAll(handle, Buffer.concat([MARK, randomBytes(SALT_BYTES)]));
      }
      const index = indexOf(handle, path);
      lookFurther(handle, index);
      if (fstatSync(handle).size > index.next) ftruncateSync(handle, index.next);
      const key = derivedKey(dataKey, 'files', index.salt);
      return {
        handle,
        write(bytes) {
          for (let at = 0; at < bytes.length; at += LARGEST) {
            const part = bytes.subarray(at, at + LARGEST);
            writeAll(handle, sealed(key, part, index.end));
            index.starts.push(index.end);
            index.end += part.length;
            index.next += part.length + AROUND;
          }
        },
        close: () => closeSync(handle),
      };
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  }

  function open(path: string): Reading {
    const file = openSync(path, 'r');
    try {
      // A crash may have left less than a header, and nothing that was put in.
      if (fstatSync(file).size < HEADER) return { size: () => 0, read: () => 0, close: () => closeSync(file) };
      const index = indexOf(file, path);
      lookFurther(file, index);
      const key = derivedKey(dataKey, 'files', index.salt);
      /** The record that was read last. */
      let last: { start: number; bytes: Buffer } | undefined;
      return {
        size: () => index.end,
        read(into, position) {
          let filled = 0;
          while (filled < into.length && position + filled < index.end) {
            const at = position + filled;
            if (!last || at < last.start || at >= last.start + last.bytes.length) last = recordAt(file, key, index, at, path);
            filled += last.bytes.copy(into, filled, at - last.start);
          }
          return filled;
        },
        close: () => closeSync(file),
      };
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  const files: KeptFiles = {
    originalName: (sha256) => createHmac('sha256', names).update(sha256).digest('hex'),
    create: (path) => adding(path, 'w+'),
    addTo: (path) => adding(path, 'a+'),
    open,
    size(path) {
      const file = open(path);
      try {
        return file.size();
      } finally {
        file.close();
      }
    },
    copyOut(from, to, exclusive = false) {
      const target = openSync(to, exclusive ? 'wx' : 'w');
      try {
        for (const piece of piecesOf(files, from)) writeAll(target, piece);
      } catch (error) {
        rmSync(to, { force: true });
        throw error;
      } finally {
        closeSync(target);
      }
    },
  };
  return files;
}

const WHAT_TO_DO = 'take it out of a backup';

/** Goes from record to record as far as there are whole ones. */
function lookFurther(file: number, index: Index): void {
  const { size } = fstatSync(file);
  const length = Buffer.alloc(4);
  while (index.next + AROUND < size && readSync(file, length, 0, 4, index.next) === 4) {
    const bytes = length.readUInt32LE(0);
    if (bytes === 0 || bytes > LARGEST || index.next + bytes + AROUND > size) return;
    index.starts.push(index.end);
    index.end += bytes;
    index.next += bytes + AROUND;
  }
}

function recordAt(file: number, key: Buffer, { starts, end }: Index, position: number, path: string): { start: number; bytes: Buffer } {
  let low = 0;
  for (let high = starts.length - 1; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= position) low = middle;
    else high = middle - 1;
  }
  const start = starts[low]!;
  const record = Buffer.allocUnsafe((starts[low + 1] ?? end) - start + AROUND);
  if (readSync(file, record, 0, record.length, HEADER + start + low * AROUND) !== record.length) throw damaged(path);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(4, BEFORE), { authTagLength: TAG_BYTES });
    decipher.setAAD(placeOf(start));
    decipher.setAuthTag(record.subarray(-TAG_BYTES));
    return { start, bytes: Buffer.concat([decipher.update(record.subarray(BEFORE, -TAG_BYTES)), decipher.final()]) };
  } catch {
    throw damaged(path);
  }
}

function sealed(key: Buffer, bytes: Uint8Array, start: number): Buffer {
  const head = Buffer.allocUnsafe(BEFORE);
  head.writeUInt32LE(bytes.length, 0);
  randomBytes(NONCE_BYTES).copy(head, 4);
  const cipher = createCipheriv('aes-256-gcm', key, head.subarray(4));
  cipher.setAAD(placeOf(start));
  const body = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([head, body, cipher.getAuthTag()]);
}

function placeOf(start: number): Buffer {
  const place = Buffer.allocUnsafe(8);
  place.writeBigUInt64LE(BigInt(start));
  return place;
}

function damaged(path: string): Error {
  return new Error(`${path} is damaged, or was encrypted with another key: ${WHAT_TO_DO}`);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
