/** One block of an event stream, up to and including the blank line that ends it. */
export interface SseEvent {
  /** The exact bytes of the block. The `raw`s of all events, in order, are the bytes that came in. */
  raw: Buffer;
  /** Value of the last `event:` line; empty when there is none. */
  event: string;
  /** The `data:` lines, joined with line feeds; empty for a block of comments or a stray blank line. */
  data: string;
  /** The block is longer than was allowed. `raw` is its beginning, `event` and `data` are empty, nothing follows. */
  overflow?: true;
}

export interface SseSplitter {
  push(chunk: Buffer): SseEvent[];
  /** At the end of the body: the block whose last byte was a CR that could have become a CRLF. */
  end(): SseEvent[];
  /** Whether bytes of an unfinished block are held. */
  pending(): boolean;
}

/** No real event comes near it (an image of a few megabytes in base64 does); more would only be held in memory. */
const MAX_EVENT = 16 * 1024 * 1024;

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
/** UTF-8's byte order mark, one character a byte. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Where the last byte left us, which is all that has to be remembered to find the end of a block. */
const LINE_START = 0;
const IN_LINE = 1;
/** After a CR that ended a line; an LF would belong to it. */
const LINE_CR = 2;
/** After a CR that was a blank line; an LF would belong to it and to this block. */
const BLANK_CR = 3;

/**
 * Cuts a `text/event-stream` (WHATWG HTML, 9.2.6) into blocks, incrementally and wherever the bytes are cut. Line ends may
 * be LF, CRLF or CR. One liberty: where a line ended in a bare CR, a CR after it is a whole blank line, so that a CR-only
 * stream is not held up by waiting for an LF; an LF that follows all the same is an empty block of its own.
 */
export function sseSplitter(options: { maxEvent?: number } = {}): SseSplitter {
  const maxEvent = options.maxEvent ?? MAX_EVENT;
  let state = LINE_START;
  let held: Buffer[] = [];
  let heldLength = 0;
  let first = true;
  let over = false;

  function take(chunk: Buffer, text: string, lineEnd: LineEnd, start: number, end: number, out: SseEvent[]): void {
    if (heldLength === 0) {
      if (end - start > maxEvent) return overflow(chunk.subarray(start, end), out);
      const raw = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
      out.push(parse(raw, chunk, text, start, end, first, lineEnd));
    } else {
      if (end > start) held.push(chunk.subarray(start, end));
      const raw = Buffer.concat(held);
      held = [];
      heldLength = 0;
      if (raw.length > maxEvent) return overflow(raw, out);
      const whole = raw.toString('latin1');
      out.push(parse(raw, raw, whole, 0, raw.length, first, whole.includes('\r') ? anyEnd : feedEnd));
    }
    first = false;
  }

  function hold(chunk: Buffer, start: number, out: SseEvent[]): void {
    if (start === chunk.length) return;
    held.push(start === 0 ? chunk : chunk.subarray(start));
    heldLength += chunk.length - start;
    if (heldLength > maxEvent) overflow(Buffer.concat(held), out);
  }

  function overflow(raw: Buffer, out: SseEvent[]): void {
    over = true;
    held = [];
    heldLength = 0;
    out.push({ raw: raw.subarray(0, maxEvent), event: '', data: '', overflow: true });
  }

  /** No CR in sight: two line feeds in a row end a block. */
  function pushLines(chunk: Buffer, text: string, out: SseEvent[]): void {
    let start = 0;
    if (state === LINE_START && heldLength > 0 && text.charCodeAt(0) === LF) {
      take(chunk, text, feedEnd, 0, 1, out);
      start = 1;
    }
    while (start < text.length && !over) {
      if ((start > 0 || heldLength === 0) && text.charCodeAt(start) === LF) {
        take(chunk, text, feedEnd, start, start + 1, out);
        start++;
        continue;
      }
      const blank = text.indexOf('\n\n', start);
      if (blank === -1) break;
      take(chunk, text, feedEnd, start, blank + 2, out);
      start = blank + 2;
    }
    state = start === text.length || text.charCodeAt(text.length - 1) === LF ? LINE_START : IN_LINE;
    if (!over) hold(chunk, start, out);
  }

  function pushAny(chunk: Buffer, text: string, out: SseEvent[]): void {
    let start = 0;
    for (let at = 0; at < text.length && !over; at++) {
      const code = text.charCodeAt(at);
      if (state === BLANK_CR) {
        state = LINE_START;
        const end = code === LF ? at + 1 : at;
        take(chunk, text, anyEnd, start, end, out);
        start = end;
        if (code === LF) continue;
      }
      if (state === IN_LINE) {
        if (code === LF) state = LINE_START;
        else if (code === CR) state = LINE_CR;
      } else if (code === LF && state === LINE_CR) {
        state = LINE_START;
      } else if (code === LF || (code === CR && state === LINE_CR)) {
        state = LINE_START;
        take(chunk, text, anyEnd, start, at + 1, out);
        start = at + 1;
      } else {
        state = code === CR ? BLANK_CR : IN_LINE;
      }
    }
    if (!over) hold(chunk, start, out);
  }

  return {
    push(chunk) {
      const out: SseEvent[] = [];
      if (over || chunk.length === 0) return out;
      // Latin 1 keeps byte offsets, and searching a string needs no call into native code as searching a Buffer does.
      const text = chunk.toString('latin1');
      if (state < LINE_CR && text.indexOf('\r') === -1) pushLines(chunk, text, out);
      else pushAny(chunk, text, out);
      return out;
    },
    end() {
      const out: SseEvent[] = [];
      if (state !== BLANK_CR || over) return out;
      state = LINE_START;
      take(Buffer.alloc(0), '', anyEnd, 0, 0, out);
      return out;
    },
    pending: () => heldLength > 0,
  };
}

/** Reads the fields of the block at `start`..`end` of `bytes`, whose Latin 1 text is `text`. */
function parse(raw: Buffer, bytes: Buffer, text: string, start: number, end: number, first: boolean, lineEnd: LineEnd): SseEvent {
  let event = '';
  let data: string | undefined;
  let at = first && text.startsWith(BYTE_ORDER_MARK, start) ? start + BYTE_ORDER_MARK.length : start;
  while (at < end) {
    const stop = lineEnd(text, at);
    if (text.startsWith('data', at)) {
      const value = valueStart(text, at + 4, stop);
      if (value !== -1) {
        const line = bytes.toString('utf8', value, stop);
        data = data === undefined ? line : `${data}\n${line}`;
      }
    } else if (text.startsWith('event', at)) {
      const value = valueStart(text, at + 5, stop);
      if (value !== -1) event = bytes.toString('utf8', value, stop);
    }
    // The LF of a CRLF is read as one more blank line, which says nothing.
    at = stop + 1;
  }
  return { raw, event, data: data ?? '' };
}

/** Offset of the line end at or after `at`, or the length of the text. */
type LineEnd = (text: string, at: number) => number;

function feedEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed === -1 ? text.length : feed;
}

function anyEnd(text: string, at: number): number {
  const feed = feedEnd(text, at);
  const carriage = text.indexOf('\r', at);
  return carriage === -1 || carriage > feed ? feed : carriage;
}

/** Where the value of a field begins whose name ends at `at`; -1 when the name goes on (`database: …`). */
function valueStart(text: string, at: number, stop: number): number {
  if (at >= stop) return stop;
  if (text.charCodeAt(at) !== COLON) return -1;
  return at + 1 < stop && text.charCodeAt(at + 1) === SPACE ? at + 2 : at + 1;
}
