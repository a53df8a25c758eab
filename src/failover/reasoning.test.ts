import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../test/matrix/cell.ts';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import type { ClientDialect } from '../drill/wire-reader.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { FaultRule } from '../sim/sim-provider.ts';
import { ponder } from '../sim/speech.ts';

const PAIRS = DIALECTS.flatMap((lead) => DIALECTS.map((backup) => [lead, backup] as const));

function events({ entries }: Experience): AnswerEvent[] {
  return entries.flatMap((entry) => (entry.type === 'bytes' || entry.type === 'events' ? entry.events : []));
}

const THOUGHT = ponder('Think about the sea.');

/** OpenAI shows its reasoning only to those of its clients that ask for a summary. */
function shows(lead: ClientDialect, client: ClientDialect): boolean {
  return lead !== 'openai-responses' || client === 'openai-responses';
}

/** Every part begins once, ends once, and no two texts or thoughts are open at a time. */
function orderly(list: readonly AnswerEvent[]): boolean {
  const open = new Set<number>();
  const seen = new Set<number>();
  for (const event of list) {
    if (event.type === 'part-start') {
      if (seen.has(event.index) || open.size > 0) return false;
      open.add(event.index);
      seen.add(event.index);
    } else if (event.type === 'part-end' && !open.delete(event.index)) return false;
    else if (event.type === 'part-delta' && !open.has(event.index)) return false;
  }
  return open.size === 0;
}

function words(list: readonly AnswerEvent[], type: 'text' | 'reasoning'): string[] {
  const kinds = new Map<number, { type: string; words: string }>();
  for (const event of list) {
    if (event.type === 'part-start') kinds.set(event.index, { type: event.part.type, words: '' });
    if (event.type === 'part-delta' && event.delta.type === 'text') kinds.get(event.index)!.words += event.delta.text;
  }
  return [...kinds.values()].flatMap((part) => (part.type === type ? [part.words] : []));
}

describe.each(DIALECTS)('thinking for a client of %s', (client) => {
  const pairs = PAIRS.filter(([lead]) => shows(lead, client));
  it.each(pairs)('from %s, then %s: is closed on a switch, and the answer starts anew without a seam in its text', async (lead, backup) => {
    const base: Omit<Trial, 'faults'> = { client, lead, backup, stream: true, content: 'thinking' };
    const calm = await runTrial({ ...base, faults: [] });
    for (const type of ['once', 'ever'] as const) {
      const rule: FaultRule = { fault: 'reset-edge', position: 'reasoning', schedule: { type } };
      const experience = await runTrial({ ...base, faults: [rule] });
      const list = events(experience);
      const { error, garbled, finished, text } = experience.reading;
      expect({ error, garbled, finished, text }).toEqual({ error: undefined, garbled: undefined, finished: true, text: calm.reading.text });
      expect(orderly(list)).toBe(true);
      expect(words(list, 'text')).toEqual([calm.reading.text]);
      // What had been shown stays as it was; the next one thinks for itself.
      // A blank line parts OpenAI's summaries.
      const thoughts = words(list, 'reasoning').map((cut) => cut.replaceAll('\n\n', ''));
      expect(thoughts.at(-1)).toBe(shows(type === 'once' ? lead : backup, client) ? THOUGHT : '');
      expect(thoughts.slice(0, -1).every((cut) => cut !== '' && cut !== THOUGHT && THOUGHT.startsWith(cut))).toBe(true);
      expect(thoughts.length).toBe(type === 'once' ? 2 : 3);
    }
  });

  it.each(DIALECTS)('from %s: nobody is asked with the thought of another, nor to go on with it', async (lead) => {
    const places = ['reasoning', 'text-first', 'text-middle'] as const;
    for (const position of places.filter((place) => place !== 'reasoning' || shows(lead, client)))
      for (const backup of DIALECTS) {
        const rule: FaultRule = { fault: 'reset-edge', position, schedule: { type: 'ever' } };
        const base: Omit<Trial, 'faults'> = { client, lead, backup, stream: true, content: 'thinking' };
        const bodies: string[] = [];
        const experience = await runTrial({ ...base, faults: [rule], sent: (_host, body) => void bodies.push(body) });
        expect(experience.reading).toMatchObject({ finished: true });
        expect(bodies.length).toBe(3);
        expect(bodies.filter((body) => body.includes(THOUGHT.slice(0, 24)))).toEqual([]);
        // A cut thought is no answer to be carried on: it is the client's own question that is asked again.
        const asked = bodies.map((body) => body.includes('My connection dropped'));
        expect(asked).toEqual(position === 'reasoning' ? [false, false, false] : [false, true, true]);
      }
  });
});
