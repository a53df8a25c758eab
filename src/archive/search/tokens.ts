/** A query in its pieces. */
export type Token =
  | { type: 'open' | 'close' | 'or' }
  | { type: 'item'; negative: boolean; field?: string; text: string; quote: '' | '"' | '`' };

/** Any text has pieces; what is opened and not closed (quotes, brackets) ends with the text. */
export function tokensOf(query: string): Token[] {
  // FTS5 reads up to the first NUL.
  const text = query.replaceAll('\0', ' ');
  const tokens: Token[] = [];
  let place = 0;
  let depth = 0;
  let denied = false;
  while (place < text.length) {
    const character = text[place]!;
    if (/\s/.test(character)) place += 1;
    else if (character === '(' || (character === ')' && depth > 0)) {
      depth += character === '(' ? 1 : -1;
      tokens.push({ type: character === '(' ? 'open' : 'close' });
      place += 1;
    } else {
      const item = itemAt(text, place, depth > 0);
      place = item.end;
      if (item.word === 'OR' || item.word === '|' || item.word === '||') tokens.push({ type: 'or' });
      else if (item.word === 'NOT') denied = true;
      else if (item.word !== 'AND') {
        tokens.push({ ...item.token, negative: item.token.negative || denied });
        denied = false;
      }
    }
  }
  return tokens;
}

interface Item {
  token: Extract<Token, { type: 'item' }>;
  /** As typed, where it is a plain word. */
  word?: string;
  end: number;
}

function itemAt(text: string, start: number, inBrackets: boolean): Item {
  // `--no-verify` is something to look for.
  const negative = text[start] === '-' && /^[^\s-]/.test(text.slice(start + 1, start + 2));
  let place = negative ? start + 1 : start;
  const [named, field] = /^([A-Za-z]{1,20}):(?=\S)/.exec(text.slice(place, place + 22)) ?? [];
  if (named !== undefined) place += named.length;
  const quote = text[place];
  if (quote === '"' || quote === '`') {
    const closing = text.indexOf(quote, place + 1);
    const inner = text.slice(place + 1, closing < 0 ? text.length : closing);
    const end = closing < 0 ? text.length : closing + 1;
    const isBeginning = text[end] === '*';
    return {
      token: {
        type: 'item',
        negative,
        ...(field !== undefined && { field }),
        text: isBeginning ? `${inner}*` : inner,
        quote: isBeginning ? '' : quote,
      },
      end: isBeginning ? end + 1 : end,
    };
  }
  const end = wordEnd(text, place, inBrackets);
  const word = text.slice(place, end);
  return {
    token: { type: 'item', negative, ...(field !== undefined && { field }), text: word, quote: '' },
    ...(field === undefined && !negative && { word }),
    end,
  };
}

/** A bracket that closes a group ends the word, one that was opened in it does not: `(foo() OR bar)`. */
function wordEnd(text: string, start: number, inBrackets: boolean): number {
  let open = 0;
  let place = start;
  for (; place < text.length && !/\s/.test(text[place]!); place++) {
    if (text[place] === '(') open += 1;
    else if (text[place] === ')' && inBrackets) {
      if (open === 0) break;
      open -= 1;
    }
  }
  // Something is always taken.
  return Math.max(place, start + 1);
}
