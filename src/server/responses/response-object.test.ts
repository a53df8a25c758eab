import { expect, test } from 'vitest';
import { openaiResponses } from '../../dialects/openai-responses/dialect.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { Entry, ExchangeOutcome } from '../../journal/entry.ts';
import type { KeptResponse } from './kept-response.ts';
import { outputAsInput, responseObject } from './response-object.ts';

const FAULT = { class: 'provider-fault', symptom: 'truncated', message: 'it broke off' } as const;
const BEGUN: AnswerEvent[] = [
  { type: 'start', id: 'msg_foreign', model: 'claude-x' },
  { type: 'part-start', index: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'so far' } },
];
const FINISHED: AnswerEvent[] = [...BEGUN, { type: 'part-end', index: 0 }, { type: 'finish', reason: 'stop' }];

function kept(events: AnswerEvent[], outcome?: ExchangeOutcome, request: object = { model: 'm', input: 'hi' }): KeptResponse {
  const body = Buffer.from(JSON.stringify(request));
  const head = openaiResponses.inspect(body, '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  const entries: Entry[] = [{ type: 'events', attempt: 0, events }, ...(outcome ? [{ type: 'end' as const, outcome }] : [])];
  return {
    opening: {
      id: 'x_1',
      at: 5000,
      dialect: 'openai-responses',
      model: 'm',
      route: 'r',
      stream: true,
      principal: 'local',
      save: true,
    },
    request: body,
    head: head.value,
    state: outcome?.type ?? 'running',
    source: 'x_1',
    entries: entries.map((entry, seq) => ({ seq, at: 0, entry })),
  };
}

const desk = { dialect: openaiResponses };

test.each<[string, AnswerEvent[], ExchangeOutcome | undefined, object]>([
  ['in_progress', BEGUN, undefined, { error: null }],
  ['completed', FINISHED, { type: 'complete', finish: 'stop' }, { error: null }],
  ['failed', BEGUN, { type: 'failed', fault: FAULT, committed: true }, { error: { code: 'server_error', message: 'it broke off' } }],
  ['failed', BEGUN, { type: 'interrupted' }, { error: { code: 'server_error' } }],
  ['cancelled', BEGUN, { type: 'cancelled', committed: true }, { error: null }],
])('%s, with what is there', (status, events, outcome, more) => {
  const object = responseObject(desk, kept(events, outcome));
  expect(object).toMatchObject({ id: 'resp_x_1', object: 'response', status, created_at: 5, model: 'claude-x', ...more });
  expect(object.output).toMatchObject([{ type: 'message', content: [{ type: 'output_text', text: 'so far' }] }]);
  expect(object.incomplete_details).toBeNull();
});

test('queued, before anything was said', () => {
  const nothing = { ...kept([]), entries: [] };
  expect(responseObject(desk, nothing)).toMatchObject({ id: 'resp_x_1', status: 'queued', model: 'm', output: [], usage: null });
});

test('what has a length limit is incomplete, as it was told', () => {
  const events: AnswerEvent[] = [...BEGUN, { type: 'part-end', index: 0 }, { type: 'finish', reason: 'length' }];
  expect(responseObject(desk, kept(events, { type: 'complete', finish: 'length' }))).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
  });
});

test('in a question its items have no names, and reasoning without proof is left out', () => {
  const producer = { dialect: 'openai-responses' } as const;
  const events: AnswerEvent[] = [
    BEGUN[0]!,
    { type: 'part-start', index: 0, part: { type: 'reasoning', producer } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text: 'hm' } },
    { type: 'part-end', index: 0 },
    { type: 'part-start', index: 1, part: { type: 'reasoning', producer } },
    { type: 'part-delta', index: 1, delta: { type: 'signature', signature: 'sealed' } },
    { type: 'part-end', index: 1 },
    { type: 'part-start', index: 2, part: { type: 'tool-call', id: 'call_1', name: 'look' } },
    { type: 'part-end', index: 2 },
    { type: 'finish', reason: 'tool-calls' },
  ];
  const items = outputAsInput(desk, kept(events, { type: 'complete', finish: 'tool-calls' }));
  expect(items).toMatchObject([
    { type: 'reasoning', encrypted_content: 'sealed' },
    { type: 'function_call', call_id: 'call_1', name: 'look' },
  ]);
  for (const item of items) expect(item).not.toHaveProperty('id');
});
