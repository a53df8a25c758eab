import { type Cipheriv, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Files } from '../files.ts';
import { type DataKey, derivedKey } from './data-key.ts';

/**
 * An encrypted segment begins with this and a salt of 16 bytes. What follows is the segment as it would be without encryption, byte by byte: AES-256 in
 * counter mode, with a key of its own for each file. So places, torn tails and damage mean what they mean in any other segment, and a chunk costs
 * the path a microsecond. A checksum is in each frame, and a segment lives until it is in the record, whose pages are authenticated.
 */
const MARK = Buffer.from('understudy sealed log 1\n');
const SALT_BYTES = 16;
const HEADER = MARK.length + SALT_BYTES;
const BLOCK = 16;
/** Pieces that are smaller together are put together: a call of the cipher costs more than copying them. */
const JOINED = 64 * 1024;

/** `writing`: absent where nothing can be added (any more); `header`: it goes before what is added first. Without a key it is a segment from before the encryption. */
interface Open {
  key: Buffer | undefined;
  writing?: { header?: Buffer; cipher: Cipheriv };
}

/** The log's files, encrypted. Bytes are added to a file only by whoever made it and are never written twice: no part of a key stream is used twice. */
export function encryptedLogFiles(files: Files, dataKey: DataKey): Files {
  const open = new Map<number, Open>();

  function headerOf(file: number): Buffer {
    const header = Buffer.alloc(HEADER);
    return header.subarray(0, files.read(file, header, 0));
  }

  function keyIn(header: Buffer): Buffer | undefined {
    if (header.length < HEADER || !header.subarray(0, MARK.length).equals(MARK)) return undefined;
    return derivedKey(dataKey, 'files', header.subarray(MARK.length));
  }

  function isOurs(file: number): boolean {
    return open.get(file)?.key !== undefined;
  }

  return {
    ...files,
    create(path) {
      const file = files.create(path);
      const header = Buffer.concat([MARK, randomBytes(SALT_BYTES)]);
      const key = keyIn(header)!;
      open.set(file, { key, writing: { header, cipher: createCipheriv('aes-256-ctr', key, Buffer.alloc(BLOCK)) } });
      return file;
    },
    openToRead(path) {
      const file = files.openToRead(path);
      open.set(file, { key: keyIn(headerOf(file)) });
      return file;
    },
    close(file) {
      open.delete(file);
      files.close(file);
    },
    write(file, pieces) {
      const { key, writing } = open.get(file) ?? {};
      if (!writing) throw Object.assign(new Error('the file is not open to be written'), { code: 'EBADF' });
      const { header, cipher } = writing;
      const size = pieces.reduce((sum, { length }) => sum + length, 0);
      const given = size <= JOINED ? [Buffer.concat(pieces, size)] : pieces;
      // Until it has come to an end well, the cipher is further than the file.
      open.set(file, { key });
      const written =
        files.write(file, [...(header ? [header] : []), ...given.map((piece) => cipher.update(piece))]) - (header ? HEADER : 0);
      if (written === size) open.set(file, { key, writing: { cipher } });
      return Math.max(0, written);
    },
    read(file, into, position) {
      const key = open.get(file)?.key;
      if (!key) return files.read(file, into, position);
      const read = files.read(file, into, HEADER + position);
      const bytes = into.subarray(0, read);
      decrypt(key, bytes, position).copy(bytes);
      return read;
    },
    /** What came then would be encrypted as what was cut off was: the error makes the log give the file up, and begin another. */
    truncate(file, size) {
      if (!isOurs(file)) return files.truncate(file, size);
      files.truncate(file, HEADER + size);
      open.set(file, { key: open.get(file)?.key });
      throw new Error('nothing is added to an encrypted file that was cut');
    },
    look(file) {
      const { size, named } = files.look(file);
      return { size: isOurs(file) ? size - HEADER : size, named };
    },
    size(path) {
      const file = files.openToRead(path);
      try {
        const { size } = files.look(file);
        return keyIn(headerOf(file)) ? size - HEADER : size;
      } finally {
        files.close(file);
      }
    },
  };
}

function decrypt(key: Buffer, bytes: Buffer, position: number): Buffer {
  const counter = Buffer.alloc(BLOCK);
  counter.writeBigUInt64BE(BigInt(Math.floor(position / BLOCK)), BLOCK - 8);
  const decipher = createDecipheriv('aes-256-ctr', key, counter);
  decipher.update(Buffer.alloc(position % BLOCK));
  return decipher.update(bytes);
}
