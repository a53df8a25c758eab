import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { splitRequest } from './split-request.ts';

/** Setting zstd up costs more than it saves on less: some 30 µs, whatever the size. */
const WORTH_COMPRESSING = 8192;
/** Requests up to this size lie beside their answer, whole: nothing in them is worth finding again. */
const LIES_BESIDE = 4096;

export interface Packed {
  encoding: 'raw' | 'zstd';
  data: Buffer;
}

export function pack(bytes: Buffer): Packed {
  if (bytes.length < WORTH_COMPRESSING) return { encoding: 'raw', data: bytes };
  const data = zstdCompressSync(bytes);
  return data.length < bytes.length ? { encoding: 'zstd', data } : { encoding: 'raw', data: bytes };
}

export function unpack(encoding: unknown, data: unknown): Buffer {
  const bytes = data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);
  return encoding === 'zstd' ? zstdDecompressSync(bytes) : bytes;
}

/**
 * Stores requests. A small one is returned, to be stored beside its answer; of others each piece is stored only once in the
 * whole record, because agents send growing histories again and again.
 */
export function requestStore(database: DatabaseSync): (exchange: string, request: Buffer) => Buffer | undefined {
  const known = database.prepare('SELECT 1 FROM pieces WHERE hash = ?');
  const add = database.prepare('INSERT INTO pieces (hash, encoding, data) VALUES (?, ?, ?)');
  const link = database.prepare('INSERT INTO requests (exchange, position, piece) VALUES (?, ?, ?)');
  return (exchange, request) => {
    if (request.length <= LIES_BESIDE) return request;
    for (const [position, piece] of splitRequest(request).entries()) {
      const name = hash('sha256', piece, 'buffer');
      if (!known.get(name)) {
        const packed = pack(piece);
        add.run(name, packed.encoding, packed.data);
      }
      link.run(exchange, position, name);
    }
    return undefined;
  };
}

/** `undefined`: none was kept. */
export function loadRequest(database: DatabaseSync, exchange: string): Buffer | undefined {
  const beside = database.prepare('SELECT request FROM answers WHERE exchange = ?').get(exchange)?.['request'];
  if (beside instanceof Uint8Array) return unpack('raw', beside);
  const rows = database
    .prepare('SELECT encoding, data FROM requests JOIN pieces ON pieces.hash = requests.piece WHERE exchange = ? ORDER BY position')
    .all(exchange);
  if (rows.length === 0) return undefined;
  return Buffer.concat(rows.map((row) => unpack(row['encoding'], row['data'])));
}
