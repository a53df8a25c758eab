import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOriginal } from '../../src/archive/store/originals.ts';
import { listConversations, messagesOf } from '../../src/archive/store/read.ts';
import { exportLines } from '../../src/archive/export-format.ts';
import {
  activity,
  chatgptConversation,
  chatgptMessage,
  chatgptNode,
  claudeConversation,
  claudeMessage,
  desk,
  simpleChat,
  NOW,
} from './builders.ts';
import type { Desk } from './builders.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.remove());

const json = (value: unknown): string => JSON.stringify(value);
const keys = (): string[] =>
  listConversations(at.archive, { limit: 1000 })
    .map(({ key }) => key)
    .toSorted();
const messages = (key: string) => [
  ...messagesOf(at.archive, listConversations(at.archive, { limit: 1000 }).find((one) => one.key === key)!.id),
];

describe('Claude', () => {
  const manifest = (names: readonly string[]): string =>
    json({
      version: '1.0',
      created_at: '2026-11-01T10:00:00Z',
      total_files: names.length,
      data_files: names.map((filename) => ({
        category: filename.replace(/-\d+\.zip$/, ''),
        part: 0,
        filename,
        export_url: 'https://secret.invalid/once',
      })),
    });

  it('takes an empty list beside what it has read for what it is', async () => {
    const zip = await at.zip('data.zip', { 'conversations.json': json([claudeConversation('a')]), 'projects.json': '[]' });
    const report = await at.import([zip]);
    expect(report.lists.unreadable).toEqual([]);
    expect(report.lists.skipped.map(({ reason }) => reason)).toEqual(['nothing is in it']);
    const alone = await at.import([at.file('conversations.json', '[]')]);
    expect(alone.counts.unreadable).toBe(1);
  });

  it('names missing parts over several runs, whatever browsers call the zips, and keeps no link', async () => {
    const listed = at.file(
      'manifest-1.json',
      manifest(['conversations-000.zip', 'conversations-001.zip', 'projects-000.zip', 'memories-000.zip']),
    );
    const first = await at.zip('conversations-000 (1).zip', { 'conversations.json': json([claudeConversation('a')]) });
    const report = await at.import([first, listed]);
    expect(report.lists.missing.map(({ where }) => where)).toEqual(['conversations-001.zip', 'projects-000.zip', 'memories-000.zip']);
    expect(json(report)).not.toContain('secret.invalid');

    const second = await at.zip('download(3).zip', { 'conversations.json': json([claudeConversation('b')]) });
    expect((await at.import([second])).lists.missing.map(({ where }) => where)).toEqual(['projects-000.zip', 'memories-000.zip']);
    const rest = [
      await at.zip('projects-000.zip', { 'projects/p.json': json({ uuid: 'p', name: 'P', docs: [], prompt_template: 'Be brief' }) }),
      await at.zip('memories-000.zip', {
        'memories/account-1.json': json({ account_uuid: 'account-1', conversations_memory: 'Likes tea' }),
      }),
    ];
    expect((await at.import(rest)).counts.missing).toBe(0);
    expect((await at.import([listed, first])).counts.missing).toBe(0);
    expect(keys()).toEqual(['a', 'b', 'memories:account-1', 'project:p']);
    const kept = readdirSync(join(at.folder, 'data/archive/originals'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    for (const one of kept) expect(readFileSync(join(one.parentPath, one.name)).includes('secret.invalid')).toBe(false);
    const marks = at.archive.database.prepare('SELECT value FROM marks').all();
    expect(json(marks)).not.toContain('secret.invalid');
  });

  it('labels accounts, also those whose conversations came before', async () => {
    await at.import([at.file('conversations.json', json([claudeConversation('a')]))]);
    expect(listConversations(at.archive, { limit: 1 })[0]!.account).toBe('account-1');
    await at.import([at.file('users.json', json([{ uuid: 'account-1', full_name: 'Ada', email_address: 'ada@example.invalid' }]))]);
    expect(listConversations(at.archive, { limit: 1 })[0]!.account).toBe('ada@example.invalid');
  });

  it('takes artifacts with what is in them, and design chats', async () => {
    const zip = await at.zip('frames-000.zip', {
      'artifacts/x/artifact.json': json({
        id: 'x',
        kind: 'artifact',
        visibility: 'private',
        active_version: 'v1',
        versions: [
          { id: 'v1', title: 'Report' },
          { id: 'v2', title: 'Lost' },
        ],
      }),
      'artifacts/x/versions/v1.html': '<p>hello</p>',
    });
    expect(await at.import([zip])).toMatchObject({ counts: { unreadable: 0 } });
    expect(messages('artifact:x').map(({ parts }) => parts)).toMatchObject([
      [{ type: 'file', content: { type: 'text', text: '<p>hello</p>' } }],
      [{ type: 'file', content: { type: 'missing' } }],
    ]);
  });

  it('pairs calls with results, keeps thoughts, and does not show placeholders', async () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 's' },
      { type: 'tool_use', name: 'web_search', input: { query: 'x' } },
      { type: 'tool_result', name: 'web_search', content: [{ type: 'text', text: 'found' }], is_error: true },
      { type: 'something_new', data: 1 },
    ];
    const text = '```\nThis block is not supported on your current device yet.\n```';
    await at.import([
      at.file('c.json', json([claudeConversation('a', 0, { chat_messages: [claudeMessage(1), claudeMessage(2, { content, text })] })])),
    ]);
    expect(messages('a')[1]!.parts).toMatchObject([
      { type: 'reasoning', text: 'Hm.', signature: 's' },
      { type: 'tool-call', id: 'call-1', name: 'web_search', arguments: '{"query":"x"}' },
      { type: 'tool-result', callId: 'call-1', isError: true, content: [{ type: 'text', text: 'found' }] },
      { type: 'opaque', value: { type: 'something_new' } },
    ]);
  });
});

describe('ChatGPT', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

  it('takes shards, finds files by their ids whatever their suffix, and says which shard is missing', async () => {
    const shown = chatgptConversation('pic', {
      q: chatgptNode(
        'q',
        null,
        chatgptMessage('user', {
          content_type: 'multimodal_text',
          parts: [{ content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_0001' }, 'what?'],
        }),
      ),
      a: chatgptNode('a', 'q', chatgptMessage('assistant', 'A pixel', { status: 'in_progress' })),
    });
    const zip = await at.zip('export.zip', {
      'conversations-000.json': json([simpleChat('one')]),
      'conversations-001.json': json([shown]),
      'export_manifest.json': json({ export_files: [0, 1, 2].map((part) => ({ path: `conversations-00${part}.json` })) }),
      'conversation_asset_file_names.json': json({ 'file_0001.dat': 'photo.png' }),
      'user.json': json({ id: 'u', email: 'ada@example.invalid', chatgpt_plus_user: true }),
      'shared_conversations.json': json([{ id: 's', conversation_id: 'one', title: 'x' }]),
      'group_chats.json': json({ chats: [] }),
      'file_0001.dat': png,
      'file-unused.dat': png,
    });
    const report = await at.import([zip]);
    expect(report.counts.unreadable).toBe(0);
    expect(report.lists.missing).toMatchObject([{ where: 'conversations-002.json' }]);
    expect(
      report.lists.skipped.map(({ where }) => where.split(' › ')[1] ?? '').toSorted((left, right) => left.localeCompare(right)),
    ).toEqual(['file-unused.dat', 'group_chats.json', 'shared_conversations.json']);
    const [question, answer] = messages('pic');
    const [file] = question!.parts;
    expect(file).toMatchObject({ type: 'file', name: 'photo.png', mediaType: 'image/png', content: { type: 'stored', size: png.length } });
    expect(file?.type === 'file' && file.content.type === 'stored' && readOriginal(at.archive, file.content.sha256)).toEqual(png);
    expect(answer).toMatchObject({ status: 'interrupted', producer: { provider: 'openai', model: 'gpt-5' } });
    expect(listConversations(at.archive, { limit: 1 })[0]!.account).toBe('ada@example.invalid');
  });

  it('takes a part that comes later, and then the files that an older part was waiting for', async () => {
    const chat = chatgptConversation('pic', {
      q: chatgptNode(
        'q',
        null,
        chatgptMessage('user', {
          content_type: 'multimodal_text',
          parts: [{ content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-abc' }],
        }),
      ),
    });
    const first = await at.zip('one.zip', { 'conversations.json': json([chat]) });
    await at.import([first]);
    expect(messages('pic')[0]!.parts).toMatchObject([{ content: { type: 'missing' } }]);
    expect((await at.import([first])).lists.noted[0]!.reason).toContain('were not there');
    const second = await at.zip('two.zip', { 'file-abc-photo.png': png });
    await at.import([first, second]);
    expect(messages('pic')[0]!.parts).toMatchObject([{ content: { type: 'stored' } }]);
  });

  it('pairs calls with results, hides what is hidden, reads what builds without `children` and status say', async () => {
    const mapping = {
      root: { id: 'root', parent: null, message: null },
      s: chatgptNode('s', 'root', chatgptMessage('system', '', { metadata: { is_visually_hidden_from_conversation: true } })),
      q: {
        id: 'q',
        parent: 's',
        message: { id: 'q', author: { role: 'user' }, content: { content_type: 'text', parts: ['run'] }, metadata: {} },
      },
      c: chatgptNode(
        'c',
        'q',
        chatgptMessage('assistant', { content_type: 'code', language: 'unknown', text: 'print(42)' }, { recipient: 'python' }),
      ),
      t: chatgptNode(
        't',
        'c',
        chatgptMessage('tool', { content_type: 'execution_output', text: '42' }, { author: { role: 'tool', name: 'python' } }),
      ),
      n: chatgptNode('n', 't', chatgptMessage('assistant', { content_type: 'brand_new', thing: 1 })),
    };
    const report = await at.import([
      at.file('x.json', json({ conversations: [chatgptConversation('r', mapping, { current_node: 'n' })] })),
    ]);
    expect(report.lists.noted).toMatchObject([{ reason: expect.stringContaining('brand_new') }]);
    expect(messages('r')).toMatchObject([
      { role: 'system', hidden: true },
      { role: 'user', parent: 's', status: 'complete' },
      { parts: [{ type: 'tool-call', id: 'c', name: 'python', kind: 'custom', arguments: '{"input":"print(42)"}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', content: [{ type: 'text', text: '42' }] }] },
      { parts: [{ type: 'opaque', value: { content_type: 'brand_new' } }] },
    ]);
  });
});

describe('Gemini Takeout', () => {
  it('is the same conversation from JSON and from the page', async () => {
    await at.import([at.file('a/MyActivity.json', json([activity('Prompted Why?')]))]);
    const page = `<html><body><div class="outer-cell"><div class="header-cell"><p>Gemini Apps<br></p></div><div class="content-cell">Prompted&nbsp;Why?<br>Oct 1, 2026, 10:00:00 AM UTC<br><p>An <b>answer</b></p></div></div></body></html>`;
    const report = await at.import([at.file('b/MyActivity.html', page)]);
    expect(report.sources[0]!.conversations).toMatchObject({ found: 1, added: 0 });
    expect(keys()).toHaveLength(1);
  });

  it('groups entries that link to their conversation, oldest first, and says when a page is cut off', async () => {
    const cell = (text: string, second: number): string =>
      `<div class="outer-cell"><div class="header-cell"><p>Gemini Apps</p></div><div class="content-cell">Prompted&nbsp;${text}<br>Oct 1, 2026, 10:00:0${second} AM UTC<br><p>to ${text}</p></div><div class="content-cell mdl-typography--caption"><a href="https://gemini.google.com/app/t1">x</a></div></div>`;
    const report = await at.import([
      at.file('MyActivity.html', `<html><style>${'x'.repeat(20_000)}</style>${cell('second', 2)}${cell('first', 1)}`),
    ]);
    expect(report.lists.unreadable).toMatchObject([{ reason: expect.stringContaining('cut off') }]);
    expect(messages('t1').map(({ parts }) => parts[0])).toMatchObject([
      { text: 'first' },
      { text: 'to first' },
      { text: 'second' },
      { text: 'to second' },
    ]);
    expect(messages('t1')[2]!.parent).toBe(messages('t1')[1]!.key);
  });

  it('leaves other products of a Takeout alone', async () => {
    const zip = await at.zip('takeout.zip', {
      'Takeout/My Activity/Gemini Apps/MyActivity.json': json([activity('Prompted Why?', { attachedFiles: ['plan.pdf'] })]),
      'Takeout/My Activity/Gemini Apps/plan.pdf': '%PDF-1.7 x',
      'Takeout/My Activity/Search/MyActivity.json': json([
        { header: 'Search', title: 'Searched for x', time: '2026-10-01T10:00:00Z', products: ['Search'] },
      ]),
      'Takeout/Photos/x.json': json({ title: 'x.jpg' }),
    });
    const report = await at.import([zip]);
    expect(report.counts).toMatchObject({ unreadable: 0, skipped: 2 });
    expect(report.sources[0]!.attachments).toMatchObject({ stored: 1, missing: 0 });
  });

  it('reads the conversation history of Workspace accounts', async () => {
    const turns = [
      { user_turn: { prompt: 'hi', turn_index: 0 } },
      { system_turn: { text: [{ data: 'hello' }], model_thoughts: [{ headline: 'H', description: 'd' }], turn_index: 1 } },
      { system_turn: { text: [{ data: 'hello again' }], turn_index: 1 } },
    ];
    await at.import([
      at.file('conversation_3.txt', json({ title: 'T', creation_time: '2026-10-01T10:00:00Z', conversation_turns: turns })),
    ]);
    expect(messages('turns:2026-10-01T10:00:00Z').map(({ parent }) => parent)).toEqual([undefined, 'user:0', 'user:0']);
  });
});

describe("Understudy's own export", () => {
  const head = { source: 'chatgpt' as const, key: 'k', title: 'T' };
  const message = { key: '1', role: 'user' as const, status: 'complete' as const, parts: [{ type: 'text' as const, text: 'hi' }] };

  it('comes back as it was, with its files', async () => {
    const bytes = Buffer.from('bytes');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const withFile = {
      ...message,
      key: '2',
      parent: '1',
      parts: [{ type: 'file' as const, name: 'a.bin', content: { type: 'stored' as const, sha256, size: bytes.length } }],
    };
    const text = [...exportLines([{ head, messages: [message, withFile] }], NOW)].join('');
    const zip = await at.zip('export.zip', { 'export.jsonl': text, [`originals/${sha256}`]: bytes });
    expect(await at.import([zip])).toMatchObject({ counts: { unreadable: 0, skipped: 0 } });
    expect(messages('k')).toEqual([message, withFile]);
    expect(readOriginal(at.archive, sha256)).toEqual(bytes);
  });

  it('is known to be torn, and wrong lines are said', async () => {
    const lines = [...exportLines([{ head, messages: [message] }], NOW)];
    const report = await at.import([at.file('x.jsonl', `${lines.slice(0, -1).join('')}{"message":{"key":7}}\n{"message":{"ke`)]);
    expect(report.lists.unreadable.map(({ reason }) => reason.slice(0, 24))).toEqual([
      'a message without key or',
      'the last line is torn (i',
      'it has no last line: the',
    ]);
    expect(messages('k')).toEqual([message]);
  });
});
