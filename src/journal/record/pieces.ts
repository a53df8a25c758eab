import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { pieceNames } from './piece-names.ts';

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

/** How a request lies in its answer's row. */
export interface StoredRequest {
  /** `whole`: its bytes; `pieces`: the hashes of its pieces, in order. */
  form: 'whole' | 'pieces';
  data: Buffer;
}

export interface RequestStore {
  /**
   * Within a transaction. Of all but small requests each piece is stored only once in the whole record, because agents send
   * growing histories again and again.
   */
  put(request: Buffer): StoredRequest;
  /** A transaction has come to nothing: what it stored is not there. */
  forget(): void;
}

const HASH_BYTES = 32;
/** Hashes of pieces that are known to be there, so that a history that comes again is not looked up piece by piece. Some 4 MB. */
const REMEMBERED = 20_000;

export function requestStore(database: DatabaseSync): RequestStore {
  const known = database.prepare('SELECT 1 FROM pieces WHERE hash = ?');
  const add = database.prepare('INSERT INTO pieces (hash, encoding, data) VALUES (?, ?, ?)');
  const stored = new Set<string>();
  const namesOf = pieceNames();

  function store(name: Buffer, request: Buffer, from: number, end: number): void {
    const key = name.toString('latin1');
    if (stored.has(key)) return;
    if (!known.get(name)) {
      const packed = pack(request.subarray(from, end));
      add.run(name, packed.encoding, packed.data);
    }
    if (stored.size >= REMEMBERED) stored.clear();
    stored.add(key);
  }

  return {
    put(request) {
      if (request.length <= LIES_BESIDE) return { form: 'whole', data: request };
      const pieces = namesOf(request);
      let from = 0;
      for (const { name, end } of pieces) {
        store(name, request, from, end);
        from = end;
      }
      return { form: 'pieces', data: Buffer.concat(pieces.map(({ name }) => name)) };
    },
    forget: () => stored.clear(),
  };
}

/** `undefined`: none was kept. */
export function loadRequest(database: DatabaseSync, exchange: string): Buffer | undefined {
  const row = database.prepare('SELECT request_form, request FROM answers WHERE exchange = ?').get(exchange);
  return row && requestOf(row, piecesIn(database));
}

/** By its hash. */
type Pieces = (hash: Buffer) => Buffer;

/** Bytes of pieces that a reader of many requests keeps in memory: one agent's requests share nearly all of theirs. */
const KEPT = 4_194_304;

export function piecesIn(database: DatabaseSync): Pieces {
  const find = database.prepare('SELECT encoding, data FROM pieces WHERE hash = ?');
  const kept = new Map<string, Buffer>();
  let size = 0;
  return (hash) => {
    const name = hash.toString('latin1');
    const known = kept.get(name);
    if (known) return known;
    const { encoding, data } = find.get(hash) ?? {};
    const piece = unpack(encoding, data);
    if (piece.length > KEPT) return piece;
    if (size + piece.length > KEPT) {
      kept.clear();
      size = 0;
    }
    kept.set(name, piece);
    size += piece.length;
    return piece;
  };
}

/** Of a row of `answers`. */
export function requestOf({ request_form: form, request }: Record<string, SQLOutputValue>, pieces: Pieces): Buffer | undefined {
  const data = unpack('raw', request);
  if (form === 'whole') return data;
  if (form !== 'pieces') return undefined;
  const found: Buffer[] = [];
  for (let at = 0; at < data.length; at += HASH_BYTES) found.push(pieces(data.subarray(at, at + HASH_BYTES)));
  return Buffer.concat(found);
}
