import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGgufModel } from './gguf-model.ts';
import { parseGguf } from './gguf-parse.ts';
import { type GgufValue, writeGguf } from './gguf-writer.fixtures.ts';
import { tinyModel } from './tiny-model.fixtures.ts';

const SAYS = [' Hello', ' there', '.'];
const whole = tinyModel({ says: SAYS, ends: true });

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'understudy-gguf-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function problemOf(bytes: Buffer): Promise<string> {
  const path = join(folder, 'model.gguf');
  writeFileSync(path, bytes);
  const read = await readGgufModel(path);
  return read.ok ? 'none' : read.error;
}

const withMetadata = (metadata: Record<string, GgufValue>): Buffer => tinyModel({ says: SAYS, ends: true, metadata });

describe('the head of a GGUF file', () => {
  test('says what model it is, how long its window is and what memory a token takes', async () => {
    const path = join(folder, 'tiny.gguf');
    writeFileSync(path, whole);
    expect(await readGgufModel(path)).toEqual({
      ok: true,
      value: {
        title: 'Tiny, of random weights',
        architecture: 'llama',
        size: whole.length,
        weights: expect.any(Number),
        context: 512,
        // 2 layers, 4 heads, keys and values of 16 numbers each, of 2 bytes.
        bytesPerToken: 2 * 4 * 32 * 2,
        hasTemplate: true,
        tools: false,
      },
    });
  });

  test('asks for more until it is all there, and then is the same wherever the bytes end', () => {
    const parsed = parseGguf(whole);
    if (parsed.type !== 'head') throw new Error('not read');
    const { head } = parsed;
    expect(head.needs).toBe(whole.length);
    const short = fc.integer({ min: 0, max: whole.length });
    fc.assert(
      fc.property(short, (length) => {
        const cut = parseGguf(whole.subarray(0, length));
        expect(cut.type === 'more' || (cut.type === 'head' && cut.head.needs === head.needs)).toBe(true);
      }),
    );
  });

  test('whatever bytes are damaged, nothing is thrown and no memory is asked for that the file does not have', () => {
    const place = fc.integer({ min: 0, max: 16_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }), (damages) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of damages) bytes[at] = byte;
        expect(['head', 'more', 'problem']).toContain(parseGguf(bytes).type);
      }),
    );
  });
});

describe('a file that cannot answer says why', () => {
  test('what is no GGUF file', async () => {
    expect(await problemOf(Buffer.from('<!doctype html><p>Not found'))).toContain('a web page');
    expect(await problemOf(Buffer.from('version https://git-lfs.github.com/spec/v1'))).toContain('a pointer to a file');
    expect(await problemOf(Buffer.from('PK\u0003\u0004 and so on'))).toContain('zip archive');
    expect(await problemOf(Buffer.from('hello, world'))).toContain('does not begin with GGUF');
    expect(await problemOf(Buffer.alloc(0))).toContain('empty');
    const there = await readGgufModel(join(folder, 'nowhere.gguf'));
    expect(there).toEqual({ ok: false, error: 'there is no such file' });
    expect(await readGgufModel(folder)).toMatchObject({ ok: false, error: expect.stringContaining('folder') });
  });

  test('what is cut off, in its head or in its weights', async () => {
    expect(await problemOf(whole.subarray(0, 3000))).toContain('ends within its head');
    expect(await problemOf(whole.subarray(0, whole.length - 100))).toBe(
      `it is cut off: it has ${whole.length - 100} of ${whole.length} bytes; download it again`,
    );
  });

  test('another version, the other byte order', async () => {
    const other = Buffer.from(whole);
    other.writeUInt32LE(1, 4);
    expect(await problemOf(other)).toContain('GGUF version 1');
    other.writeUInt32BE(3, 4);
    expect(await problemOf(other)).toContain('big-endian');
  });

  test('what is no model that answers', async () => {
    expect(await problemOf(withMetadata({ 'general.architecture': 'nomic-bert' }))).toContain('embeddings');
    expect(await problemOf(withMetadata({ 'general.type': 'mmproj' }))).toContain('mmproj');
    expect(await problemOf(withMetadata({ 'general.type': 'adapter' }))).toContain('LoRA');
    expect(await problemOf(withMetadata({ 'split.count': { u32: 3 }, 'split.no': { u32: 1 } }))).toContain('-00001-of-00003.gguf');
    expect(await problemOf(withMetadata({ 'split.count': { u32: 3 }, 'split.no': { u32: 0 } }))).toContain('has to be called');
    expect(await problemOf(withMetadata({ 'tokenizer.ggml.model': '' }))).toContain('no tokenizer');
    expect(await problemOf(writeGguf({ 'general.name': 'x' }, []))).toContain('general.architecture');
  });
});

test('a model in several files counts as all of them, and each has to be there and whole', async () => {
  const piece = (number: number): Buffer => withMetadata({ 'split.count': { u32: 2 }, 'split.no': { u32: number } });
  const [first, second] = [join(folder, 'm-00001-of-00002.gguf'), join(folder, 'm-00002-of-00002.gguf')];
  writeFileSync(first, piece(0));
  expect(await readGgufModel(first)).toEqual({ ok: false, error: `its piece 2 of 2, ${second}: there is no such file` });
  writeFileSync(second, piece(1).subarray(0, -64));
  expect(await readGgufModel(first)).toMatchObject({ ok: false, error: expect.stringContaining('its piece 2 of 2 is cut off') });
  writeFileSync(second, piece(1));
  expect(await readGgufModel(first)).toMatchObject({ ok: true, value: { pieces: 2, size: piece(0).length + piece(1).length } });
});
