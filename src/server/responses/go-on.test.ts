import { expect, test } from 'vitest';
import { openaiResponses } from '../../dialects/openai-responses/dialect.ts';
import { systemClock } from '../../exchange/clock.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import { exchangeId } from '../../exchange/ids.ts';
import type { AttemptStart, Entry } from '../../journal/entry.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import type { Ask } from '../ports.ts';
import { goOn } from './go-on.ts';

const END: Entry = { type: 'end', outcome: { type: 'complete', finish: 'stop' } };

function attempt(more: Partial<AttemptStart> = {}): AttemptStart {
  const target = { provider: 'openai', model: 'm', credential: 'key', dialect: 'openai-responses', vendor: 'openai' } as const;
  return { type: 'attempt', ordinal: 0, kind: 'first', target, native: true, losses: [], edits: [], ...more };
}

function said(id: string, attemptNumber = 0): Entry {
  const extras = { dialect: 'openai-responses' as const, fields: { id: 'msg_7' } };
  const events: AnswerEvent[] = [
    { type: 'start', id, model: 'm' },
    { type: 'part-start', index: 0, part: { type: 'text', extras } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text: 'plum' } },
    { type: 'part-end', index: 0 },
    { type: 'finish', reason: 'stop' },
  ];
  return { type: 'events', attempt: attemptNumber, events };
}

/** Keeps one response, and asks what goes on from it. */
async function after(entries: Entry[], { asks, earlier = {}, save = true }: { asks: object; earlier?: object; save?: boolean }) {
  const journal = memoryJournal({ clock: systemClock });
  const id = exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
  const request = { model: 'm', input: 'the word?', ...earlier };
  const common = { model: 'm', route: 'r', stream: true, principal: 'local', save };
  const log = journal.open({ ...common, id, at: Date.now(), dialect: 'openai-responses' }, Buffer.from(JSON.stringify(request)));
  for (const entry of entries) log.append(entry);
  await new Promise((resolve) => setImmediate(resolve));
  const body = Buffer.from(JSON.stringify({ model: 'm', ...asks }).replaceAll('OURS', `resp_${id}`));
  const head = openaiResponses.inspect(body, '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  const ask: Ask = { dialect: openaiResponses, head: head.value, body, path: '/v1/responses', headers: [], principal: 'local' };
  const result = await goOn({ journal, dialect: openaiResponses }, ask);
  if (!result.ok) return { problem: result.error.message };
  const { original } = result.value;
  return {
    full: JSON.parse(result.value.body.toString()) as { input: unknown; previous_response_id?: string },
    head: result.value.head,
    original: original && { provider: original.provider, body: JSON.parse(original.body.toString()) as object },
  };
}

const FULL = [
  { type: 'message', role: 'user', content: 'the word?' },
  { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'plum' }] },
  { type: 'message', role: 'user', content: 'again?' },
];
const previous = { previous_response_id: 'resp_7', input: 'again?' };
const references = { input: [FULL[0], { type: 'item_reference', id: 'msg_7' }, FULL[2]] };

test.each([
  ['by its maker’s name', previous],
  ['by ours', { ...previous, previous_response_id: 'OURS' }],
  ['by its items', references],
])('45: %s: everybody gets the history, and its native maker the question as it came', async (_, asks) => {
  const { full, head, original } = await after([attempt(), said('resp_7'), END], { asks });
  expect(full).toMatchObject({ input: FULL });
  expect(full).not.toHaveProperty('previous_response_id');
  expect(JSON.stringify(full)).not.toContain('msg_7');
  expect(head).not.toHaveProperty('previousResponse');
  expect(head).not.toHaveProperty('dependsOn');
  const known = 'previous_response_id' in asks ? { previous_response_id: 'resp_7' } : {};
  expect(original).toEqual({ provider: 'openai', body: { model: 'm', ...asks, ...known } });
});

test.each<[string, Entry[]]>([
  ['a foreign target', [attempt({ native: false }), said('resp_7'), END]],
  ['two attempts', [attempt(), said('resp_7'), attempt({ ordinal: 1 }), { ...said('resp_7', 1), events: [] } as Entry, END]],
  ['a seam', [attempt(), said('resp_7'), { type: 'seam', from: 'a', to: 'b', delivered: 4, join: 'anchor' }, END]],
  ['an answer that was cancelled', [attempt(), said('resp_7'), { type: 'end', outcome: { type: 'cancelled', committed: true } }]],
])('45: after %s nobody else is taken to have the history', async (_, entries) => {
  const { full, original } = await after(entries, { asks: previous });
  expect(full).toMatchObject({ input: FULL });
  expect(original).toBeUndefined();
});

test('45: what was not to be kept is not known', async () => {
  for (const how of [{ earlier: { store: false } }, { save: false }]) {
    const { full, head } = await after([attempt(), said('resp_7'), END], { asks: previous, ...how });
    expect(full).toMatchObject({ previous_response_id: 'resp_7', input: 'again?' });
    expect(head).toMatchObject({ previousResponse: 'resp_7' });
  }
});

test('45: a response that has said all may be gone on from at once, one under way may not', async () => {
  expect(await after([attempt(), said('resp_7')], { asks: previous })).toMatchObject({ full: { input: FULL } });
  const begun = said('resp_7');
  if (begun.type === 'events') begun.events.length = 3;
  expect(await after([attempt(), begun], { asks: previous })).toEqual({
    problem: 'previous_response_id: the response resp_7 is not finished yet',
  });
});

test('each answer that items are of is put together once, however many references there are', async () => {
  const journal = memoryJournal({ clock: systemClock });
  let written = 0;
  const dialect: typeof openaiResponses = {
    ...openaiResponses,
    encodeAnswer(events, context) {
      written++;
      return openaiResponses.encodeAnswer(events, context);
    },
  };
  const ids = Array.from({ length: 20 }, () => exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)));
  for (const id of ids) {
    const opening = {
      id,
      at: Date.now(),
      dialect: 'openai-responses' as const,
      model: 'm',
      route: 'r',
      stream: true,
      principal: 'local',
      save: true,
    };
    const log = journal.open(opening, Buffer.from('{"model":"m","input":"the word?"}'));
    const [start, ...text] = (said('') as Extract<Entry, { type: 'events' }>).events;
    const nameless = text.map((event) => (event.type === 'part-start' ? { ...event, part: { type: 'text' as const } } : event));
    for (const entry of [attempt(), { type: 'events' as const, attempt: 0, events: [start!, ...nameless] }, END]) log.append(entry);
  }
  await new Promise((resolve) => setImmediate(resolve));
  const items = [...ids, ...ids].map((id) => ({ type: 'item_reference', id: `msg_${id}_0` }));
  const body = Buffer.from(JSON.stringify({ model: 'm', input: items }));
  const head = openaiResponses.inspect(body, '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  const ask: Ask = { dialect: openaiResponses, head: head.value, body, path: '/v1/responses', headers: [], principal: 'local' };
  const result = await goOn({ journal, dialect }, ask);
  expect(result.ok && (JSON.parse(result.value.body.toString()) as { input: unknown[] }).input).toHaveLength(40);
  expect(written).toBe(ids.length);
});
