import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Space } from '../../journal/space.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { folderSizes, quickSize } from './folder-size.ts';
import { spaceGuard, type SpaceGuard } from './guard.ts';
import { spaceNotice, type SpaceReport } from './report.ts';

const HOUR = 60 * 60_000;
const GB = 1e9;
let folder: string;
let archive: Archive;
let now: number;
let space: Space;
let said: SpaceReport[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-space-'));
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
  now = Date.UTC(2026, 10, 22);
  space = { free: 100 * GB, total: 500 * GB };
  said = [];
});
afterEach(() => {
  archive.close();
  rmSync(folder, { recursive: true, force: true });
});

const guard = (): SpaceGuard =>
  spaceGuard({ folder, now: () => now, monotonic: () => now, say: (report) => said.push(report), read: () => space });

/** As the archive's list has it. */
function grow(bytes: number): void {
  archive.database.prepare('INSERT INTO originals (sha256, size, kept_at) VALUES (?, ?, 0)').run(`x${now}`, bytes);
}

it('says when the disk will be full at the pace of the last days, and goes on after a restart', () => {
  const first = guard();
  for (let hour = 0; hour < 20; hour++) {
    first.look(archive);
    grow(GB);
    now += HOUR;
  }
  expect(said.map(({ level }) => level)).toEqual(['plenty']);
  const second = guard();
  for (let hour = 0; hour < 4; hour++) {
    second.look(archive);
    grow(GB);
    now += HOUR;
  }
  expect(said.at(-1)).toMatchObject({ level: 'soon' });
  expect(spaceNotice(said.at(-1)!, '/data')).toMatch(
    /^100 GB of 500 GB are left for \/data\. Understudy took 2\d GB in 2\d hours: at that pace it is full in about 4 days\./,
  );
  // A folder that does not grow any more is no matter any more.
  now += 80 * HOUR;
  second.look(archive);
  expect(said.at(-1)).toMatchObject({ level: 'plenty' });
});

it('says that there is little, then that things wait, and then that all is well', () => {
  const one = guard();
  const look = (free: number): void => {
    space = { ...space, free };
    now += HOUR / 60;
    one.look(archive);
  };
  for (const free of [50 * GB, 0.9 * GB, 0.2 * GB]) look(free);
  expect(said.map(({ level }) => level)).toEqual(['plenty', 'low', 'critical']);
  expect(one.isCritical()).toBe(true);
  expect(spaceNotice(said[2]!, '/data')).toContain('Little room: 200 MB of 500 GB are left for /data. Mirror, search index');
  look(0.2 * GB - 5);
  expect(said).toHaveLength(3);
  look(50 * GB);
  expect(one.isCritical()).toBe(false);
  expect(spaceNotice(said.at(-1)!, '/data')).toBeUndefined();
});

it('looks without an archive too, and where its growth can’t be written', () => {
  const one = guard();
  space = { ...space, free: 0 };
  one.look(undefined);
  expect(said.at(-1)).toMatchObject({ level: 'critical', free: 0 });
  archive.database.exec('DROP TABLE marks');
  now += HOUR;
  space = { ...space, free: 1 };
  one.look(archive);
  expect(one.isCritical()).toBe(true);
});

it('tells what takes how much', () => {
  keepOriginal(archive, Buffer.alloc(5000), { keptAt: 0 });
  for (const name of ['backups/one', 'before-restore-1', 'log']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'file'), Buffer.alloc(1000));
  }
  const sizes = folderSizes(folder);
  expect(sizes).toMatchObject({ originals: 5000, transcripts: 0, record: 0, log: 1000, backups: 1000, setAside: 1000, other: 0 });
  expect(sizes.archive).toBeGreaterThan(4096);
  expect(quickSize(archive, folder)).toBe(sizes.archive + 6000);
});
