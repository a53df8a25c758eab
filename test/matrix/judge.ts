import type { Reading } from '../../src/drill/wire-reader.ts';
import type { Schedule } from '../../src/sim/schedule.ts';
import type { Cell } from './cell.ts';
import { BACKUP_KEY, CLIENT_KEY, LEAD_KEY } from './question.ts';
import { type Experience, runTrial } from './run-cell.ts';

/**
 * What became of a cell.
 * - `whole`: the exact answer; `continued`: the exact answer with a marked seam; `error`: a clean, retryable error in the client's
 *   dialect; `kept-calls`: parallel calls of which the complete ones were kept when the provider died (`client-error`: a deterministic one, where the fault is the client's own); `answer`: what came is an answer and was
 *   passed on as it came;
 * - everything else breaks a promise: `repeated` (a tool call twice, or two with one id), `crossed` (a provider was sent what another one thought),
 *   `hammered` (more attempts than the stated factor), `truncated`, `doubled or foreign`, `empty`, `unclean` (an error that looks like an end, or an
 *   end that is none), `hung`, `leaked` (a key where it does not belong).
 */
export type Verdict =
  | 'whole'
  | 'kept-calls'
  | 'continued'
  | 'error'
  | 'client-error'
  | 'answer'
  | 'repeated'
  | 'crossed'
  | 'hammered'
  | 'truncated'
  | 'foreign'
  | 'empty'
  | 'unclean'
  | 'hung'
  | 'leaked';

export const GOOD: ReadonlySet<Verdict> = new Set(['whole', 'kept-calls', 'continued', 'error', 'client-error', 'answer']);

/** The answer that a calm day brings, by what decides it. */
const calm = new Map<string, Promise<Reading>>();

function expected(cell: Pick<Cell, 'client' | 'stream' | 'content'>): Promise<Reading> {
  const key = `${cell.client} ${cell.stream} ${cell.content}`;
  let reading = calm.get(key);
  if (!reading) {
    const { client, stream, content } = cell;
    reading = runTrial({ client, lead: client, backup: undefined, stream, content, faults: [] }).then((result) => result.reading);
    calm.set(key, reading);
  }
  return reading;
}

/** How often a fault strikes, where it does not say so itself. */
export const SCHEDULES: Record<Cell['persistence'], Schedule> = {
  once: { type: 'once' },
  twice: { type: 'times', count: 2 },
  ever: { type: 'ever' },
};

export async function runCell(cell: Cell): Promise<{ verdict: Verdict; experience: Experience }> {
  const { client, lead, backup, stream, content, fault, position, persistence } = cell;
  const schedule = fault.schedule ?? SCHEDULES[persistence];
  const rule = { fault: fault.id, schedule, ...(position === undefined ? {} : { position }) };
  const experience = await runTrial({ client, lead, backup, stream, content, faults: [rule] });
  return { verdict: judge(experience, await expected(cell), cell), experience };
}

/** One exchange: each of two targets and its retry before the first words, two hops that have answered, and two that were turned down. */
const MOST_ATTEMPTS = 8;

export function judge(experience: Experience, sound: Reading, cell: Cell): Verdict {
  const { reading, end } = experience;
  if (leaks(experience)) return 'leaked';
  if (experience.crossed) return 'crossed';
  if (experience.asked.lead + experience.asked.backup > MOST_ATTEMPTS) return 'hammered';
  if (end === 'none') return 'hung';
  if (reading.error !== undefined) {
    if (reading.finished) return 'unclean';
    if (experience.status === 200) return end === 'aborted' ? 'error' : 'unclean';
    return retryable(experience.status) ? 'error' : cell.fault.expected === 'client-error' ? 'client-error' : 'unclean';
  }
  if (reading.garbled !== undefined || !reading.finished || end === 'aborted') return 'unclean';
  if (repeats(experience, sound)) return 'repeated';
  if (sameAnswer(reading, sound)) return reading.seams > 0 ? 'continued' : 'whole';
  if (keepsCalls(reading, sound)) return 'kept-calls';
  // What a model says is its own affair: a refusal, a filter's stop, another tool than those offered.
  // Only faults of meaning, and those that nobody could notice, may change the words: a harmless one that costs some is no answer.
  const otherWords = cell.fault.group === 'E' || cell.fault.unfaithful === true;
  if (cell.fault.expected === 'answer' && otherWords) return 'answer';
  if (reading.text === '' && reading.calls.length === 0) return 'empty';
  return sound.text.startsWith(reading.text) ? 'truncated' : 'foreign';
}

/** What the official SDKs try again by themselves. */
function retryable(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function sameAnswer(one: Reading, other: Reading): boolean {
  const calls = (reading: Reading): string => JSON.stringify(reading.calls.map((call) => [call.name, parsed(call.arguments)]));
  return one.text === other.text && one.calls.length === other.calls.length && calls(one) === calls(other);
}

/** White space between the tokens of JSON means nothing; text that does not parse is only equal to itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return { unparsed: text };
  }
}

/** The first of the calls, each of them whole: an agent makes them and asks for the rest by itself. */
function keepsCalls(one: Reading, other: Reading): boolean {
  const count = one.calls.length;
  return count > 0 && count < other.calls.length && sameAnswer(one, { ...other, calls: other.calls.slice(0, count) });
}

/** An agent would make the call again. */
function repeats({ reading, entries }: Experience, sound: Reading): boolean {
  const ids = entries.flatMap((entry) =>
    entry.type === 'bytes' || entry.type === 'events'
      ? entry.events.flatMap((event) => (event.type === 'part-start' && event.part.type === 'tool-call' ? [event.part.id] : []))
      : [],
  );
  return new Set(ids).size < ids.length || reading.calls.length > sound.calls.length;
}

/** No key may be seen by the client or be written down. */
function leaks(experience: Experience): boolean {
  const all = experience.visible + JSON.stringify(experience.entries);
  return [CLIENT_KEY, LEAD_KEY, BACKUP_KEY].some((key) => all.includes(key));
}
