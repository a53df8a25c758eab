import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../test/matrix/cell.ts';
import { questionOf, type RawQuestion, rewritten } from '../../test/matrix/question.ts';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import { chunk, DONE, END, OPEN, play, RESET, ROLE, type Scripted } from '../../test/matrix/scripted.ts';
import type { ClientDialect } from '../drill/wire-reader.ts';
import type { JsonObject } from '../exchange/json.ts';
import type { FaultRule } from '../sim/sim-provider.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: Object.fromEntries(['title', 'summary', 'author', 'place', 'weather'].map((name) => [name, { type: 'string' }])),
  required: ['title', 'summary', 'author', 'place', 'weather'],
  additionalProperties: false,
};

const DEMANDS: Record<ClientDialect, JsonObject> = {
  'anthropic-messages': { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
  'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'report', strict: true, schema: SCHEMA } } },
  'openai-responses': { text: { format: { type: 'json_schema', name: 'report', strict: true, schema: SCHEMA } } },
  gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA } },
};

function demanding(client: ClientDialect): RawQuestion {
  return rewritten(questionOf(client, true, 'text', 'the-model'), DEMANDS[client]);
}

const PAIRS = DIALECTS.flatMap((client) => DIALECTS.map((lead) => [client, lead] as const));
const kinds = ({ entries }: Pick<Experience, 'entries'>) => entries.flatMap((entry) => (entry.type === 'attempt' ? [entry.kind] : []));

describe('JSON that was demanded', () => {
  it.each(PAIRS)('%s from %s: is asked anew wherever it is cut, and nobody sees half of it', async (client, lead) => {
    const base: Omit<Trial, 'faults'> = { client, lead, backup: 'openai-chat', stream: true, content: 'text', question: demanding(client) };
    const calm = await runTrial({ ...base, faults: [] });
    expect(Object.keys(JSON.parse(calm.reading.text) as object)).toEqual(Object.keys(SCHEMA.properties as JsonObject));
    for (const fault of ['reset-edge', 'clean-end', 'error-event'])
      for (const position of ['text-first', 'text-middle', 'text-last'] as const)
        for (const type of ['once', 'ever'] as const) {
          const rule: FaultRule = { fault, position, schedule: { type } };
          const experience = await runTrial({ ...base, faults: [rule] });
          const where = `${fault} at ${position}, ${type}`;
          expect({ where, ...experience.reading }).toMatchObject({ where, text: calm.reading.text, finished: true, seams: 0 });
          expect(kinds(experience)).not.toContain('hop');
        }
  });

  it('is told as an error with a status, not in-band, where nobody can say it', async () => {
    const fault: FaultRule = { fault: 'reset-edge', position: 'text-middle', schedule: { type: 'ever' } };
    const question = demanding('openai-chat');
    const failed = await runTrial({
      client: 'openai-chat',
      lead: 'openai-chat',
      backup: 'gemini',
      stream: true,
      content: 'text',
      question,
      faults: [fault],
      backupFaults: [fault],
    });
    expect(failed.status).toBe(500);
    expect(failed.reading).toMatchObject({ text: '', error: expect.any(String) });
  });
});

const HALF = '{"title":"The quiet harbour","summary":"Three boats lay at the quay and nobody spo';
const REST = 'ke that morning.","author":"A. N. Other"}';
const fields = { response_format: { type: 'json_object' } };

function target(answer: Scripted['answer']): Scripted {
  return { name: 'lead', dialect: 'openai-chat', answer };
}
const says = (text: string, finished: string | null, ...more: string[]) => [
  OPEN,
  ROLE,
  chunk({ content: text }),
  ...more.map((content) => chunk({ content })),
  ...(finished === null ? [RESET] : [chunk({}, finished), DONE, END]),
];

describe('what is held of it', () => {
  it('is not the reasoning before it', async () => {
    const played = await play({
      client: 'openai-chat',
      body: fields,
      targets: [
        target((_body, turn) =>
          turn === 1
            ? [OPEN, ROLE, chunk({ reasoning_content: 'I think of the sea.' }), chunk({ content: HALF }), RESET]
            : [OPEN, ROLE, chunk({ reasoning_content: 'I think again.' }), ...says(HALF + REST, 'stop').slice(2)],
        ),
      ],
    });
    expect(played.reading).toMatchObject({ text: HALF + REST, finished: true });
    expect(played.wire).toContain('I think of the sea.');
    expect(kinds(played)).toEqual(['first', 'hop']);
    expect(played.entries.flatMap((entry) => (entry.type === 'seam' ? [entry.join] : []))).toEqual(['fresh']);
  });

  it('goes out as the model said it where its own limit cut it, or where it is no JSON at all', async () => {
    for (const [text, finished] of [
      [HALF, 'length'],
      ['I would rather not.', 'stop'],
    ] as const) {
      const played = await play({ client: 'openai-chat', body: fields, targets: [target(() => says(text, finished))] });
      expect(played.reading).toMatchObject({ text, finished: true });
      expect(kinds(played)).toEqual(['first']);
    }
  });

  it('has a bound: beyond it the rest goes out as it comes', async () => {
    const line = 'x'.repeat(1024 * 1024);
    const played = await play({
      client: 'openai-chat',
      body: fields,
      targets: [target(() => says('{"title":"', 'stop', ...Array.from({ length: 9 }, (_, at) => `${line}${at}`), '"}'))],
    });
    expect(played.reading.finished).toBe(true);
    expect(played.entries.filter(({ type }) => type === 'bytes').length).toBeGreaterThan(1);
  });
});

describe('structuredOutput: stream', () => {
  const run = (second: Scripted['answer'] extends (...args: never[]) => infer Answer ? Answer : never) =>
    play({
      client: 'openai-chat',
      body: fields,
      failover: { structuredOutput: 'stream', maxHops: 1 },
      targets: [target((_body, turn) => (turn === 1 ? says(HALF, null) : second))],
    });

  it('goes out as it comes, and a cut one goes on as JSON', async () => {
    const played = await run(says(HALF + REST, 'stop'));
    expect(played.entries.findIndex(({ type }) => type === 'bytes')).toBeLessThan(played.entries.findIndex(({ type }) => type === 'seam'));
    expect(JSON.parse(played.reading.text)).toMatchObject({ author: 'A. N. Other' });
  });

  it('ends with an error where the whole would not parse, and shows nothing of what would have spoilt it', async () => {
    const played = await run(says(`${HALF}ke. Sorry, I got lost there.`, 'stop'));
    expect(played.reading).toMatchObject({ text: HALF, finished: false, error: expect.any(String) });
    expect(played.wire).not.toContain('Sorry');
  });
});
