import { isObject } from '../../exchange/json.ts';

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

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

export function readCursor(text: string): Cursor | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!isObject(value)) return undefined;
    const { skip, upTo, now, below } = value;
    const isCount = (some: unknown): some is number => typeof some === 'number' && Number.isSafeInteger(some) && some >= 0;
    if (!isCount(skip) || !isCount(upTo) || !isCount(now) || !(below === undefined || isCount(below))) return undefined;
    return { skip, upTo, now, ...(below !== undefined && { below }) };
  } catch {
    return undefined;
  }
}
