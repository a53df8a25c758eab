import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'understudy-hooks-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const bin = resolve(import.meta.dirname, '../../../bin/understudy');
const settings = join(home, '.claude', 'settings.json');
const failed = join(home, '.config', 'understudy', 'claude-failed.json');

/** The program itself, with a home of its own and nothing running. */
function understudy(words: string[], input = ''): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, 'data') };
    const child = execFile(process.execPath, [bin, ...words], { env, cwd: home }, (error, out, problems) =>
      done({ code: error ? Number(error.code) : 0, out: out + problems }),
    );
    child.stdin!.end(input);
  });
}

describe('understudy hooks', () => {
  it('installs, says so, is called, and removes itself without a trace', async () => {
    mkdirSync(join(home, '.claude'), { recursive: true });
    const before = '{\n\t"model": "opus",\n\n\t"env": {}\n}';
    writeFileSync(settings, before);
    expect((await understudy(['hooks', 'install'])).out).toContain('SessionStart, StopFailure, UserPromptSubmit');
    expect((await understudy(['hooks'])).out).toContain('calls Understudy at');
    expect((await understudy(['hooks', 'install'])).out).toContain('already');

    const failure = JSON.stringify({ session_id: 's', hook_event_name: 'StopFailure', error: 'authentication_failed' });
    expect(await understudy(['hooks', 'run', 'claude'], failure)).toEqual({ code: 0, out: '' });
    const prompt = JSON.stringify({ session_id: 's', hook_event_name: 'UserPromptSubmit', prompt: 'x' });
    const shown = await understudy(['hooks', 'run', 'claude'], prompt);
    expect((JSON.parse(shown.out) as { systemMessage: string }).systemMessage).toContain('your login was refused');

    expect((await understudy(['hooks', 'remove'])).code).toBe(0);
    expect(readFileSync(settings, 'utf8')).toBe(before);
    expect(existsSync(`${settings}.before-understudy-hooks`)).toBe(false);
  }, 30_000);

  it('removes a file that it has made, and takes only its own out of one that was changed since', async () => {
    rmSync(settings, { force: true });
    await understudy(['hooks', 'install']);
    await understudy(['hooks', 'remove']);
    expect(existsSync(settings)).toBe(false);

    writeFileSync(settings, '{"model":"opus"}');
    await understudy(['hooks', 'install']);
    const changed = { ...(JSON.parse(readFileSync(settings, 'utf8')) as object), theme: 'dark' };
    writeFileSync(settings, JSON.stringify(changed));
    await understudy(['hooks', 'remove']);
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ model: 'opus', theme: 'dark' });
  }, 30_000);

  it('leaves a file with comments alone, and never disturbs Claude Code', async () => {
    writeFileSync(settings, '// mine\n{}');
    const refused = await understudy(['hooks', 'install']);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('Take the comments out');
    expect(readFileSync(settings, 'utf8')).toBe('// mine\n{}');
    expect(await understudy(['hooks', 'run', 'claude'], 'not json')).toEqual({ code: 0, out: '' });
    expect(existsSync(failed)).toBe(false);
  }, 30_000);
});
