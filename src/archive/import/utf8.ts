import { Unreadable } from './reader.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** What a text's first bytes say of its encoding. JSON and HTML begin with two ASCII characters, which in UTF-16 have zeros beside them. */
function encodingOf(bytes: Uint8Array): { encoding: Encoding; mark: number } {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', mark: 2 };
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (second === 0 && isAsciiSign(first) && (fourth ?? 0) === 0) return { encoding: 'utf-16le', mark: 0 };
  if (first === 0 && isAsciiSign(second) && (third ?? 0) === 0) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: 'utf-8', mark: 0 };
}

function isAsciiSign(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x09 && byte < 0x7f;
}

/** The beginning of a text as a string, without its byte order mark. The last character may be cut. */
export function headText(bytes: Uint8Array): string {
  const { encoding, mark } = encodingOf(bytes);
  return new TextDecoder(encoding).decode(bytes.subarray(mark));
}

/** The same text as UTF-8, without a byte order mark. UTF-8 passes as it is, also where it is damaged. */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let first: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    let bytes: Uint8Array = chunk;
    if (first) {
      bytes = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      if (bytes.length < 4) {
        first = bytes;
        continue;
      }
      const { encoding, mark } = encodingOf(bytes);
      if (encoding !== 'utf-8') decoder = new TextDecoder(encoding);
      bytes = bytes.subarray(mark);
      first = undefined;
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : asBuffer(bytes);
  }
  if (first && first.length > 0) yield asBuffer(first);
  if (decoder) yield Buffer.from(decoder.decode());
}

/** All of a text. Throws `Unreadable` when it is longer than that. */
export async function wholeText(chunks: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of asUtf8(chunks)) {
    size += piece.length;
    if (size > most) throw new Unreadable(`it is larger than ${most} bytes, the limit for what is taken at once (--limit conversation=…)`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
