import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ImportReport } from '../../archive/import/report.ts';
import { systemClock } from '../../exchange/clock.ts';
import { runCli } from '../cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-import-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line in a folder of its own; what it says, and its exit code. */
async function said(...typed: string[]): Promise<{ code: number; out: string; note: string }> {
  const text = { out: '', note: '' };
  const code = await runCli(typed, {
    build: () => Promise.reject(new Error('nothing is started')),
    version: '0',
    clock: systemClock,
    surroundings: {
      streams: {
        stdin: {},
        stdout: { write: (line: string) => (text.out += line) },
        stderr: { write: (line: string) => (text.note += line) },
      },
      environment: {},
      workingFolder: folder,
      home: folder,
      platform: process.platform,
      nodeVersion: process.version,
      onSignal: () => () => undefined,
    },
  } as Parameters<typeof runCli>[1]);
  return { code, ...text };
}

const conversation = {
  uuid: 'c',
  name: 'Tea',
  created_at: '2026-10-01T10:00:00Z',
  chat_messages: [{ uuid: 'm', sender: 'human', text: 'Which tea?', content: [] }],
};

it('imports what is here, says what it came to, and is quick the second time', async () => {
  writeFileSync(join(folder, 'x.json'), JSON.stringify([conversation]));
  const first = await said('import', 'x.json', '--data', 'data');
  expect(first).toMatchObject({ code: 0 });
  expect(first.out).toMatch(/claude-ai\s+1\s+1\s+0\s+1\s+1/);
  const second = await said('import', 'x.json', '--data', 'data');
  expect(second.out).toContain('1 file had been imported before');
});

it('exits with 1 when something could not be read, and shows no control characters of names', async () => {
  writeFileSync(join(folder, 'x.json'), JSON.stringify([conversation, 7]));
  writeFileSync(join(folder, 'odd\u001b[2J.json'), '{"what":1}');
  const { code, out } = await said('import', 'x.json', 'odd\u001b[2J.json', 'nowhere.zip', '--data', 'data');
  expect(code).toBe(1);
  expect(out).toContain('Could not be read (3)');
  expect(out).toContain('nowhere.zip: there is no such file or folder');
  expect(out).not.toContain('\u001b[2J');
});

it('exits with 1 when parts are missing, each time, and with 0 when they have come', async () => {
  const manifest = { export_files: [{ path: 'conversations-000.json' }, { path: 'conversations-001.json' }] };
  const part = [
    {
      id: 'c',
      title: 'Tea',
      mapping: { q: { id: 'q', message: { author: { role: 'user' }, content: { content_type: 'text', parts: ['?'] } } } },
    },
  ];
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'x/export_manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'x/conversations-000.json'), JSON.stringify(part));
  for (let time = 0; time < 2; time++) {
    const { code, out } = await said('import', 'x', '--data', 'data');
    expect(code).toBe(1);
    expect(out).toMatch(/conversations-001\.json .*the export names it/);
  }
  writeFileSync(join(folder, 'x/conversations-001.json'), JSON.stringify(part));
  expect((await said('import', 'x', '--data', 'data')).code).toBe(0);
  expect((await said('import', 'x', '--data', 'data')).code).toBe(0);
});

it('prints a report for machines, and refuses limits that there are not', async () => {
  writeFileSync(join(folder, 'x.json'), JSON.stringify([conversation]));
  const { out } = await said('import', 'x.json', '--json', '--dry-run', '--data', 'data');
  expect((JSON.parse(out) as ImportReport).sources).toMatchObject([{ source: 'claude-ai', conversations: { found: 1, added: 0 } }]);
  expect(await said('import', 'x.json', '--limit', 'size=1', '--data', 'data')).toMatchObject({
    code: 2,
    note: expect.stringContaining('names are files, unpacked'),
  });
  expect(await said('import', '--data', 'data')).toMatchObject({ code: 2 });
});
