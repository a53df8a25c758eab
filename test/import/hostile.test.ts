import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/archive/import/limits.ts';
import { listConversations, messagesOf } from '../../src/archive/store/read.ts';
import { claudeConversation, claudeMessage, desk, NOW } from './builders.ts';
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

  it('that are torn say so, and are read as far as they go; zip64 is read', async () => {
    const path = await at.zip('x.zip', { 'conversations.json': json([claudeConversation('a')]) });
    writeFileSync(path, readFileSync(path).subarray(0, -30));
    expect((await at.import([path])).lists.unreadable[0]!.reason).toContain('torn');
    expect(keys()).toEqual(['a']);
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(json([claudeConversation('b')])), 'conversations.json', { forceZip64Format: true });
    zip.end({ forceZip64Format: true, comment: '' });
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
    expect(await at.import([at.file('64.zip', Buffer.concat(chunks))])).toMatchObject({ counts: { unreadable: 0 } });
    expect(keys()).toEqual(['a', 'b']);
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
