import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../archive/store/open.ts';
import { putInto } from '../../archive/store/put.ts';
import { EXIT } from '../exit-code.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-handoff-')));
const project = join(folder, 'project');
const programs = join(folder, 'bin');
const key = 'my-own-secret-key-12345';
const run = (...words: string[]): Promise<Ran> =>
  runIn(project, [...words, '--data', join(folder, 'data')], {
    PATH: [programs, process.env['PATH']].join(delimiter),
    SOME_API_KEY: key,
    TOLD: join(folder, 'told'),
  });

beforeAll(() => {
  mkdirSync(project);
  mkdirSync(programs);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', project, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  writeFileSync(join(project, 'a.ts'), 'let a;\n');
  git('add', '.');
  git('commit', '-q', '-m', 'First');
  writeFileSync(join(project, 'a.ts'), 'let b;\n');
  // Programs that write down what they are given.
  for (const name of ['codex', 'xclip']) {
    writeFileSync(
      join(programs, name),
      name === 'codex'
        ? '#!/bin/sh\n{ pwd; for word in "$@"; do printf "<%s>" "$word"; done; } > "$TOLD"\nexit 7\n'
        : '#!/bin/sh\ncat > "$TOLD"\n',
    );
    chmodSync(join(programs, name), 0o755);
  }
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  putInto(opened.value).conversation({ source: 'claude-code', key: 's', title: 'Rename it', project, updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: `Rename a to b. The key is ${key}.` }] },
    {
      key: '2',
      parent: '1',
      role: 'assistant',
      status: 'interrupted',
      parts: [{ type: 'tool-call', id: 'c', name: 'Edit', arguments: JSON.stringify({ file_path: join(project, 'a.ts') }) }],
    },
  ]);
  opened.value.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('understudy handoff', () => {
  it('prints what there is to say, with the state of the folder and without keys', async () => {
    const { code, out } = await run('handoff', '--cwd');
    expect(code).toBe(EXIT.done);
    expect(out).toContain('Rename a to b. The key is [key removed].');
    expect(out).toMatch(/On main at [0-9a-f]{7} First; uncommitted:\n {5}M a\.ts/);
    expect(out).toContain(`## Interrupted, result unknown\n\n- Edit: ${join(project, 'a.ts')}`);
    expect(out).not.toContain(key);
  });

  it('starts the other CLI with it in the folder of the conversation, and ends as that does', async () => {
    const { code, note } = await run('handoff', '--last', '--to', 'codex', '--once', '--prompt', 'Be quick.');
    expect(code).toBe(7);
    expect(note).toContain('Handing over “Rename it” (claude-code)');
    const [where, ...rest] = readFileSync(join(folder, 'told'), 'utf8').split('\n');
    expect(where).toBe(project);
    expect(rest.join('\n')).toMatch(/^<exec><Take over “Rename it”: another assistant could not go on[\s\S]*Be quick\.\n>$/);
  });

  it('puts it on the clipboard, and says where to paste it', async () => {
    const { code, note } = await runIn(project, ['handoff', '--last', '--to', 'clipboard', '--data', join(folder, 'data')], {
      PATH: [programs, '/usr/bin', '/bin'].join(delimiter),
      TOLD: join(folder, 'told'),
    });
    expect([code, note]).toEqual([EXIT.done, expect.stringContaining('It is on the clipboard.')]);
    expect(readFileSync(join(folder, 'told'), 'utf8')).toMatch(/^Take over “Rename it”: another assistant could not go on/);
  });

  it('without a program for the clipboard it prints, and says so', async () => {
    const { code, out, note } = await runIn(project, ['handoff', '--last', '--to', 'clipboard', '--data', join(folder, 'data')], {
      PATH: '',
    });
    expect(code).toBe(EXIT.failed);
    expect(note).toContain('Use --to file');
    expect(out).toMatch(/^Take over “Rename it”: another assistant could not go on/);
  });

  it('writes a file, for its owner only', async () => {
    const file = join(folder, 'over.md');
    expect((await run('handoff', '--last', '--to', 'file', '--out', file)).code).toBe(EXIT.done);
    expect(existsSync(file)).toBe(true);
    expect((await run('handoff', '--last', '--to', 'file')).note).toMatch(/Written: .*archive\/handoffs\/Rename it c_\w{16}\.md/);
  });

  it('says at once where the other CLI is not installed, and who is', async () => {
    const { code, note } = await run('handoff', '--last', '--to', 'gemini');
    expect([code, note]).toEqual([EXIT.usage, expect.stringContaining('Gemini CLI is not installed here. Install it with: npm install')]);
    expect(note).toContain('Or hand over to: codex, chatgpt, clipboard, file.');
    expect(note).not.toContain('Handing over');
  });

  it('says who there is, and what a budget is', async () => {
    expect(await run('handoff', '--last', '--to', 'hal')).toMatchObject({
      code: EXIT.usage,
      note: expect.stringContaining('claude, codex, gemini'),
    });
    expect(await run('handoff', '--last', '--budget', '10')).toMatchObject({
      code: EXIT.usage,
      note: expect.stringContaining('1500 or more'),
    });
  });
});
