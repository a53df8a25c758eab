import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../test/matrix/cell.ts';
import { questionOf, type RawQuestion } from '../../test/matrix/question.ts';
import { block, delta, messages, OPEN, play, RESET, START, stop } from '../../test/matrix/scripted.ts';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import type { ClientDialect } from '../drill/wire-reader.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import { parseObject } from '../exchange/json.ts';
import type { FaultRule } from '../sim/sim-provider.ts';

const FAULTS = ['reset-edge', 'clean-end', 'stall', 'error-event'] as const;
const CONTENTS = ['tool', 'parallel', 'pondered'] as const;

/** A question to which the assistant calls tools, after some words or at once. */
function question(client: ClientDialect, content: (typeof CONTENTS)[number], words: boolean): RawQuestion {
  const usual = questionOf(client, true, content, 'the-model');
  return words ? usual : { ...usual, body: Buffer.from(usual.body.toString().replace('[sim ', '[sim silent ')) };
}

function events(experience: Experience): AnswerEvent[] {
  return experience.entries.flatMap((entry) => (entry.type === 'bytes' || entry.type === 'events' ? entry.events : []));
}

/** Calls as they went out. */
function callsOf(experience: Experience): { id: string; name: string; arguments: string; ended: boolean }[] {
  const calls = new Map<number, { id: string; name: string; arguments: string; ended: boolean }>();
  for (const event of events(experience)) {
    if (event.type === 'part-start' && event.part.type === 'tool-call') {
      const { id, name } = event.part;
      calls.set(event.index, { id, name, arguments: '', ended: false });
    } else if (event.type === 'part-delta' && event.delta.type === 'arguments') calls.get(event.index)!.arguments += event.delta.json;
    else if (event.type === 'part-end' && calls.has(event.index)) calls.get(event.index)!.ended = true;
  }
  return [...calls.values()];
}

const plain = ({ reading }: Experience) => reading.calls.map((call) => [call.name, parseObject(call.arguments)]);

describe.each(DIALECTS)('a tool call for a client of %s', (client) => {
  describe.each(DIALECTS)('from %s', (lead) => {
    const backup = DIALECTS[(DIALECTS.indexOf(client) + DIALECTS.indexOf(lead) + 1) % DIALECTS.length]!;
    const base: Omit<Trial, 'content' | 'faults'> = { client, lead, backup, stream: true };
    const run = (content: (typeof CONTENTS)[number], words: boolean, faults: FaultRule[]): Promise<Experience> =>
      runTrial({ ...base, content, faults, question: question(client, content, words) });

    it.each(CONTENTS)('is whole or was never seen, wherever its provider dies: %s', async (content) => {
      for (const words of [true, false]) {
        const calm = await run(content, words, []);
        const expected = plain(calm);
        for (const fault of FAULTS)
          for (const position of ['arguments', 'between-calls', 'after-calls'] as const)
            for (const schedule of [{ type: 'once' as const }, { type: 'ever' as const }]) {
              const experience = await run(content, words, [{ fault, position, schedule }]);
              const where = `${content} ${words ? 'after words' : 'at once'}, ${fault} at ${position}, ${schedule.type}`;
              const calls = callsOf(experience);
              // What was complete is kept: asking for it again could carry it out twice.
              const least = position === 'between-calls' ? 1 : expected.length;
              const { error, garbled, finished, text } = experience.reading;
              expect({ where, error, garbled, finished, text, calls: plain(experience) }).toEqual({
                where,
                error: undefined,
                garbled: undefined,
                finished: true,
                text: calm.reading.text,
                calls: expected.slice(0, Math.max(least, calls.length)),
              });
              expect(calls.every(({ ended, arguments: json }) => ended && parseObject(json) !== undefined)).toBe(true);
              expect(new Set(calls.map(({ id }) => id)).size).toBe(expected.slice(0, Math.max(least, calls.length)).length);
            }
      }
    });

    it('that was cut is asked of the same model again, then of the next', async () => {
      for (const words of [true, false]) {
        // Gemini's calls come in one piece.
        const position = lead !== 'gemini' ? 'arguments' : words ? 'text-last' : 'before-content';
        const experience = await run('tool', words, [{ fault: 'reset-edge', position, schedule: { type: 'ever' } }]);
        const asked = experience.entries.flatMap((entry) => (entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider}`] : []));
        expect(asked).toEqual(words ? ['first lead', 'hop lead', 'hop backup'] : ['first lead', 'retry lead', 'next backup']);
      }
    });
  });
});

describe('arguments that go out as they come', () => {
  const STREAMING = DIALECTS.filter((dialect) => dialect !== 'gemini');
  const PAIRS = STREAMING.flatMap((client) => STREAMING.map((lead) => [client, lead] as const));
  const run = (client: ClientDialect, lead: ClientDialect, more: Partial<Trial> = {}): Promise<Experience> =>
    runTrial({
      client,
      lead,
      backup: 'openai-chat',
      stream: true,
      content: 'tool',
      faults: [],
      failover: { toolArguments: 'stream' },
      ...more,
    });
  const dying: FaultRule = { fault: 'reset-edge', position: 'arguments', schedule: { type: 'ever' } };
  /** How often arguments were handed over. */
  const portions = ({ entries }: Experience): number =>
    entries.filter(
      (entry) => 'events' in entry && entry.events.some((event) => event.type === 'part-delta' && event.delta.type === 'arguments'),
    ).length;

  it.each(PAIRS)('%s from %s: in pieces, and the same in the end', async (client, lead) => {
    const streamed = await run(client, lead);
    const held = await run(client, lead, { failover: {} });
    expect(portions(held)).toBe(1);
    expect(portions(streamed)).toBeGreaterThan(1);
    expect(streamed.reading).toEqual(held.reading);
  });

  it.each(PAIRS)('%s from %s: end with an error where the provider dies among them, and nobody else is asked', async (client, lead) => {
    const experience = await run(client, lead, { faults: [dying] });
    expect(experience.end).toBe('aborted');
    expect(experience.reading).toMatchObject({ finished: false, error: expect.any(String) });
    expect(experience.asked).toEqual({ lead: 1, backup: 0 });
  });

  it('spoil an answer of which the first call was complete: it is not ended for its sake', async () => {
    const use = (index: number, ...json: string[]) =>
      messages(
        block(index, { type: 'tool_use', id: `toolu_${index}`, name: 'look_up', input: {} }),
        ...json.map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
      );
    const answer = () => [OPEN, ...messages(START), ...use(0, '{"a":', '1}'), ...messages(stop(0)), ...use(1, '{"a":'), RESET];
    const script = { client: 'anthropic-messages', targets: [{ name: 'lead', dialect: 'anthropic-messages', answer }] } as const;
    const streamed = await play({ ...script, targets: [...script.targets], failover: { toolArguments: 'stream' } });
    expect(streamed.reading).toMatchObject({ finished: false, error: expect.any(String) });
    const held = await play({ ...script, targets: [...script.targets] });
    expect(held.reading).toMatchObject({ finished: true, calls: [{ name: 'look_up', arguments: '{"a":1}' }] });
  });

  it('are not for clients that do not stream, nor for those whose calls come in one piece', async () => {
    for (const lead of STREAMING)
      for (const asked of [
        { client: 'openai-chat', stream: false },
        { client: 'gemini', stream: true },
      ] as const) {
        const experience = await run(asked.client, lead, { stream: asked.stream, faults: [{ ...dying, schedule: { type: 'once' } }] });
        expect(experience.reading).toMatchObject({ finished: true, calls: [{ name: 'look_up' }] });
      }
  });
});
