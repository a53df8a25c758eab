import { IMAGE_TOKENS } from './count-tokens.ts';

/** The usual English average; code and JSON have somewhat fewer. */
export const BYTES_A_TOKEN = 4;
/** Bytes without a blank or a quotation mark that no text has: the base64 of an image or a document. */
const BINARY_RUN = 4096;
const QUOTE = 34;

/** What a model is asked to read, in tokens: by length, a picture as one of usual size, however many bytes it has. */
export function inputTokens(body: Buffer, bytesAToken = BYTES_A_TOKEN): number {
  const { bytes, runs } = binaryIn(body);
  return Math.ceil((body.length - bytes) / bytesAToken) + runs * IMAGE_TOKENS;
}

/**
 * What lies in a body as base64. Text has a byte that is no base64 every few letters: looked at from its far end, a stretch of the
 * length of a run is passed over after a few of them, so that a megabyte of text costs some microseconds.
 */
export function binaryIn(body: Buffer): { bytes: number; runs: number } {
  let [at, bytes, runs] = [0, 0, 0];
  while (at + BINARY_RUN <= body.length) {
    let last = at + BINARY_RUN - 1;
    while (last >= at && isBase64(body[last]!)) last -= 1;
    if (last >= at) {
      at = last + 1;
      continue;
    }
    const quote = body.indexOf(QUOTE, at + BINARY_RUN);
    const end = quote < 0 ? body.length : quote;
    bytes += end - at;
    runs += 1;
    at = end;
  }
  return { bytes, runs };
}

/** `A`-`Z`, `a`-`z`, `0`-`9`, and the four signs of both alphabets, with the filler. */
function isBase64(byte: number): boolean {
  return (
    (byte >= 97 && byte <= 122) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 47 && byte <= 57) ||
    byte === 43 ||
    byte === 45 ||
    byte === 95 ||
    byte === 61
  );
}
