import { sseSplitter, type SseEvent } from '../sse.ts';

/** Rewrites an answer's event stream as the JSON array that `:streamGenerateContent` streams to who does not ask for `alt=sse`. */
export interface ArrayFraming {
  /** Bytes of the event stream, cut anywhere. */
  push(sse: Buffer | string): string;
  /** At the proper end of the answer. An array that holds an error stays open: nothing follows an error. */
  end(): string;
}

export function createArrayFraming(): ArrayFraming {
  const splitter = sseSplitter();
  let begun = false;
  let failed = false;

  function element({ data }: SseEvent): string {
    if (data === '' || failed) return '';
    failed = /^\s*\{\s*"error"\s*:/.test(data);
    const before = begun ? '\r\n,\r\n' : '[';
    begun = true;
    return before + data;
  }

  return {
    push: (sse) =>
      splitter
        .push(typeof sse === 'string' ? Buffer.from(sse) : sse)
        .map(element)
        .join(''),
    end() {
      const last = splitter.end().map(element).join('');
      if (failed) return last;
      return `${last}${begun ? '' : '['}]`;
    },
  };
}

/** An object of a streamed array, with the brackets and commas before it. */
export interface ArrayElement {
  raw: Buffer;
  /** Its text; empty for what is only punctuation. */
  json: string;
  /** Longer than was allowed: nothing follows. */
  overflow?: true;
}

export interface ArraySplitter {
  push(chunk: Buffer): ArrayElement[];
  /** What stands after the last object. */
  end(): ArrayElement[];
  /** The beginning of an object whose end never came. */
  rest(): Buffer | undefined;
}

const QUOTE = 34;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** As for SSE (sse.ts): an image fits in, more would only be held in memory. */
const MAX_ELEMENT = 16 * 1024 * 1024;

/** Cuts a JSON array (or objects one after another) into its objects as they come, wherever the bytes are cut. */
export function arraySplitter(): ArraySplitter {
  let held: Buffer[] = [];
  let heldLength = 0;
  /** Where in the held bytes and the current chunk the object begins; -1: between objects. */
  let begins = -1;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let over = false;

  function take(piece: Buffer): ArrayElement {
    const raw = held.length === 0 ? piece : Buffer.concat([...held, piece]);
    const json = begins === -1 ? '' : raw.toString('utf8', begins);
    held = [];
    heldLength = 0;
    begins = -1;
    return { raw, json };
  }

  /** Whether the byte ends an object. */
  function step(byte: number, place: number): boolean {
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inString = false;
      return false;
    }
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) {
      if (depth === 0) begins = place;
      depth++;
    } else if (byte === CLOSE_BRACE || (byte === CLOSE_BRACKET && depth > 0)) {
      depth--;
      return depth === 0;
    }
    return false;
  }

  return {
    push(chunk) {
      const out: ArrayElement[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length && !over; at++) {
        if (!step(chunk[at]!, heldLength + at - start)) continue;
        out.push(take(chunk.subarray(start, at + 1)));
        start = at + 1;
      }
      if (start < chunk.length && !over) {
        held.push(chunk.subarray(start));
        heldLength += chunk.length - start;
      }
      if (heldLength > MAX_ELEMENT) {
        over = true;
        out.push({ raw: Buffer.concat(held), json: '', overflow: true });
        held = [];
        heldLength = 0;
      }
      return out;
    },
    end: () => (depth === 0 && heldLength > 0 ? [take(Buffer.alloc(0))] : []),
    rest: () => (depth > 0 ? Buffer.concat(held) : undefined),
  };
}
