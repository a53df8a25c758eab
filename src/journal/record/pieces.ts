import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Below this zstd's own frame eats what it saves. */
const WORTH_COMPRESSING = 256;

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

/** Stores a request's pieces, each only once in the whole record. */
export function storeRequest(database: DatabaseSync, exchange: string, pieces: readonly Buffer[]): void {
  const known = database.prepare('SELECT 1 FROM pieces WHERE hash = ?');
  const add = database.prepare('INSERT INTO pieces (hash, encoding, data) VALUES (?, ?, ?)');
  const link = database.prepare('INSERT INTO requests (exchange, position, piece) VALUES (?, ?, ?)');
  for (const [position, piece] of pieces.entries()) {
    const hash = createHash('sha256').update(piece).digest();
    if (!known.get(hash)) {
      const packed = pack(piece);
      add.run(hash, packed.encoding, packed.data);
    }
    link.run(exchange, position, hash);
  }
}

/** `undefined`: none was kept. */
export function loadRequest(database: DatabaseSync, exchange: string): Buffer | undefined {
  const rows = database
    .prepare('SELECT encoding, data FROM requests JOIN pieces ON pieces.hash = requests.piece WHERE exchange = ? ORDER BY position')
    .all(exchange);
  if (rows.length === 0) return undefined;
  return Buffer.concat(rows.map((row) => unpack(row['encoding'], row['data'])));
}
