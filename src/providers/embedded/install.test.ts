import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { installEngine, npmTrouble } from './install.ts';
import { installedEngine } from './installed.ts';
import { availableMemory, memoryFor, tooLarge } from './memory.ts';
import { findNpm } from './npm.ts';
import { ENGINE_VERSION, packagesFor, type Wanted } from './package.ts';

const root = mkdtempSync(join(tmpdir(), 'understudy-install-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
let count = 0;
beforeEach(() => void (folder = join(root, String(++count), 'engine')));

const LINUX = { platform: 'linux' as const, arch: 'x64', glibc: true };
const wanted = packagesFor(LINUX, undefined)!;

/** An npm that puts down what the registry would have given, and says so in its lock. */
function npmThat(script: string): { program: string; arguments: string[] } {
  const path = join(root, `npm-${++count}.cjs`);
  writeFileSync(path, `const fs = require('fs'), path = require('path');\n${script}`);
  return { program: process.execPath, arguments: [path] };
}

function puttingDown(packages: Wanted['packages']): string {
  return `
    const all = ${JSON.stringify(packages)};
    const lock = { packages: {} };
    for (const { name, integrity } of all) {
      fs.mkdirSync(path.join('node_modules', name), { recursive: true });
      fs.writeFileSync(path.join('node_modules', name, 'package.json'), JSON.stringify({ name, version: '${ENGINE_VERSION}' }));
      lock.packages['node_modules/' + name] = { version: '${ENGINE_VERSION}', integrity };
    }
    fs.writeFileSync('package-lock.json', JSON.stringify(lock));
    fs.writeFileSync('arguments', process.argv.slice(2).join(' '));`;
}

const install = (npm: ReturnType<typeof npmThat>) => installEngine({ folder, wanted, npm, environment: process.env });

describe('installing the engine', () => {
  test('runs no script of any package, and is there when all is', async () => {
    expect(installedEngine(folder)).toBeUndefined();
    expect(await install(npmThat(puttingDown(wanted.packages)))).toEqual({ ok: true, value: undefined });
    expect(installedEngine(folder)).toEqual({ version: ENGINE_VERSION, accelerator: 'cpu' });
    const asked = readFileSync(join(folder, 'arguments'), 'utf8');
    expect(asked).toContain('--ignore-scripts');
    expect(asked).toContain('--omit=optional');
    expect(readdirSync(join(folder, '..'))).toEqual(['engine']);
    rmSync(join(folder, 'node_modules', '@node-llama-cpp'), { recursive: true });
    expect(installedEngine(folder)).toBeUndefined();
  });

  test('a package with another checksum is not taken, and what was there stays', async () => {
    await install(npmThat(puttingDown(wanted.packages)));
    const other = wanted.packages.map((one, place) => (place === 1 ? { ...one, integrity: 'sha512-other' } : one));
    const refused = await install(npmThat(puttingDown(other)));
    expect(refused).toEqual({ ok: false, error: expect.stringContaining('@node-llama-cpp/linux-x64 is not what this Understudy knows') });
    expect(installedEngine(folder)?.version).toBe(ENGINE_VERSION);
    expect(existsSync(`${folder}.new`)).toBe(false);
  });

  test('npm that fails leaves nothing, and its reason is told', async () => {
    const failed = await install(npmThat(`console.error('npm error code ENOTFOUND\\nnpm error network request failed'); process.exit(1)`));
    expect(failed).toEqual({ ok: false, error: expect.stringContaining('the npm registry cannot be reached (ENOTFOUND)') });
    expect(existsSync(folder)).toBe(false);
    const missing = await install({ program: join(root, 'no-such-npm'), arguments: [] });
    expect(missing).toEqual({ ok: false, error: expect.stringContaining('npm could not be started') });
  });

  test('what takes more than the disk has is not begun', async () => {
    const huge = await installEngine({ folder, wanted: { ...wanted, unpacked: 1e18 }, npm: npmThat('process.exit(9)'), environment: {} });
    expect(huge).toEqual({ ok: false, error: expect.stringContaining('make room first') });
  });

  test('a folder that may not be written', async () => {
    mkdirSync(join(root, 'file-not-folder'));
    writeFileSync(join(root, 'file-not-folder', 'data'), '');
    folder = join(root, 'file-not-folder', 'data', 'engine');
    expect(await install(npmThat(''))).toEqual({ ok: false, error: expect.stringContaining('cannot be written') });
  });

  test.each([
    ['npm error code E404', 'does not have it'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'cafile'],
    ['npm error code ENOSPC', 'disk is full'],
    ['npm error code EACCES', 'may not write'],
    ['npm error code EINTEGRITY', 'damaged'],
    ['npm error code EBADPLATFORM', 'no build'],
    ['npm error code E403', 'refuses'],
    ['npm ERR! code EODD\nnpm ERR! strange things', 'npm failed (EODD): strange things'],
    ['', 'npm failed'],
  ])('%s', (words, said) => expect(npmTrouble(words)).toContain(said));
});

describe('which packages', () => {
  test('a machine has its own, and a graphics card more', () => {
    expect(wanted.packages.map(({ name }) => name)).toEqual(['node-llama-cpp', '@node-llama-cpp/linux-x64']);
    const apple = packagesFor({ platform: 'darwin', arch: 'arm64', glibc: false }, undefined);
    expect(apple).toMatchObject({ accelerator: 'metal', packages: [{}, { name: '@node-llama-cpp/mac-arm64-metal' }] });
    const cuda = packagesFor(LINUX, 'cuda')!;
    expect(cuda.packages.map(({ name }) => name)).toEqual([
      'node-llama-cpp',
      '@node-llama-cpp/linux-x64',
      '@node-llama-cpp/linux-x64-cuda',
      '@node-llama-cpp/linux-x64-cuda-ext',
    ]);
    expect(cuda.download).toBeGreaterThan(wanted.download + 300e6);
    for (const { integrity } of cuda.packages) expect(integrity).toMatch(/^sha512-[\w+/]{86}==$/);
  });

  test('where there is no build, there is none', () => {
    expect(packagesFor({ ...LINUX, glibc: false }, undefined)).toBeUndefined();
    expect(packagesFor({ ...LINUX, platform: 'freebsd' }, undefined)).toBeUndefined();
    expect(packagesFor({ ...LINUX, arch: 's390x' }, undefined)).toBeUndefined();
    expect(packagesFor({ platform: 'darwin', arch: 'arm64', glibc: false }, 'cuda')).toBeUndefined();
  });
});

describe('where npm is', () => {
  test('beside Node, or on the PATH; its script is run by this Node', () => {
    const place = join(root, 'node', 'lib', 'node_modules', 'npm', 'bin');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'npm-cli.js'), '');
    const node = join(root, 'node', 'bin', 'node');
    expect(findNpm(node, { PATH: '' })).toEqual({ program: node, arguments: [join(place, 'npm-cli.js')] });
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), '#!/bin/sh\n');
    chmodSync(join(bin, 'npm'), 0o755);
    const elsewhere = join(root, 'nowhere', 'bin', 'node');
    expect(findNpm(elsewhere, { PATH: bin })).toEqual({ program: join(bin, 'npm'), arguments: [] });
    expect(findNpm(elsewhere, { PATH: join(root, 'nowhere') })).toBeUndefined();
  });
});

describe('memory', () => {
  test('weights and the whole window count; a graphics card is looked at by the engine itself', () => {
    const needs = memoryFor({ size: 4e9, bytesPerToken: 131_072 }, 16_384);
    expect(needs).toBeGreaterThan(6.1e9);
    expect(tooLarge(needs, 8e9, 'cpu')).toBeUndefined();
    expect(tooLarge(needs, 5e9, 'cpu')).toMatch(/takes about 6\.5 GB of memory, and 5\.0 GB are free: .*smaller/);
    expect(tooLarge(needs, 5e9, 'cuda')).toBeUndefined();
  });

  test('what macOS caches counts as free', () => {
    expect(availableMemory('darwin', 1e9, 16e9)).toBe(12e9);
    expect(availableMemory('linux', 1e9, 16e9)).toBe(1e9);
  });
});
