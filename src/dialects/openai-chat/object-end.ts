/** Follows JSON text piece by piece and says where a top-level object closes; each character is looked at once. */
export interface ObjectEnd {
  /** Whether the text so far may be a whole object: it began with `{`, and every bracket outside of strings is closed. */
  push(piece: string): boolean;
}

const QUOTE = 34;
const BACKSLASH = 92;

export function objectEnd(): ObjectEnd {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let begun = false;
  return {
    push(piece) {
      for (let at = 0; at < piece.length; at++) {
        const code = piece.charCodeAt(at);
        if (inString) {
          if (escaped) escaped = false;
          else if (code === BACKSLASH) escaped = true;
          else if (code === QUOTE) inString = false;
        } else if (code === QUOTE) inString = true;
        else if (code === 123 || code === 91) {
          depth++;
          begun = true;
        } else if (code === 125 || code === 93) depth--;
      }
      return begun && depth === 0 && !inString;
    },
  };
}
