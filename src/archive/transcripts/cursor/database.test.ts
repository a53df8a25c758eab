/** Databases in the shape that programs which read Cursor's agree on; no real one was to be had. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../import/limits.ts';
import { runImport } from '../../import/run-import.ts';
import { overviewOf } from '../../protect/overview.ts';
import { protectionOf } from '../../protect/pass.ts';
import { testHome, type TestHome } from '../../protect/testing/homes.ts';
import { listConversations, messagesOf } from '../../store/read.ts';
import { transcriptReaders } from '../readers.ts';
import { openCursor } from './database.ts';

let home: TestHome;
let path: string;
beforeEach(() => {
  home = testHome();
  path = join(home.home, '.config/Cursor/User/globalStorage/state.vscdb');
  mkdirSync(dirname(path), { recursive: true });
});
afterEach(() => home.close());

const AT = Date.UTC(2026, 10, 1, 10);
const ID = '98251e54-8aed-4515-b2b4-08895453eedd';

type Rows = Record<string, unknown>;

/** Writes rows, as text, or as they are where they are bytes. */
function write(rows: Rows, { table = 'cursorDiskKV', to = path }: { table?: string; to?: string } = {}): void {
  const database = new DatabaseSync(to);
  for (const name of ['ItemTable', table])
    database.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)`);
  const put = database.prepare(`INSERT INTO ${table} (key, value) VALUES (?, ?)`);
  for (const [key, value] of Object.entries(rows))
    put.run(key, value instanceof Uint8Array || value === null ? value : JSON.stringify(value));
  database.prepare("INSERT INTO ItemTable (key, value) VALUES ('cursorAuth/accessToken', 'secret-token')").run();
  database.close();
}

function chat(id: string, bubbles: Record<string, object>, more: object = {}): Rows {
  return {
    [`composerData:${id}`]: {
      _v: 10,
      composerId: id,
      fullConversationHeadersOnly: Object.entries(bubbles).map(([bubbleId, bubble]) => ({
        bubbleId,
        type: (bubble as { type: number }).type,
      })),
      conversationMap: {},
      status: 'completed',
      createdAt: AT,
      lastUpdatedAt: AT + 9000,
      modelConfig: { modelName: 'default' },
      ...more,
    },
    ...Object.fromEntries(
      Object.entries(bubbles).map(([bubbleId, bubble]) => [`bubbleId:${id}:${bubbleId}`, { _v: 3, bubbleId, ...bubble }]),
    ),
  };
}

const TALK = {
  b1: {
    type: 1,
    text: 'Why is the build red?',
    createdAt: new Date(AT).toISOString(),
    modelInfo: { modelName: 'claude-4.5-opus' },
    images: [{ name: 'red.png' }],
  },
  b2: {
    type: 2,
    text: '',
    capabilityType: 30,
    thinking: { text: 'Look first.', signature: 'c2ln' },
    createdAt: new Date(AT + 1000).toISOString(),
  },
  b3: {
    type: 2,
    text: 'I look.',
    toolFormerData: {
      tool: 5,
      name: 'read_file_v2',
      toolCallId: 'toolu_1',
      status: 'completed',
      rawArgs: '{"path":"a.ts"}',
      params: '{"targetFile":"/w/a.ts"}',
      result: '{"contents":"x"}',
    },
    tokenCount: { inputTokens: 1900, outputTokens: 268 },
  },
  b4: {
    type: 2,
    text: '',
    toolFormerData: {
      name: 'run_terminal_command_v2',
      toolCallId: 'toolu_2',
      status: 'cancelled',
      userDecision: 'rejected',
      rawArgs: '',
      params: '{"command":"rm x"}',
    },
  },
  b5: { type: 2, text: '', codeBlocks: [{ content: 'let x = 1;', languageId: 'typescript' }] },
  b6: { type: 2, text: '' },
};

const read = (given = home.open()) =>
  listConversations(given, { limit: 20, everything: true }).map((each) => ({ ...each, said: [...messagesOf(given, each.id)] }));

const imported = (archive = home.open(), place = path) =>
  runImport([place], { archive, readers: transcriptReaders, limits: LIMITS, now: Date.now });

describe('a database of Cursor', () => {
  it('is read: questions, thoughts, calls with their results, who answered, where', async () => {
    write(chat(ID, TALK, { name: 'Red build', createdOnBranch: 'main', workspaceIdentifier: { uri: { fsPath: '/w/app' } } }));
    const archive = home.open();
    const report = await imported(archive);
    expect(report.counts).toMatchObject({ unreadable: 0, skipped: 0, noted: 1 });
    const [one, ...others] = read(archive);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      source: 'cursor',
      key: `composer/${ID}`,
      session: ID,
      title: 'Red build',
      project: '/w/app',
      branch: 'main',
      createdAt: AT,
      updatedAt: AT + 9000,
    });
    expect(one!.said.map(({ key, parent, role, producer }) => [key, parent, role, producer?.model])).toEqual([
      ['b1', undefined, 'user', undefined],
      ['b2', 'b1', 'assistant', 'claude-4.5-opus'],
      ['b3', 'b2', 'assistant', 'claude-4.5-opus'],
      ['b3/result', 'b3', 'tool', undefined],
      ['b4', 'b3/result', 'assistant', 'claude-4.5-opus'],
      ['b4/result', 'b4', 'tool', undefined],
      ['b5', 'b4/result', 'assistant', 'claude-4.5-opus'],
    ]);
    const parts = one!.said.map(({ parts: each }) => each);
    expect(parts[0]).toMatchObject([
      { type: 'text', text: 'Why is the build red?' },
      { type: 'file', name: 'red.png', content: { type: 'missing' } },
    ]);
    expect(parts[1]).toMatchObject([{ type: 'reasoning', text: 'Look first.', signature: 'c2ln' }]);
    expect(parts[2]).toMatchObject([
      { text: 'I look.' },
      { type: 'tool-call', id: 'toolu_1', name: 'read_file_v2', arguments: '{"path":"a.ts"}' },
    ]);
    expect(parts[3]).toMatchObject([{ callId: 'toolu_1', content: [{ text: '{"contents":"x"}' }], isError: false }]);
    expect(parts[4]).toMatchObject([{ arguments: '{"command":"rm x"}' }]);
    expect(parts[5]).toMatchObject([{ callId: 'toolu_2', content: [{ text: 'not allowed' }], isError: true }]);
    expect(parts[6]).toMatchObject([{ text: '```typescript\nlet x = 1;\n```' }]);
    expect(one!.said[2]).toMatchObject({ usage: { input: 1900, output: 268 } });
    expect(one!.said[0]!.at).toBe(AT);
    expect((await imported(archive)).sources[0]!.conversations).toMatchObject({ added: 0, changed: 0 });
  });

  it('is read in its older build, as bytes, and as text within text', async () => {
    const bubbles = [
      { type: 1, bubbleId: 'x', text: 'Old?' },
      { type: 2, bubbleId: 'y', text: 'Yes.' },
    ];
    write({
      'composerData:old': { _v: 3, composerId: 'old', createdAt: AT, conversation: bubbles },
      'composerData:map': { _v: 1, createdAt: AT, conversationMap: { p: { type: 1, text: 'Map?' } } },
      'composerData:bytes': Buffer.from(JSON.stringify({ createdAt: AT, conversation: bubbles })),
      'composerData:twice': JSON.stringify({ createdAt: AT, conversation: bubbles }),
    });
    const archive = home.open();
    expect((await imported(archive)).counts.unreadable).toBe(0);
    expect(
      read(archive)
        .map(({ key, messages }) => [key, messages])
        .toSorted(([left], [right]) => String(left).localeCompare(String(right))),
    ).toEqual([
      ['composer/bytes', 2],
      ['composer/map', 1],
      ['composer/old', 2],
      ['composer/twice', 2],
    ]);
  });

  it('has sub-agents, chats without a word, and rows that were deleted', async () => {
    write({
      ...chat(ID, TALK, { subagentComposerIds: ['child'] }),
      ...chat('child', { c1: { type: 1, text: 'Search it.' } }),
      ...chat('empty', {}, { status: 'none' }),
      'composerData:gone': null,
    });
    const archive = home.open();
    expect((await imported(archive)).counts).toMatchObject({ unreadable: 0, skipped: 0 });
    expect(
      read(archive)
        .map(({ key, startedBy }) => [key, startedBy?.key])
        .toSorted(([left], [right]) => String(left).localeCompare(String(right))),
    ).toEqual([
      ['composer/98251e54-8aed-4515-b2b4-08895453eedd', undefined],
      ['composer/child', `composer/${ID}`],
    ]);
  });

  it('says what of it is not known', async () => {
    write({
      ...chat(ID, { ...TALK, z: { type: 7, text: 'What am I?' } }),
      'bubbleId:98251e54-8aed-4515-b2b4-08895453eedd:b5': null,
    });
    const report = await imported();
    expect(report.lists.skipped.map(({ reason }) => reason)).toEqual([
      '1 of a kind that is not known here: message that the database lists and does not have',
      '1 of a kind that is not known here: message of type 7',
    ]);
  });

  it('of another build is refused, with what was found', async () => {
    write({ 'composerData:new': { _v: 99, turns: [{ said: 'Hello' }] }, 'composerData:torn': Buffer.from('{"_v": 10, "conv') });
    const report = await imported();
    expect(report.lists.unreadable.map(({ reason }) => reason)).toEqual([
      '1 of a kind that is not known here: conversation without a list of its messages',
      '1 of a kind that is not known here: conversation that is no JSON',
    ]);
    const other = join(home.home, 'a/state.vscdb');
    mkdirSync(dirname(other));
    write({ x: 1 }, { table: 'newDiskKV', to: other });
    expect((await imported(undefined, other)).lists.unreadable[0]!.reason).toBe(
      'it has no table cursorDiskKV; there are: ItemTable, newDiskKV',
    );
    const old = join(home.home, 'b/state.vscdb');
    mkdirSync(dirname(old));
    write({ 'workbench.panel.aichat.view.aichat.chatdata': { tabs: [] } }, { table: 'ItemTable', to: old });
    expect((await imported(undefined, old)).lists.unreadable[0]!.reason).toContain('before conversations had tables');
    expect(openCursor(join(home.home, 'nowhere.vscdb')).ok).toBe(false);
  });

  it('is not kept itself: its account is in it', async () => {
    write(chat(ID, TALK));
    const archive = home.open();
    await imported(archive);
    await protectionOf(archive).pass(home.stores, { now: Date.now });
    expect(archive.database.prepare('SELECT count(*) AS count FROM originals').get()).toEqual({ count: 0 });
    expect(archive.database.prepare('SELECT count(*) AS count FROM protected_files').get()).toEqual({ count: 0 });
  });
});

describe('protection', () => {
  it('reads it, and what is new in it, and shows once what its transcript tells too', async () => {
    write(chat(ID, TALK));
    const archive = home.open();
    const protection = protectionOf(archive);
    const pass = () => protection.pass(home.stores, { now: Date.now });
    expect(await pass()).toMatchObject({ conversations: { added: 1, changed: 0 }, messages: 7, troubles: [] });
    expect(await pass()).toMatchObject({ conversations: { added: 0, changed: 0 }, messages: 0, troubles: [] });
    expect(overviewOf(home.stores, home.machine, Date.now())).toMatchObject([{ title: 'Cursor', sessions: 1, files: 1 }]);
    write(chat(ID, { ...TALK, b7: { type: 1, text: 'And now?' } }, { lastUpdatedAt: AT + 20_000, status: 'aborted' }));
    expect(await pass()).toMatchObject({ conversations: { added: 0, changed: 1 }, messages: 1, troubles: [] });
    home.write(
      `.cursor/projects/w-app/agent-transcripts/${ID}/${ID}.jsonl`,
      `${JSON.stringify({ role: 'user', message: { content: [{ type: 'text', text: 'Why is the build red?' }] } })}\n`,
    );
    await pass();
    expect(listConversations(archive, { limit: 9 }).map(({ key }) => key)).toEqual([`composer/${ID}`]);
  });

  it('says each time that one of another build has changed that it can’t be read', async () => {
    write({ 'composerData:new': { _v: 99, createdAt: AT, turns: [] } });
    const { troubles } = await protectionOf(home.open()).pass(home.stores, { now: Date.now });
    expect(troubles).toMatchObject([{ path, reason: expect.stringContaining('conversation without a list of its messages') }]);
  });
});
