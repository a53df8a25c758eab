import type { Frame } from '../dialects/dialect.ts';

/** How services write it; within a text its quotes would be escaped. */
const NONE = /"previous_response_id":\s*null/;
const NAME = Buffer.from('"previous_response_id"');

/** Told in an attempt's edits where answers are changed so. */
export const PREVIOUS_EDIT =
  'previous_response_id of the answer: the service was sent the history itself, out of the archive, and knows of no response before';

/** The bytes of an answer that was asked with its history in full: what it goes on from is what its client said. The same bytes where nothing of it is there. */
export function withPreviousId(bytes: Buffer, id: string): Buffer {
  if (!bytes.includes(NAME)) return bytes;
  const text = bytes.toString('utf8');
  const named = text.replace(NONE, () => `"previous_response_id":${JSON.stringify(id)}`);
  return named === text ? bytes : Buffer.from(named);
}

export function frameWithPreviousId<Kind extends Frame>(frame: Kind, id: string): Kind {
  const raw = withPreviousId(frame.raw, id);
  return raw === frame.raw ? frame : { ...frame, raw };
}
