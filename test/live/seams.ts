/** A place where two attempts meet, as Understudy recorded it. */
export interface RecordedSeam {
  from: string;
  to: string;
  /** Characters of text before it. */
  delivered: number;
  join: string;
}

/** Reads the seams of an exchange that has ended from `GET /api/exchanges/{id}/events`. */
export async function seamsOf(address: string, exchange: string): Promise<RecordedSeam[]> {
  const response = await fetch(`${address}/api/exchanges/${exchange}/events`, { signal: AbortSignal.timeout(10_000) });
  const messages = (await response.text()).split('\n\n');
  return messages.flatMap((message) => {
    const data = /^event: seam\n/m.test(message) ? /^data: (.*)$/m.exec(message)?.[1] : undefined;
    return data === undefined ? [] : [JSON.parse(data) as RecordedSeam];
  });
}

/** Characters shown on either side. */
const AROUND = 48;

/** `…the second ferry follows ┃ the patient rehearsal…`, on one line. */
export function shown(text: string, { delivered }: RecordedSeam): string {
  const before = text.slice(Math.max(0, delivered - AROUND), delivered);
  const after = text.slice(delivered, delivered + AROUND);
  return `…${before}┃${after}…`.replaceAll('\n', '⏎');
}

/** A seam repeats itself when what follows begins with the last words before it. */
export function doubled(text: string, { delivered }: RecordedSeam): boolean {
  const tail = text.slice(Math.max(0, delivered - 16), delivered);
  return tail.length === 16 && text.slice(delivered).trimStart().startsWith(tail.trim());
}
