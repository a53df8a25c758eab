/** Members that hold the conversation, in the four dialects. */
const A_HISTORY = 'messages';
const HISTORIES = new Set([A_HISTORY, 'input', 'contents']);
/** Other members are pieces of their own from this size on (tools, system prompts); smaller ones are not worth a row. */
const OWN_PIECE = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Cuts a request's body where growing histories agree: before each message (its comma belongs to it, so that the one that was
 * last has the same bytes when another follows) and around large members. The pieces in order are the body, byte for byte;
 * what is not a JSON object is one piece.
 */
export function splitRequest(body: Buffer): Buffer[] {
  const { cuts } = findCuts(body, undefined);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, body.length]) {
    if (cut > from) pieces.push(body.subarray(from, cut));
    from = Math.max(from, cut);
  }
  return pieces;
}

export interface Cuts {
  /** In ascending order. */
  cuts: number[];
  /** Those between two messages of a history, in ascending order. */
  between: number[];
}

/**
 * Tolerant: it cuts by structure and does not validate. `known`: cuts of a body that begins with the same bytes, up to and with the
 * comma at the last of them, which is one between two messages; what has been looked through is not looked through again.
 */
export function findCuts(body: Buffer, known: Cuts | undefined): Cuts {
  const cuts = known ? [...known.cuts] : [];
  const between = known ? [...known.between] : [];
  const found: Cuts = { cuts, between };
  const last = between.at(-1);
  const goesOn = last !== undefined;
  let depth = goesOn ? 2 : 0;
  let key = goesOn ? A_HISTORY : '';
  let expectKey = false;
  let valueStart = -1;
  let inHistory = goesOn;

  for (let at = goesOn ? last + 1 : 0; at < body.length; at++) {
    const byte = body[at]!;
    switch (byte) {
      case QUOTE: {
        const end = stringEnd(body, at);
        if (end < 0) return found;
        if (depth === 1 && expectKey) key = body.toString('utf8', at + 1, end);
        at = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (depth === 0 && byte !== OPEN_BRACE) return { cuts: [], between: [] };
        depth += 1;
        if (depth === 1) expectKey = true;
        else if (depth === 2 && byte === OPEN_BRACKET && HISTORIES.has(key)) {
          inHistory = true;
          cuts.push(at + 1);
        }
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        if (depth === 1 && inHistory) {
          inHistory = false;
          cuts.push(at);
        } else if (depth === 0) {
          cutAround(cuts, valueStart, at);
          return found;
        }
        break;
      case COLON:
        if (depth === 1) {
          expectKey = false;
          valueStart = at + 1;
        }
        break;
      case COMMA:
        if (depth === 1) {
          if (!HISTORIES.has(key)) cutAround(cuts, valueStart, at);
          expectKey = true;
          key = '';
        } else if (depth === 2 && inHistory) {
          cuts.push(at);
          between.push(at);
        }
        break;
      default:
    }
  }
  return found;
}

function cutAround(cuts: number[], from: number, to: number): void {
  if (to - from < OWN_PIECE || from < (cuts.at(-1) ?? 0)) return;
  cuts.push(from, to);
}

/** Place of the closing quote; -1: it never closes. */
function stringEnd(body: Buffer, open: number): number {
  for (let end = body.indexOf(QUOTE, open + 1); end >= 0; end = body.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (body[end - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}
