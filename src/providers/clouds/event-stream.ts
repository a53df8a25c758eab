import { crc32 } from 'node:zlib';

/** One message of an AWS event stream. */
export interface EventMessage {
  /** Those whose value is a string: `:message-type`, `:event-type`, `:exception-type`, … */
  headers: Map<string, string>;
  payload: Buffer;
}

/** Total length, length of the headers, their checksum. */
const PRELUDE = 12;
const CHECKSUM = 4;
/** What a message may be at most (docs.aws.amazon.com, event stream encoding: 16 MiB of payload, 128 KiB of headers). */
const LARGEST = 24 * 1024 * 1024;
/** Bytes of header values by type: true, false, byte, short, integer, long, (byte array, string: with a length), timestamp, UUID. */
const VALUE_LENGTHS: readonly (number | 'counted')[] = [0, 0, 1, 2, 4, 8, 'counted', 'counted', 8, 16];
const STRING = 7;

export type Messages = { ok: true; messages: EventMessage[] } | { ok: false; problem: string };

/**
 * Reads `application/vnd.amazon.eventstream` (docs.aws.amazon.com/AmazonS3 … "event stream encoding"), wherever its bytes are cut;
 * both checksums are held against what came. After a problem nothing more can be read.
 */
export function eventStreamReader(): { push(chunk: Buffer): Messages; /** Bytes of a message that has not come whole. */ rest(): number } {
  let pieces: Buffer[] = [];
  let length = 0;
  /** Bytes without which there is nothing to look at: large messages are put together once, not with every piece. */
  let wanted = PRELUDE;

  function push(chunk: Buffer): Messages {
    pieces.push(chunk);
    length += chunk.length;
    if (length < wanted) return { ok: true, messages: [] };
    let kept: Buffer = pieces.length === 1 ? chunk : Buffer.concat(pieces, length);
    const messages: EventMessage[] = [];
    wanted = PRELUDE;
    while (kept.length >= PRELUDE) {
      const total = kept.readUInt32BE(0);
      const headersLength = kept.readUInt32BE(4);
      if (crc32(kept.subarray(0, 8)) !== kept.readUInt32BE(8)) return { ok: false, problem: 'the checksum of a prelude is wrong' };
      if (total > LARGEST || total < PRELUDE + headersLength + CHECKSUM)
        return { ok: false, problem: `a message says it is ${total} bytes long` };
      if (kept.length < total) {
        wanted = total;
        break;
      }
      const end = total - CHECKSUM;
      if (crc32(kept.subarray(0, end)) !== kept.readUInt32BE(end)) return { ok: false, problem: 'the checksum of a message is wrong' };
      const headers = readHeaders(kept.subarray(PRELUDE, PRELUDE + headersLength));
      if (!headers) return { ok: false, problem: 'the headers of a message cannot be read' };
      messages.push({ headers, payload: kept.subarray(PRELUDE + headersLength, end) });
      kept = kept.subarray(total);
    }
    pieces = [kept];
    length = kept.length;
    return { ok: true, messages };
  }

  return { push, rest: () => length };
}

function readHeaders(bytes: Buffer): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes[at]!;
    const type = bytes[nameEnd];
    const fixed = type === undefined ? undefined : VALUE_LENGTHS[type];
    if (type === undefined || fixed === undefined) return undefined;
    const name = bytes.toString('utf8', at + 1, nameEnd);
    at = nameEnd + 1;
    let length = 0;
    if (fixed === 'counted') {
      if (at + 2 > bytes.length) return undefined;
      length = bytes.readUInt16BE(at);
      at += 2;
    } else length = fixed;
    if (at + length > bytes.length) return undefined;
    if (type === STRING) headers.set(name, bytes.toString('utf8', at, at + length));
    at += length;
  }
  return headers;
}
