import type { IncomingMessage } from 'node:http';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Share } from './budget.ts';
import type { Refusal } from './refusal.ts';

export interface BodyLimits {
  /** Bytes, before and after decompression. */
  maxBody: number;
  /** Milliseconds from the headers to the last byte. */
  bodyTimeout: number;
}

/** The client went away before its body was complete: nobody is left to be told. */
export type Gone = 'gone';

type Decompress = (body: Buffer, options: { maxOutputLength: number }, done: (error: Error | null, plain: Buffer) => void) => void;

const DECOMPRESSORS: Record<string, Decompress> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
  zstd: zstdDecompress,
};

/** Reads a request's body into one buffer, decompressed. `done` is called once; refusals leave what is unread to the caller. */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  share: Share,
  clock: Clock,
  done: (result: Result<Buffer, Refusal | Gone>) => void,
): void {
  const declared = request.headers['content-length'];
  const length = declared === undefined ? undefined : Number(declared);
  if (length !== undefined && length > limits.maxBody) return done(err(tooLarge(limits.maxBody)));
  if (length !== undefined && !share.grow(length)) return done(err(busy()));

  const chunks: Buffer[] = [];
  const whole = length === undefined ? undefined : Buffer.allocUnsafeSlow(length);
  let received = 0;
  const cancelTimer = clock.after(limits.bodyTimeout, () => settle(err(tooSlow(limits.bodyTimeout))));

  function settle(result: Result<Buffer, Refusal | Gone>): void {
    cancelTimer();
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    if (!result.ok || received === 0) return done(result);
    decompress(request.headers['content-encoding'], result.value, limits, share, done);
  }

  function onData(chunk: Buffer): void {
    if (whole) {
      // The parser never hands over more than was declared.
      chunk.copy(whole, received);
      received += chunk.length;
      return;
    }
    received += chunk.length;
    if (received > limits.maxBody) return settle(err(tooLarge(limits.maxBody)));
    if (!share.grow(chunk.length)) return settle(err(busy()));
    chunks.push(chunk);
  }

  function onEnd(): void {
    settle(ok(whole ?? Buffer.concat(chunks, received)));
  }

  function onClose(): void {
    settle(err('gone'));
  }

  request.on('data', onData).on('end', onEnd).on('close', onClose);
}

function decompress(
  encoding: string | undefined,
  body: Buffer,
  limits: BodyLimits,
  share: Share,
  done: (result: Result<Buffer, Refusal>) => void,
): void {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') return done(ok(body));
  const run = Object.hasOwn(DECOMPRESSORS, name) ? DECOMPRESSORS[name] : undefined;
  if (!run) return done(err(unknownEncoding(name)));
  run(body, { maxOutputLength: limits.maxBody }, (error, plain) => {
    if (error) {
      const large = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      return done(err(large ? tooLarge(limits.maxBody) : notCompressed(name, error.message)));
    }
    if (!share.grow(plain.length)) return done(err(busy()));
    done(ok(plain));
  });
}

/** Most that is read and thrown away so that a client hears why it was refused instead of a reset connection. */
const DISCARD_BYTES = 256 * 1024 ** 2;
const DISCARD_MS = 5000;

/**
 * Reads and drops what is left of a body, then calls `done` with whether all of it came. A response on a connection that
 * still has unread bytes ends in a TCP reset, and most clients then report that instead of the response.
 */
export function discardBody(request: IncomingMessage, clock: Clock, done: (whole: boolean) => void): void {
  if (request.complete || request.readableEnded) {
    request.resume();
    return done(true);
  }
  let dropped = 0;
  const cancelTimer = clock.after(DISCARD_MS, () => settle(false));
  function settle(whole: boolean): void {
    cancelTimer();
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    done(whole);
  }
  function onData(chunk: Buffer): void {
    dropped += chunk.length;
    if (dropped > DISCARD_BYTES) settle(false);
  }
  const onEnd = (): void => settle(true);
  const onClose = (): void => settle(false);
  request.on('data', onData).on('end', onEnd).on('close', onClose);
}

/** How soon a client that met a full server may try again, in milliseconds: about the length of a short answer. */
const BUSY_RETRY = 2000;

export function busy(): Refusal {
  return {
    status: 503,
    code: 'busy',
    message: 'Understudy holds as many requests as server.inFlight allows.',
    hint: 'Try again in a moment, or raise server.inFlight in understudy.yaml.',
    retryAfter: BUSY_RETRY,
  };
}

function tooLarge(maxBody: number): Refusal {
  return {
    status: 413,
    code: 'body-too-large',
    message: `The request body is larger than ${sizeName(maxBody)}.`,
    hint: 'Send less (shorter history, smaller files), or raise server.maxBody in understudy.yaml.',
  };
}

function tooSlow(bodyTimeout: number): Refusal {
  return {
    status: 408,
    code: 'body-too-slow',
    message: `The request body did not arrive within ${Math.ceil(bodyTimeout / 1000)} s.`,
    hint: 'Send it again; server.bodyTimeout in understudy.yaml sets how long it may take.',
  };
}

function unknownEncoding(name: string): Refusal {
  return {
    status: 415,
    code: 'unknown-encoding',
    message: `The request body has the content-encoding ${name.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 40)}, which is not known here.`,
    hint: 'Send it plain, or as gzip, deflate, br or zstd.',
  };
}

function notCompressed(name: string, reason: string): Refusal {
  return {
    status: 400,
    code: 'bad-encoding',
    message: `The request body is not ${name}, although its content-encoding says so (${reason}).`,
    hint: 'Compress it, or leave the content-encoding header out.',
  };
}

function sizeName(bytes: number): string {
  return bytes >= 1024 ** 2 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${bytes} bytes`;
}
