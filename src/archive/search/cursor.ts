/** Where the next page of a search begins. It says what the first page saw, so that what comes into the archive meanwhile moves nothing. */
export interface Cursor {
  /** Conversations that were shown of this stretch of hits. */
  skip: number;
  /** The last message that was in the archive then (messages.row). */
  upTo: number;
  /** When it was; UTC milliseconds. Relative dates and the age of hits are counted from it. */
  now: number;
  /** The hits of earlier pages are above this document. */
  below?: number;
}

const RADIX = 36;
/** Whole numbers up to 2^53. */
const NUMBER = /^[0-9a-z]{1,11}$/;

/** Its numbers in order, as short as they can be read out. */
export function writeCursor({ skip, upTo, now, below }: Cursor): string {
  return [skip, upTo, now, ...(below === undefined ? [] : [below])].map((each) => Math.trunc(each).toString(RADIX)).join('.');
}

export function readCursor(text: string): Cursor | undefined {
  const pieces = text.split('.');
  if (!pieces.every((piece) => NUMBER.test(piece))) return undefined;
  const [skip, upTo, now, below, ...rest] = pieces.map((piece) => Number.parseInt(piece, RADIX));
  if (skip === undefined || upTo === undefined || now === undefined || rest.length > 0) return undefined;
  const cursor = { skip, upTo, now, ...(below !== undefined && { below }) };
  return Object.values(cursor).every(Number.isSafeInteger) ? cursor : undefined;
}
