import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import { openReader } from '../../journal/reader.ts';
import type { ArchivedMessage } from '../conversation.ts';
import { catchUp } from '../catch-up.ts';
import { DECODERS } from '../exchanges/follow.ts';
import { attempt, chat, exchange, journalIn } from '../exchanges/testing/record.ts';
import { openMirror } from '../mirror/mirror.ts';
import { openLedger } from '../protect/ledger.ts';
import { protectionOf } from '../protect/pass.ts';
import { literalFinder, patternFinder } from '../redaction/finder.ts';
import { searchingIn } from '../search/search.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { findConversation, listConversations, messagesOf } from '../store/read.ts';
import { checkArchive } from './check.ts';
import { openRedaction, type RedactionOptions, type RedactionPlan } from './redact.ts';
import { REMOVED } from './redact-originals.ts';

const CANARY = 'zanzibar-canary-4711';
let root: string;
let data: string;
let archive: Archive;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-redact-'));
  data = join(root, 'data');
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
});
afterEach(() => {
  archive.close();
  rmSync(root, { recursive: true, force: true });
});

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes(text) || (statSync(join(folder, name)).isFile() && readFileSync(join(folder, name)).includes(text)),
  );
}

const said = (key: string, text: string, more: Partial<ArchivedMessage> = {}): ArchivedMessage => ({
  key,
  role: 'user',
  status: 'complete',
  parts: [{ type: 'text', text }],
  ...more,
});

async function redact(more: Partial<RedactionOptions> = {}): Promise<{ plan: RedactionPlan; left: string[] }> {
  const opened = await openRedaction(archive, data, { finder: literalFinder(CANARY), asked: CANARY, once: false, now: 5, ...more });
  if (!opened.ok) throw new Error(opened.error.by);
  try {
    return { plan: opened.value.plan, left: opened.value.run() };
  } finally {
    opened.value.close();
  }
}

function textOf(id: string): string {
  return JSON.stringify([...messagesOf(archive, id)]);
}

it('leaves no byte of it in any file of the data folder or the mirror, and all the rest as it was', async () => {
  const journal = await journalIn(data);
  // A history that grows: each of its messages is one piece of all these requests.
  for (let turn = 1; turn <= 6; turn++) {
    const messages = Array.from({ length: turn * 2 - 1 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `turn ${index} ${'of a long talk '.repeat(80)} ${index === 2 ? CANARY : ''} "quoted"`,
    }));
    exchange(journal, { session: 'talk', body: { model: 'm', messages } }, [
      attempt(),
      { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
    ]);
  }
  chat(journal, 'kept', 2);
  const pieces = ['the word is zanzi', 'bar-can', 'ary-4711, and ', 'that is all'];
  const events: AnswerEvent[] = [
    { type: 'start', id: 'a', model: 'm' },
    { type: 'part-start', index: 0, part: { type: 'text' } },
    ...pieces.map((text): AnswerEvent => ({ type: 'part-delta', index: 0, delta: { type: 'text', text } })),
    { type: 'part-end', index: 0 },
    { type: 'part-start', index: 1, part: { type: 'tool-call', id: 'call_12345678', name: 'run' } },
    { type: 'part-delta', index: 1, delta: { type: 'arguments', json: '{"command":"echo zanzibar' } },
    { type: 'part-delta', index: 1, delta: { type: 'arguments', json: '-canary-4711"}' } },
    { type: 'part-end', index: 1 },
    { type: 'finish', reason: 'tool-calls' },
  ];
  const { id } = exchange(journal, { session: 'streamed', body: { model: 'm', messages: [{ role: 'user', content: 'Which word?' }] } }, [
    attempt(),
    { type: 'events', attempt: 0, events },
    { type: 'attempt-end', ordinal: 0, outcome: { type: 'whole', mended: false }, took: 1 },
    { type: 'end', outcome: { type: 'complete', finish: 'tool-calls' } },
  ]);
  const sse = (delta: object): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
  const bytes = Buffer.from(`${sse({ role: 'assistant', content: 'raw zanzibar' })}${sse({ content: '-canary-4711 end' })}`);
  exchange(journal, { session: 'raw', body: { model: 'm', messages: [{ role: 'user', content: `Say ${CANARY}` }] } }, [
    attempt(),
    { type: 'bytes', attempt: 0, bytes, events: [], terminated: false },
    { type: 'end', outcome: { type: 'cancelled', committed: true } },
  ]);
  await journal.close();
  catchUp(archive, data);
  const stored = keepOriginal(archive, Buffer.from(`notes\n${CANARY}\nmore notes`), { keptAt: 1, name: `${CANARY}.txt` });
  const picture = keepOriginal(archive, Buffer.concat([Buffer.from([0x89, 0, 1]), Buffer.from(CANARY)]), { keptAt: 1, name: 'a.png' });
  const bad = putInto(archive).conversation({ source: 'codex', key: 'bad', title: `About ${CANARY}`, project: `/p/${CANARY}` }, [
    said('1', `My key is ${CANARY}, keep it`),
    said('2', 'files', {
      parent: '1',
      parts: [
        { type: 'file', name: `${CANARY}.txt`, content: { type: 'stored', ...stored } },
        { type: 'tool-result', callId: 'c', isError: false, content: [{ type: 'file', content: { type: 'stored', ...picture } }] },
      ],
    }),
  ]).id;
  const kept = putInto(archive).conversation({ source: 'codex', key: 'good', title: 'harmless' }, [said('1', 'harmless words')]).id;
  mkdirSync(join(archive.folder, 'handoffs'));
  writeFileSync(join(archive.folder, 'handoffs', `a ${bad}.md`), `It was ${CANARY}.`);
  const mirror = openMirror(archive, join(root, 'mirror'));
  mirror.follow(100);
  const before = [...messagesOf(archive, kept)];
  expect(filesWith(CANARY, data).length).toBeGreaterThan(4);

  const { plan, left } = await redact();

  expect(left).toEqual([]);
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(plan.originals.map(({ becomes }) => becomes).toSorted()).toEqual(['removed', 'rewritten']);
  expect(plan.record).toMatchObject({ requests: { length: 6 }, answers: { length: 2 } });
  mirror.follow(100);
  expect(filesWith(CANARY, join(root, 'mirror'))).toEqual([]);
  expect(filesWith(REMOVED.trim(), join(root, 'mirror'))).toHaveLength(1);
  expect([...messagesOf(archive, kept)]).toEqual(before);
  expect(textOf(bad)).toContain('My key is [redacted], keep it');
  expect(findConversation(archive, bad)).toMatchObject({ title: 'About [redacted]', project: '/p/[redacted]' });
  const search = (text: string) => searchingIn(archive, systemClock).search({ text, limit: 5, patience: 60_000 }).conversations.length;
  expect([search('zanzibar'), search('"keep it"'), search('harmless')]).toEqual([0, 1, 1]);
  const reader = openReader(data, DECODERS);
  if (!reader.ok) throw new Error(reader.error);
  expect(reader.value.get(id)?.text).toBe('the word is [redacted], and that is all');
  expect(JSON.stringify(reader.value.entries(id))).toContain('echo [redacted]');
  expect(reader.value.list({ limit: 100 }).flatMap((each) => reader.value.get(each.id)?.text ?? [])).toContain('raw [redacted] end');
  reader.value.close();
  const findings = await checkArchive({ archive, dataFolder: data, now: Date.now() });
  expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
});

it('does not come back by whoever tells it again, in new messages either', async () => {
  const put = (): string =>
    putInto(archive).conversation({ source: 'codex', key: 'bad', title: `About ${CANARY}` }, [said('1', `first ${CANARY}`)]).id;
  const id = put();
  const file = Buffer.from(`file with ${CANARY}`);
  keepOriginal(archive, file, { keptAt: 1 });
  await redact();
  put();
  expect(putInto(archive).conversation({ source: 'codex', key: 'bad' }, [said('1', `first ${CANARY}`)])).toMatchObject({
    conversation: 'same',
  });
  putInto(archive).conversation({ source: 'codex', key: 'bad' }, [said('2', `again ${CANARY}`, { parent: '1' })]);
  const other = putInto(archive).conversation({ source: 'chatgpt', key: 'new' }, [said('1', `elsewhere ${CANARY}`)]).id;
  keepOriginal(archive, file, { keptAt: 2 });
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(textOf(id)).toContain('again [redacted]');
  expect(textOf(other)).toContain('elsewhere [redacted]');
  expect(listConversations(archive, { limit: 5 }).map(({ title }) => title)).toEqual(['elsewhere [redacted]', 'About [redacted]']);
});

it('takes out a short text, or once only, and such a message stays as it is; another one is kept', async () => {
  const id = putInto(archive).conversation({ source: 'codex', key: 'a' }, [said('1', 'pin: 4711')]).id;
  const { plan } = await redact({ finder: patternFinder(/(?<=pin: )\d{4}/g), asked: 'pin' });
  expect(plan).toMatchObject({ short: 1, texts: 1, places: 2 });
  putInto(archive).conversation({ source: 'codex', key: 'a' }, [said('1', 'pin: 4711'), said('2', 'of 4711 people')]);
  expect(textOf(id)).not.toContain('pin: 4711');
  expect(textOf(id)).toContain('of 4711 people');
});

it('lets an agent go on that still has it: its conversation stays one, without it, and the record is cleaned when that is asked for', async () => {
  const talk = (from: number, to: number): void => {
    for (let turn = from; turn < to; turn++) {
      const said = (index: number): object[] => [
        { role: 'user', content: `question ${index}, and ${CANARY} ${'more '.repeat(200)}` },
        ...(index < turn ? [{ role: 'assistant', content: `answer ${index} with ${CANARY}` }] : []),
      ];
      const messages = Array.from({ length: turn + 1 }, (_, index) => said(index)).flat();
      const deltas = [`answer ${turn} with zanzibar`, '-canary-4711'].map(
        (text) => ({ type: 'part-delta', index: 0, delta: { type: 'text', text } }) as const,
      );
      exchange(journal, { session: 'talk', body: { model: 'm', messages } }, [
        attempt(),
        {
          type: 'events',
          attempt: 0,
          events: [{ type: 'part-start', index: 0, part: { type: 'text' } }, ...deltas, { type: 'part-end', index: 0 }],
        },
        { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
      ]);
    }
  };
  let journal = await journalIn(data);
  talk(0, 4);
  await journal.close();
  await redact();
  expect(filesWith(CANARY, data)).toEqual([]);
  journal = await journalIn(data);
  talk(4, 6);
  await journal.close();
  catchUp(archive, data);
  const conversations = listConversations(archive, { limit: 5 });
  expect(conversations).toMatchObject([{ messages: 12, branches: 1 }]);
  expect(textOf(conversations[0]!.id)).not.toContain(CANARY);
  expect(filesWith(CANARY, data)).toContain('record.db');
  await redact({ once: true });
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(listConversations(archive, { limit: 5 })).toMatchObject([{ messages: 12, branches: 1 }]);
});

it('says which conversations are called by it', async () => {
  const { id } = putInto(archive).conversation({ source: 'codex', key: CANARY }, [said('1', 'words')]);
  const { plan, left } = await redact();
  expect(plan.messages.named).toEqual([id]);
  expect(left).toEqual([id]);
});

it('takes it out of some conversations only', async () => {
  const [one, two] = ['one', 'two'].map((key) => putInto(archive).conversation({ source: 'codex', key }, [said('1', `x ${CANARY}`)]).id);
  await redact({ within: () => [one!] });
  expect([textOf(one!), textOf(two!)].map((text) => text.includes(CANARY))).toEqual([false, true]);
  putInto(archive).conversation({ source: 'codex', key: 'one' }, [said('2', CANARY)]);
  putInto(archive).conversation({ source: 'codex', key: 'two' }, [said('2', CANARY)]);
  expect([textOf(one!), textOf(two!)].map((text) => text.includes(CANARY))).toEqual([false, true]);
});

it('goes on after it was cut off, also where nothing is found any more by what it was asked for', async () => {
  const ids = ['one', 'two'].map((key) => putInto(archive).conversation({ source: 'codex', key }, [said('1', `x ${CANARY}`)]).id);
  const handoffs = join(archive.folder, 'handoffs');
  const blocked = join(handoffs, `a ${ids[0]}.md.new`);
  mkdirSync(blocked, { recursive: true });
  writeFileSync(join(handoffs, `a ${ids[0]}.md`), CANARY);
  await expect(redact({ within: () => ids })).rejects.toThrow('EISDIR');
  expect(await checkArchive({ archive, dataFolder: data, now: 0 })).toContainEqual(
    expect.objectContaining({ state: 'bad', about: 'deletions and redactions' }),
  );
  rmSync(blocked, { recursive: true });
  await redact({ within: () => [] });
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(await checkArchive({ archive, dataFolder: data, now: 0 })).not.toContainEqual(expect.objectContaining({ state: 'bad' }));
});

it('rewrites copies of transcripts, which go on with what their originals say later', async () => {
  const home = join(root, 'home', 'projects', 'p');
  mkdirSync(home, { recursive: true });
  const path = join(home, '11111111-1111-4111-8111-111111111111.jsonl');
  const line = (uuid: string, text: string): string =>
    `${JSON.stringify({ type: 'user', uuid, parentUuid: null, sessionId: '11111111-1111-4111-8111-111111111111', timestamp: '2026-11-01T10:00:00.000Z', cwd: '/p', message: { role: 'user', content: text } })}\n`;
  writeFileSync(path, line('a', `hello ${CANARY}`) + line('b', 'second'));
  const store = {
    source: 'claude-code',
    root: join(root, 'home', 'projects'),
    kind: 'lines',
    keeps: (file: string) => file.endsWith('.jsonl'),
  } as unknown as Parameters<ReturnType<typeof protectionOf>['pass']>[0][number];
  const pass = async () => await protectionOf(archive).pass([store], { now: () => 1 });
  await pass();
  const [file] = openLedger(archive).all();
  const copy = join(archive.folder, file!.copy);
  expect(readFileSync(copy, 'utf8')).toContain(CANARY);
  const { plan } = await redact();
  expect(plan.copies).toMatchObject([{ becomes: 'rewritten' }]);
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(await pass()).toMatchObject({ bytes: 0, again: 0 });
  appendFileSync(path, line('c', 'third') + line('d', `and ${CANARY} once more`));
  expect(await pass()).toMatchObject({ grown: 1, again: 0 });
  expect(readFileSync(copy, 'utf8').split('\n')).toHaveLength(5);
  appendFileSync(path, line('e', 'fifth'));
  expect(await pass()).toMatchObject({ grown: 1, again: 0 });
  expect(filesWith(CANARY, data)).toEqual([]);
  const [conversation] = listConversations(archive, { limit: 5 });
  expect([...messagesOf(archive, conversation!.id)].map(({ parts }) => parts[0])).toMatchObject(
    ['hello [redacted]', 'second', 'third', 'and [redacted] once more', 'fifth'].map((text) => ({ text })),
  );
  // Written anew by its tool, it begins a new copy: without it.
  writeFileSync(path, line('a', `HELLO ${CANARY}`));
  expect(await pass()).toMatchObject({ again: 1 });
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(await pass()).toMatchObject({ again: 0, grown: 0 });
});
