import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { ZipFile } from 'yazl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/archive/import/limits.ts';
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
    expect(report.lists.skipped.map(({ where }) => where.split(' › ')[1]).toSorted()).toEqual([
      'file-unused.dat',
      'group_chats.json',
      'shared_conversations.json',
    ]);
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
    const second = await at.zip('two.zip', { 'conversations-001.json': json([simpleChat('two')]), 'file-abc-photo.png': png });
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

describe('zips', () => {
  it('that are bombs are refused by a limit that has a name', async () => {
    const bomb = await at.zip('bomb.zip', { 'conversations.json': Buffer.alloc(80_000_000, 0x20) });
    const report = await at.import([bomb]);
    expect(report.lists.unreadable).toMatchObject([{ where: bomb, reason: expect.stringContaining('--limit ratio=') }]);
    const files = await at.zip('files.zip', { a: '1', b: '2', c: '3' });
    expect((await at.import([files], { limits: { ...LIMITS, files: 2 } })).lists.unreadable[0]!.reason).toContain('--limit files=3');
    expect((await at.import([files], { limits: { ...LIMITS, unpacked: 2 } })).lists.unreadable[0]!.reason).toContain('--limit unpacked=');
  });

  it('that lie about sizes are found out', async () => {
    const path = await at.zip('lie.zip', { 'conversations.json': json([claudeConversation('a')]) });
    const bytes = readFileSync(path);
    const central = bytes.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    bytes.writeUInt32LE(100, central + 24);
    writeFileSync(path, bytes);
    expect((await at.import([path])).lists.unreadable).toHaveLength(1);
  });

  it('write nothing by the names in them, and links and passwords are said', async () => {
    const good = json([claudeConversation('a')]);
    const path = await at.zip('names.zip', {
      'conversations.json': good,
      'AAAAAAAAAAAAA.json': good,
      'link.json': 'x',
      'locked.json': good,
    });
    let bytes = readFileSync(path);
    bytes = Buffer.from(bytes.toString('latin1').replaceAll('AAAAAAAAAAAAA', '../../../../x'), 'latin1');
    const entry = (name: string): number => bytes.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'), bytes.lastIndexOf(name));
    bytes.writeUInt32LE(0o120777 * 65_536, entry('link.json') + 38);
    bytes.writeUInt16LE(bytes.readUInt16LE(entry('locked.json') + 8) | 1, entry('locked.json') + 8);
    writeFileSync(path, bytes);
    const report = await at.import([path]);
    expect(report.lists.unreadable.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('leads out of the zip'),
      expect.stringContaining('a link'),
      expect.stringContaining('encrypted'),
    ]);
    expect(keys()).toEqual(['a']);
  });

  it('within a zip are opened once, and no deeper', async () => {
    const inner = await at.zip('inner.zip', { 'conversations.json': json([claudeConversation('a')]) });
    const middle = await at.zip('middle.zip', { 'inner.zip': readFileSync(inner) });
    const outer = await at.zip('outer.zip', { 'middle.zip': readFileSync(middle) });
    expect(await at.import([middle])).toMatchObject({ counts: { unreadable: 0 } });
    expect((await at.import([outer])).lists.unreadable[0]!.reason).toContain('a zip in a zip in a zip');
    expect(readdirSync(join(at.folder, 'data/archive/incoming'))).toEqual([]);
  });

  it('that are torn say so; zip64 is read', async () => {
    const path = await at.zip('x.zip', { 'conversations.json': json([claudeConversation('a')]) });
    writeFileSync(path, readFileSync(path).subarray(0, -30));
    expect((await at.import([path])).lists.unreadable[0]!.reason).toContain('torn');
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(json([claudeConversation('b')])), 'conversations.json', { forceZip64Format: true });
    zip.end({ forceZip64Format: true, comment: '' });
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
    expect(await at.import([at.file('64.zip', Buffer.concat(chunks))])).toMatchObject({ counts: { unreadable: 0 } });
    expect(keys()).toEqual(['b']);
  });

  it('with a damaged file cost only that file', async () => {
    const path = await at.zip('x.zip', {
      'conversations.json': json([claudeConversation('a', 400)]),
      'users.json': json([{ uuid: 'u', full_name: 'x', email_address: 'y' }]),
    });
    const bytes = readFileSync(path);
    bytes[200] = bytes[200]! ^ 0xff;
    writeFileSync(path, bytes);
    const report = await at.import([path]);
    expect(report.lists.unreadable).toHaveLength(1);
    expect(report.lists.unreadable[0]!.where).toContain('conversations.json');
  });
});

describe('files', () => {
  it('that are cut off are read until there', async () => {
    const whole = json([claudeConversation('a'), claudeConversation('b'), claudeConversation('c')]);
    const report = await at.import([at.file('x.json', whole.slice(0, -40))]);
    expect(report.lists.unreadable).toMatchObject([{ reason: expect.stringMatching(/cut off after \d+ bytes, in the middle of \[2\]/) }]);
    expect(keys()).toEqual(['a', 'b']);
    // Not taken for read: the whole file may come under the same name, and its rest is added.
    await at.import([at.file('x.json', whole)]);
    expect(keys()).toEqual(['a', 'b', 'c']);
  });

  it('with a damaged conversation cost only that one', async () => {
    const report = await at.import([
      at.file('x.json', `[${json(claudeConversation('a'))},{"uuid": tru},7,null,${json(claudeConversation('b'))}]`),
    ]);
    expect(report.lists.unreadable.map(({ where }) => where.slice(-3))).toEqual(['[1]', '[2]', '[3]']);
    expect(keys()).toEqual(['a', 'b']);
  });

  it.each([
    ['with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['in UTF-16 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['in UTF-16 without one', (text: string) => Buffer.from(text, 'utf16le')],
    ['in UTF-16 the other way round', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['with CRLF', (text: string) => Buffer.from(text.replaceAll(',', ',\r\n'))],
  ])('%s are read', async (_, encode) => {
    const report = await at.import([at.file('x.json', encode(json([claudeConversation('ä', 2)])))]);
    expect(report.counts).toEqual({ unreadable: 0, missing: 0, skipped: 0, noted: 0 });
    expect(keys()).toEqual(['ä']);
  });

  it('with NUL, lone surrogates, bytes that are no UTF-8, wrong clocks, rings and ids that come twice are kept, and it is said', async () => {
    const odd = [
      claudeConversation('nul', 0, { name: 'a\u0000b', chat_messages: [claudeMessage(1, { text: 'x\u0000y\ud800', content: [] })] }),
      claudeConversation('clock', 2, { created_at: '1970-01-01T00:00:00Z', updated_at: '2099-01-01T00:00:00Z' }),
      claudeConversation('ring', 0, { chat_messages: [claudeMessage(1, { parent_message_uuid: 'm-2' }), claudeMessage(2)] }),
      claudeConversation('twice', 0, {
        chat_messages: [claudeMessage(1), claudeMessage(1), claudeMessage(1, { text: 'other', content: [] })],
      }),
    ];
    const text = json(odd).replace('human says 1', 'human \u0001says 1');
    const bytes = Buffer.from(text.replace('Conversation clock', 'Conversation \u00ff'), 'latin1');
    const report = await at.import([at.file('x.json', bytes)]);
    expect(report.counts.unreadable).toBe(0);
    const reasons = report.lists.noted.map(({ reason }) => reason).join('\n');
    for (const said of ['no UTF-8', 'control characters', 'clock was wrong', 'ring', 'told twice', 'had the id of another'])
      expect(reasons).toContain(said);
    expect(keys()).toEqual(['clock', 'nul', 'ring', 'twice']);
    expect(messages('twice')).toHaveLength(2);
    expect(messages('nul')[0]!.parts).toEqual([{ type: 'text', text: 'x\u0000y\ud800' }]);
    expect((await at.import([join(at.folder, 'in/x.json')], { again: true })).sources[0]!.conversations).toMatchObject({
      added: 0,
      changed: 0,
    });
  });

  it('that are nested 10,000 deep or hold 50 MB in one string are read', async () => {
    const deep = claudeConversation('deep', 0, { chat_messages: [claudeMessage(1, { content: 'DEEP' })] });
    const text = json([
      deep,
      claudeConversation('long', 0, { chat_messages: [claudeMessage(1, { content: [{ type: 'text', text: 'x'.repeat(50_000_000) }] })] }),
    ]);
    const report = await at.import([at.file('x.json', text.replace('"DEEP"', `${'[{"a":'.repeat(10_000)}1${'}]'.repeat(10_000)}`))]);
    expect(report.counts.unreadable).toBe(0);
    expect(report.lists.noted[0]!.reason).toContain('nested');
    expect(keys()).toEqual(['deep', 'long']);
    const small = await at.import([join(at.folder, 'in/x.json')], { again: true, limits: { ...LIMITS, conversation: 10_000_000 } });
    expect(small.lists.unreadable[0]!.reason).toContain('--limit conversation=');
  }, 60_000);

  it('that nobody knows are refused with what was found', async () => {
    const report = await at.import([
      at.file('a.json', '{"threads":[{"id":1}]}'),
      at.file('b.txt', 'hello'),
      at.file('c.tgz', Buffer.from([0x1f, 0x8b, 8, 0])),
      at.file('d.json', ''),
    ]);
    expect(report.lists.unreadable.map(({ reason, found }) => found ?? reason)).toEqual([
      expect.stringContaining('gzip'),
      'JSON, an object with the keys threads',
      'text "hello"',
      'an empty file',
    ]);
  });

  it('in folders are found; links are not followed', async () => {
    at.file('folder/deeper/x.json', json([claudeConversation('a')]));
    at.file('outside.json', json([claudeConversation('b')]));
    mkdirSync(join(at.folder, 'in/folder/empty'));
    symlinkSync(join(at.folder, 'in/outside.json'), join(at.folder, 'in/folder/link.json'));
    symlinkSync(join(at.folder, 'in/folder'), join(at.folder, 'in/folder/loop'));
    const report = await at.import([join(at.folder, 'in/folder')]);
    expect(report.lists.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('a link'),
      expect.stringContaining('a link'),
    ]);
    expect(keys()).toEqual(['a']);
  });
});

describe('an import', () => {
  it('that only looks writes nothing', async () => {
    const report = await at.import([at.file('x.json', json([claudeConversation('a')]))], { dryRun: true });
    expect(report.sources[0]!.conversations).toEqual({ found: 1, added: 0, changed: 0, same: 0 });
    expect(keys()).toEqual([]);
    expect(at.archive.database.prepare('SELECT count(*) AS count FROM marks').get()).toEqual({ count: 0 });
    expect(at.archive.database.prepare('SELECT count(*) AS count FROM originals').get()).toEqual({ count: 0 });
  });

  it('that is stopped keeps what it has, and goes on', async () => {
    const path = at.file('x.json', json(Array.from({ length: 50 }, (_, index) => claudeConversation(`c${index}`))));
    const stop = new AbortController();
    const inner = at.archive.database.prepare('SELECT count(*) AS count FROM conversations');
    let calls = 0;
    const report = await at.import([path], {
      signal: stop.signal,
      now: () => {
        calls += 1;
        if (calls === 20) stop.abort();
        return NOW;
      },
    });
    expect(report.stopped).toMatchObject({ by: 'interrupt' });
    const count = Number(inner.get()!['count']);
    expect(count).toBe(report.sources[0]!.conversations.added);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(50);
    expect((await at.import([path])).sources[0]!.conversations).toMatchObject({ added: 50 - count, same: count });
    expect(readdirSync(join(at.folder, 'data/archive/incoming'))).toEqual([]);
  });
});
