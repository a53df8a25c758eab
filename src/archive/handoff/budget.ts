import { BYTES_A_TOKEN } from '../../failover/estimate.ts';

/** Tokens that a text takes, estimated by its length in bytes: nothing here is worth a tokenizer of 20 MB. */
export function inTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN);
}

/** Beginning and end of a text that is too long, with what is missing between them said. Whole characters, whole lines where it can. */
export function shortened(text: string, tokens: number): string {
  if (inTokens(text) <= tokens) return text;
  const bytes = Math.max(tokens * BYTES_A_TOKEN - 40, 0);
  const head = linesOf(text, Math.floor(bytes * 0.6), 'start');
  const tail = linesOf(text, Math.floor(bytes * 0.4), 'end');
  const missing = text.length - head.length - tail.length;
  return `${head}\n[… ${missing} characters left out …]\n${tail}`;
}

function linesOf(text: string, bytes: number, side: 'start' | 'end'): string {
  // No character has less than a byte, so this is enough; UTF-8 cut in the middle of one is repaired below.
  const piece = Buffer.from(side === 'start' ? text.slice(0, bytes) : text.slice(Math.max(text.length - bytes, 0)));
  const cut = side === 'start' ? piece.subarray(0, bytes) : piece.subarray(Math.max(piece.length - bytes, 0));
  const whole = cut.toString('utf8').replace(side === 'start' ? /\uFFFD+$/ : /^\uFFFD+/, '');
  const line = side === 'start' ? whole.lastIndexOf('\n') : whole.indexOf('\n');
  if (line < 0 || (side === 'start' ? line < whole.length / 2 : line > whole.length / 2)) return whole;
  return side === 'start' ? whole.slice(0, line) : whole.slice(line + 1);
}
