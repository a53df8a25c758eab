import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newDataKey } from '../../journal/at-rest/data-key.ts';
import { newHeader, withPassphrase, writeHeader } from '../../journal/at-rest/header.ts';
import { runIn } from '../testing/run-in.ts';
import { encryptedVolume } from './doctor-encryption.ts';

let root: string;
let data: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-volume-')));
  data = join(root, 'home', 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  mkdirSync(join(root, 'proc/self'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function mounts(...lines: string[]): void {
  writeFileSync(join(root, 'proc/self/mountinfo'), `${lines.join('\n')}\n`);
}

function device(numbers: string, uuid: string, below: Record<string, string> = {}): void {
  const place = join(root, 'sys/dev/block', numbers);
  mkdirSync(join(place, 'dm'), { recursive: true });
  mkdirSync(join(place, 'slaves'));
  writeFileSync(join(place, 'dm/uuid'), `${uuid}\n`);
  for (const [name, its] of Object.entries(below)) {
    mkdirSync(join(place, 'slaves', name, 'dm'), { recursive: true });
    writeFileSync(join(place, 'slaves', name, 'dm/uuid'), its);
  }
}

it('knows a volume that device-mapper encrypts, below LVM too, and a file system that does', () => {
  const plain = `22 1 8:1 / / rw - ext4 /dev/sda1 rw`;
  mounts(plain);
  expect(encryptedVolume(data, root)).toBeUndefined();
  mounts(plain, `23 22 253:0 / ${root}/home rw - ext4 /dev/mapper/home rw`);
  device('253:0', 'CRYPT-LUKS2-0123-home');
  expect(encryptedVolume(data, root)).toBe('LUKS2');
  mounts(plain, `23 22 253:1 / ${root}/home rw - ext4 /dev/mapper/vg-home rw`);
  device('253:1', 'LVM-abc', { 'dm-0': 'CRYPT-LUKS1-0123-disk' });
  expect(encryptedVolume(data, root)).toBe('LUKS1');
  mounts(plain, `23 22 253:2 / ${root}/home rw - ext4 /dev/mapper/vg-home rw`);
  device('253:2', 'LVM-abc', { 'dm-0': 'CRYPT-LUKS1-0123-disk', sda2: '' });
  expect(encryptedVolume(data, root)).toBeUndefined();
  mounts(plain, `23 22 253:0 / ${root}/home rw - ext4 x rw`, `24 23 0:50 / ${data} rw - fuse.gocryptfs x rw`);
  expect(encryptedVolume(data, root)).toBe('fuse.gocryptfs');
  expect(encryptedVolume(join(root, 'none'), root)).toBeUndefined();
});

it('says whether a server opens the folder by itself, and what is wrong with its header', async () => {
  const doctor = async (environment: Record<string, string> = {}): Promise<string> =>
    (await runIn(root, ['doctor', '--port', '0', '--data', data], environment)).out;
  const key = newDataKey();
  writeHeader(data, withPassphrase(newHeader(0), key, 'passphrase', 'correct horse'), key);
  expect(await doctor()).toContain('answers, and saves nothing');
  const phrase = join(root, 'phrase');
  writeFileSync(phrase, 'correct horse\n', { mode: 0o600 });
  expect(await doctor({ UNDERSTUDY_PASSPHRASE_FILE: phrase })).toContain('opened without being asked (passphrase)');
  writeFileSync(join(data, 'encryption.json'), 'spoilt');
  expect(await doctor()).toContain('encryption.json is damaged');
});
