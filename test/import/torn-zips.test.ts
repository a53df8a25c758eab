/** Zips whose download was cut off, or whose list of files is damaged: what is there is taken, what is not is said, each time. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { deflateRawSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/archive/import/limits.ts';
import type { ImportReport } from '../../src/archive/import/report.ts';
import { listConversations } from '../../src/archive/store/read.ts';
import { chatgptConversation, chatgptMessage, chatgptNode, claudeConversation, desk } from './builders.ts';
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
const reasons = ({ lists }: ImportReport): string[] =>
  lists.unreadable.map(({ where, reason }) => `${where.split(' › ')[1] ?? 'zip'}: ${reason}`);

/** As a program writes a zip that does not know sizes beforehand: they follow each file. */
async function streamed(files: Readonly<Record<string, string | Buffer>>, compress = true): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    const stream = new PassThrough();
    stream.end(content);
    zip.addReadStream(stream, name, { compress });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const talks = (...ids: string[]): string =>
  json(ids.map((id) => claudeConversation(id, 4, { name: createHash('sha512').update(id).digest('hex') })));
const CENTRAL = Buffer.from('PK\u0001\u0002', 'latin1');

describe('a zip without its end', () => {
  it.each([
    ['with sizes in front', (files: Record<string, string>) => at.zip('x.zip', files).then((path) => readFileSync(path))],
    ['with sizes behind', (files: Record<string, string>) => streamed(files)],
    ['with sizes behind, not packed', (files: Record<string, string>) => streamed(files, false)],
  ])('%s, is read as far as it goes', async (_, build) => {
    const bytes = await build({ 'conversations.json': talks('a'), 'projects/b.json': '{}', 'more/conversations.json': talks('c', 'd') });
    // Without its list; then cut off in the middle of the last file.
    const whole = await at.import([at.file('no-list.zip', bytes.subarray(0, bytes.indexOf(CENTRAL)))]);
    expect(keys()).toEqual(['a', 'c', 'd']);
    expect(whole.lists.unreadable[0]).toMatchObject({ reason: expect.stringMatching(/torn: its end.*Files found in it one by one.*: 3$/) });

    const other = desk();
    try {
      const second = bytes.indexOf('more/conversations.json');
      const cut = bytes.subarray(0, Math.floor((second + bytes.indexOf(CENTRAL)) / 2));
      const path = other.file('cut.zip', cut);
      const first = await other.import([path]);
      expect(listConversations(other.archive, { limit: 9 }).map(({ key }) => key)).toContain('a');
      expect(reasons(first).join('\n')).toMatch(/more\/conversations\.json: it is cut off/);
      const again = await other.import([path]);
      expect(again.lists.unreadable).toEqual(first.lists.unreadable);
      expect(again.sources[0]!.conversations).toMatchObject({ added: 0, changed: 0 });
    } finally {
      other.remove();
    }
  });

  it('at whatever byte it is cut, never crashes, and is never silent', async () => {
    const bytes = await streamed({ 'conversations.json': talks('a', 'b'), 'users.json': '[]', 'more/conversations.json': talks('c') });
    for (let end = 5; end < bytes.length; end += 61) {
      const report = await at.import([at.file('x.zip', bytes.subarray(0, end))], { dryRun: true });
      expect(report.stopped).toBeUndefined();
      expect(report.counts.unreadable, `cut at ${end}`).toBeGreaterThan(0);
    }
  });
});

describe('a zip with damage', () => {
  it('in its list of files is read without it, and what was lost is named', async () => {
    const path = await at.zip('x.zip', { 'conversations.json': talks('a'), 'more/conversations.json': talks('b'), 'users.json': '[]' });
    const bytes = readFileSync(path);
    // The mark of the list's third entry, and of the second file.
    const second = bytes.indexOf('more/conversations.json') - 30;
    const third = bytes.lastIndexOf(CENTRAL);
    bytes.write('XX', second);
    bytes.write('XX', third);
    writeFileSync(path, bytes);
    const report = await at.import([path]);
    expect(keys()).toEqual(['a']);
    expect(reasons(report)).toEqual([
      expect.stringMatching(/^zip: it is damaged.*Files found in it one by one.*: 2$/),
      'more/conversations.json: the zip names it, and its bytes are not where a file begins',
    ]);
  });

  it('within a file costs that file only', async () => {
    const bytes = await streamed({ 'more/conversations.json': talks('a', 'b', 'c', 'd', 'e', 'f'), 'conversations.json': talks('z') });
    bytes.fill(0xff, 200, 260);
    const report = await at.import([at.file('x.zip', bytes.subarray(0, -30))]);
    expect(keys()).toContain('z');
    expect(reasons(report).join('\n')).toContain('more/conversations.json');
  });
});

describe('a torn zip that is made to harm', () => {
  const header = (name: string, packed: Buffer, { flags = 8, unpacked = 0 } = {}): Buffer => {
    const fixed = Buffer.alloc(30);
    fixed.writeUInt32LE(0x04034b50, 0);
    fixed.writeUInt16LE(20, 4);
    fixed.writeUInt16LE(flags, 6);
    fixed.writeUInt16LE(8, 8);
    if (flags === 0) fixed.writeUInt32LE(packed.length, 18);
    fixed.writeUInt32LE(unpacked, 22);
    fixed.writeUInt16LE(name.length, 26);
    return Buffer.concat([fixed, Buffer.from(name), packed]);
  };
  const bomb = deflateRawSync(Buffer.alloc(80_000_000, 0x20));

  it('is refused as a whole one is', async () => {
    const whole = await at.import([at.file('bomb.zip', header('conversations.json', bomb))]);
    expect(reasons(whole)).toEqual([expect.stringContaining('--limit ratio=')]);
    const lying = await at.import([at.file('lie.zip', header('conversations.json', bomb, { flags: 0, unpacked: 100 }))]);
    expect(reasons(lying).join('\n')).toContain('it unpacks to more than it says');
    const files = Buffer.concat(['a', 'b', 'c'].map((name) => header(name, deflateRawSync('1'))));
    expect(reasons(await at.import([at.file('files.zip', files)], { limits: { ...LIMITS, files: 2 } }))[0]).toContain('--limit files=');
    expect(reasons(await at.import([at.file('size.zip', files)], { limits: { ...LIMITS, unpacked: 2 } }))[0]).toContain(
      '--limit unpacked=',
    );
  });

  it('writes nothing by its names, and opens nothing that is encrypted', async () => {
    const good = deflateRawSync(talks('a'));
    const bytes = Buffer.concat([
      header('../../../../x.json', good),
      header('locked.json', good, { flags: 1, unpacked: 10 }),
      header('conversations.json', good),
    ]);
    const report = await at.import([at.file('x.zip', bytes)]);
    expect(reasons(report).slice(1, 3)).toEqual([expect.stringContaining('leads out of the zip'), expect.stringContaining('encrypted')]);
    expect(keys()).toEqual(['a']);
  });
});

describe('a second import', () => {
  it('says what could not be read as the first one did', async () => {
    const zip = await at.zip('x.zip', { 'conversations.json': talks('a'), 'odd.json': '{"what": 1}' });
    const first = await at.import([zip]);
    expect(first.lists.unreadable).toMatchObject([{ where: `${zip} › odd.json` }]);
    expect((await at.import([zip])).lists.unreadable).toEqual(first.lists.unreadable);
  });

  it('says which parts are missing as the first one did', async () => {
    const mapping = { root: chatgptNode('root', null, null), q: chatgptNode('q', 'root', chatgptMessage('user', 'Hello')) };
    const manifest = { export_files: [{ path: 'conversations-000.json' }, { path: 'conversations-001.json' }] };
    const zip = await at.zip('x.zip', {
      'conversations-000.json': json([chatgptConversation('c', mapping)]),
      'export_manifest.json': json(manifest),
    });
    const first = await at.import([zip]);
    expect(first.lists.missing).toMatchObject([{ where: 'conversations-001.json' }]);
    const again = await at.import([zip]);
    expect(again.lists.missing.map(({ where, reason }) => [where, reason])).toEqual(
      first.lists.missing.map(({ where, reason }) => [where, reason]),
    );
    expect(again.sources[0]!.files).toEqual({ read: 0, readBefore: 2 });
  });

  it('says which picture is damaged, and so does the first', async () => {
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20_000, 7)]);
    const content = {
      content_type: 'multimodal_text',
      parts: [{ content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_1' }],
    };
    const mapping = { root: chatgptNode('root', null, null), q: chatgptNode('q', 'root', chatgptMessage('user', content)) };
    const zip = await at.zip('x.zip', { 'conversations.json': json([chatgptConversation('c', mapping)]), 'file_1.png': picture });
    const bytes = readFileSync(zip);
    // Its checksum, in the list of files.
    const entry = bytes.lastIndexOf(CENTRAL);
    bytes.writeUInt32LE(1, entry + 16);
    writeFileSync(zip, bytes);
    const first = await at.import([zip]);
    expect(first.lists.unreadable).toMatchObject([{ where: `${zip} › file_1.png`, reason: expect.stringContaining('checksum') }]);
    expect((await at.import([zip])).lists.unreadable).toEqual(first.lists.unreadable);
  });
});
