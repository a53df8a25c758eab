import { hash as hashOf } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ArchivedMessage } from '../conversation.ts';

/** Below this zstd costs more time than it saves space: setting it up takes some 30 µs. */
const WORTH_COMPRESSING = 2048;

/** What has no column of its own. */
type Body = Pick<ArchivedMessage, 'parts' | 'seams' | 'usage' | 'cost' | 'exchange' | 'extras'>;

export interface PackedMessage {
  encoding: 'raw' | 'zstd';
  body: Buffer;
  /** Of everything that is told of the message, its place apart. */
  hash: Buffer;
}

export function packMessage(message: ArchivedMessage): PackedMessage {
  const { key, parent, role, at, producer, status, hidden, ...rest } = message;
  const { parts, seams, usage, cost, exchange, extras } = rest satisfies Body;
  const json = JSON.stringify({ parts, seams, usage, cost, exchange, extras } satisfies Record<keyof Body, unknown>);
  const columns = JSON.stringify([key, parent, role, at, producer?.provider, producer?.model, status, hidden === true]);
  const hash = hashOf('sha256', `${columns}\n${json}`, 'buffer');
  const bytes = Buffer.from(json);
  if (bytes.length >= WORTH_COMPRESSING) {
    const body = zstdCompressSync(bytes);
    if (body.length < bytes.length) return { encoding: 'zstd', body, hash };
  }
  return { encoding: 'raw', body: bytes, hash };
}

export function unpackBody(encoding: unknown, body: unknown): Body {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  const text = encoding === 'zstd' ? zstdDecompressSync(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return JSON.parse(text.toString('utf8')) as Body;
}
