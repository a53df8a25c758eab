import type { Heard } from './listen.ts';
import type { Expected } from './question.ts';
import type { Reading } from './wire-reader.ts';

/**
 * What became of one question, best first.
 * - `whole`: the exact answer; `continued`: the exact answer, with a mark where another attempt carried on;
 * - `failed`: a proper error in the client's dialect, which it can act on;
 * - `broken`: no answer and no proper error: a reset, a web page, an empty body;
 * - `truncated`: part of the answer, and then no more and no error, or an end as if that had been all;
 * - `wrong`: an end as if all were well, but other words than the assistant's;
 * - `hung`: nothing more within the client's patience.
 */
export const VERDICTS = ['whole', 'continued', 'failed', 'broken', 'truncated', 'wrong', 'hung'] as const;
export type Verdict = (typeof VERDICTS)[number];

export function judge(heard: Heard, expected: Expected): Verdict {
  if (heard.ending === 'patience') return 'hung';
  const reading = heard.reading;
  if (!reading) return 'broken';
  if (reading.error !== undefined) return 'failed';
  if (reading.garbled !== undefined) return began(reading) ? 'truncated' : 'broken';
  if (!reading.finished) return began(reading) ? 'truncated' : 'broken';
  if (same(reading, expected)) return reading.seams > 0 ? 'continued' : 'whole';
  return isBeginning(reading, expected) ? 'truncated' : 'wrong';
}

function began(reading: Reading): boolean {
  return reading.text !== '' || reading.calls.length > 0;
}

function same(reading: Reading, expected: Expected): boolean {
  return (
    reading.text === expected.text &&
    reading.calls.length === expected.calls.length &&
    reading.calls.every(
      (call, index) => call.name === expected.calls[index]!.name && sameJson(call.arguments, expected.calls[index]!.arguments),
    )
  );
}

function isBeginning(reading: Reading, expected: Expected): boolean {
  return (
    expected.text.startsWith(reading.text) &&
    reading.calls.length <= expected.calls.length &&
    reading.calls.every((call, index) => expected.calls[index]!.arguments.startsWith(call.arguments))
  );
}

/** Whitespace between the tokens of JSON text means nothing; text that does not parse is no call. */
function sameJson(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return false;
  }
}
