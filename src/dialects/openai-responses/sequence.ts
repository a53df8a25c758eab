const MARK = '"sequence_number":';

/** The number of the last event among raw bytes, without parsing them; `undefined` where there is none. */
export function readSequence(raw: Buffer): number | undefined {
  const at = raw.lastIndexOf(MARK);
  if (at === -1) return undefined;
  const digits = /^\s*(\d{1,15})\b/.exec(raw.toString('latin1', at + MARK.length, at + MARK.length + 24));
  return digits ? Number(digits[1]) : undefined;
}
