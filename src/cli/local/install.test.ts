import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENGINE_PACKAGE, ENGINE_VERSION } from '../../providers/embedded/package.ts';
import { tinyModel } from '../../providers/embedded/tiny-model.fixtures.ts';
import { runIn } from '../testing/run-in.ts';
import { nameFor } from './install.ts';

const MODEL = tinyModel({ says: ['Hello', '.'], ends: true });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-local-'));
  writeFileSync(join(folder, 'Tiny.gguf'), MODEL);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const local = (...words: string[]) => runIn(folder, ['local', ...words, '--data', join(folder, 'data')]);
const config = (): string => {
  const file = join(folder, '.config', 'understudy', 'understudy.yaml');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** An engine that looks installed, and can do nothing. */
function hollowEngine(): void {
  const engine = join(folder, 'data', 'engine');
  const inside = join(engine, 'node_modules', ENGINE_PACKAGE);
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(engine, 'package.json'), JSON.stringify({ dependencies: { [ENGINE_PACKAGE]: ENGINE_VERSION } }));
  writeFileSync(join(inside, 'package.json'), JSON.stringify({ name: ENGINE_PACKAGE, version: ENGINE_VERSION, main: 'index.js' }));
  writeFileSync(join(inside, 'index.js'), 'throw new Error("hollow");');
}

describe('understudy local install', () => {
  test('says what it would fetch, from where and how large, and fetches nothing where nobody agrees', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), '');
    const words = ['local', 'install', 'Tiny.gguf', '--data', join(folder, 'data')];
    const { code, out, note } = await runIn(folder, words, { PATH: bin });
    expect([code, out, config()]).toEqual([2, '', '']);
    expect(note).toContain(`node-llama-cpp ${ENGINE_VERSION}`);
    expect(note).toMatch(/about \d+\.\d MB to download, \d+\.\d MB on the disk/);
    expect(note).toContain('With --yes it is.');
    expect(existsSync(join(folder, 'data', 'engine'))).toBe(false);
  });

  test.each([
    [['nowhere.gguf'], 'there is no such file'],
    [['Tiny.gguf', 'Other.gguf'], 'One file at a time'],
    [['Tiny.gguf', '--name', 'a/b'], '--name a/b'],
    [['Tiny.gguf', '--context', '12'], '--context 12'],
    [['Tiny.gguf', '--context', '4096'], 'trained for 512 tokens'],
    [['--gpu', 'tpu'], 'cuda and vulkan'],
  ])('%j is refused', async (words, said) => {
    const { code, note } = await local('install', ...words);
    expect(code).toBe(2);
    expect(note).toContain(said);
  });

  test('an engine that is there is not fetched again, and a model that it cannot run is said to be so', async () => {
    hollowEngine();
    expect((await local('install')).out).toContain('installed already');
    const added = await local('install', 'Tiny.gguf', '--context', '300');
    expect(added.code).toBe(1);
    expect(added.out).toContain('Used where it is');
    expect(added.note).toContain('understudy local remove tiny');
    expect(added.note).toContain('hollow');
    expect(config()).toContain(`file: ${join(folder, 'Tiny.gguf')}`);
    expect(config()).toContain('context: 300');
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'tiny.gguf'), MODEL);
    const other = await local('install', 'other/tiny.gguf');
    expect([other.code, other.note]).toEqual([2, expect.stringContaining('There is a model tiny already')]);
    const listed = await local();
    expect(listed.out).toContain('embedded/tiny');
  });
});

describe('understudy local remove', () => {
  test('leaves the file where it is, takes its own copy away, and the engine only when that is agreed to', async () => {
    hollowEngine();
    await local('install', 'Tiny.gguf');
    await local('install', 'Tiny.gguf', '--name', 'copy', '--copy');
    const copy = join(folder, 'data', 'models', 'copy.gguf');
    expect(readFileSync(copy).equals(MODEL)).toBe(true);
    expect((await local('remove', 'nothing')).note).toContain('There are: tiny, copy');
    expect((await local('remove', 'copy')).code).toBe(2);
    expect(existsSync(copy)).toBe(true);
    expect((await local('remove', 'copy', '--yes')).code).toBe(0);
    expect(existsSync(copy)).toBe(false);
    expect((await local('remove', 'tiny')).out).toContain('Its file stays');
    expect(config()).not.toContain('gguf');
    expect((await local('remove')).code).toBe(2);
    expect((await local('remove', '--yes')).out).toContain(join(folder, 'data', 'engine'));
    expect(existsSync(join(folder, 'data', 'engine'))).toBe(false);
    expect((await local('remove')).note).toContain('not installed');
  });
});

describe('understudy local try', () => {
  test('without a model says how to get one, and with a broken one why it does not answer', async () => {
    expect(await local('try')).toMatchObject({ code: 1, note: expect.stringContaining('understudy local install MODEL.gguf') });
    hollowEngine();
    await local('install', 'Tiny.gguf');
    expect(await local('try', 'Hi')).toMatchObject({ code: 1, note: expect.stringContaining('hollow') });
    expect(await local('try', '--model', 'big')).toMatchObject({ code: 2, note: expect.stringContaining('there is: tiny') });
    rmSync(join(folder, 'Tiny.gguf'));
    expect(await local('try')).toMatchObject({ code: 1, note: expect.stringContaining('there is no such file') });
  });
});

test.each([
  ['/m/Qwen3-8B-Q4_K_M.gguf', 'qwen3-8b-q4_k_m'],
  ['/m/Big Model (new)-00001-of-00003.GGUF', 'big-model-new'],
  ['/m/….gguf', 'model'],
])('%s is called %s', (file, name) => expect(nameFor(file)).toBe(name));
