import * as zlib from 'node:zlib';
import type { Transform } from 'node:stream';
import type { UpstreamHandler } from './call.ts';
import { transportError } from './transport-error.ts';

/** A body on its way through a decompressor, for providers that compress although identity was asked for. */
export interface Inflater {
  push(chunk: Buffer): void;
  end(): void;
  stop(): void;
}

/** `undefined`: an encoding that is not known here. `failed` is called before the handler's `error`. */
export function inflater(encoding: string, handler: UpstreamHandler, failed: () => void): Inflater | undefined {
  const stream = decompressor(encoding);
  if (!stream) return undefined;
  stream.on('data', (chunk: Buffer) => handler.data(chunk));
  stream.on('end', () => handler.end());
  stream.on('error', (error) => {
    failed();
    handler.error(transportError(error, true));
  });
  return {
    push: (chunk) => void stream.write(chunk),
    end: () => void stream.end(),
    stop: () => void stream.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error').on('error', ignore).destroy(),
  };
}

function decompressor(encoding: string): Transform | undefined {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      return zlib.createZstdDecompress();
    default:
      return undefined;
  }
}

/** A decompressor that is given up may still report what it was at; nobody waits for it. */
function ignore(): void {}
