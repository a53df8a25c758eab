import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { protectionOf } from '../../src/archive/protect/pass.ts';
import { testHome } from '../../src/archive/protect/testing/homes.ts';
import { openArchive } from '../../src/archive/store/open.ts';
import { smallDisk } from './small-disk.ts';

const disk = smallDisk('6m');

describe.runIf(disk !== undefined)('transcripts on a disk that fills up', () => {
  it('are told of, lose nothing, and are complete once there is room', async () => {
    const home = testHome();
    const { folder, remove } = disk!;
    try {
      const line = (session: number, index: number): string =>
        `${JSON.stringify({ type: 'user', uuid: `${session}-${index}`, sessionId: `${session}`, message: { role: 'user', content: 'x'.repeat(20_000) } })}\n`;
      mkdirSync(join(home.home, '.claude/projects/p'), { recursive: true });
      for (let session = 0; session < 8; session++) {
        const text = Array.from({ length: 50 }, (_, index) => line(session, index)).join('');
        writeFileSync(join(home.home, `.claude/projects/p/${session}.jsonl`), text);
      }
      const opened = openArchive(folder);
      if (!opened.ok) throw new Error(opened.error.reason);
      const archive = opened.value;
      const protection = protectionOf(archive);
      const report = await protection.pass(home.stores, { now: Date.now });
      expect(report.troubles.at(-1)).toMatchObject({ full: true });
      expect(report.troubles.at(-1)?.reason).toContain('the disk is full: free some space');

      execFileSync('/bin/mount', ['-o', 'remount,size=64m', folder]);
      expect((await protection.pass(home.stores, { now: Date.now })).troubles).toEqual([]);
      const kept = protection.ledger.all();
      expect(kept.length).toBe(8);
      for (const { path, copy, generation, readSize, size } of kept) {
        expect([generation, readSize]).toEqual([1, size]);
        expect(readFileSync(join(archive.folder, copy)).equals(readFileSync(path))).toBe(true);
      }
      archive.close();
    } finally {
      home.close();
      rmSync(join(folder, 'archive'), { recursive: true, force: true });
      remove();
    }
  });
});
