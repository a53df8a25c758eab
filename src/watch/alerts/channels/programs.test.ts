import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../exchange/clock.ts';
import { alertMessage, HOSTILE } from '../testing/http-place.ts';
import { commandChannel } from './command.ts';
import { desktopChannel } from './desktop.ts';

const never = new AbortController().signal;
let folder = '';

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'understudy-programs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a command', () => {
  it('gets the alert on stdin and in its environment, and nothing of it is ever run', async () => {
    const out = join(folder, 'out.json');
    const script = `const fs=require('fs');fs.writeFileSync(process.argv[1],JSON.stringify({stdin:JSON.parse(fs.readFileSync(0,'utf8')),title:process.env.UNDERSTUDY_ALERT_TITLE,home:process.env.HOME,args:process.argv.slice(2)}))`;
    const channel = commandChannel({ run: [process.execPath, '-e', script, out, '$(touch x)'], timeout: 10_000 }, systemClock, {
      HOME: '/home/me',
    });
    const message = alertMessage({ title: `$(touch ${folder}/pwned) ${HOSTILE}` });
    expect(await channel.send(message, undefined, never)).toEqual({ ok: true, value: {} });
    const got = JSON.parse(readFileSync(out, 'utf8')) as { stdin: object; title: string; home: string; args: string[] };
    expect(got).toMatchObject({ stdin: message, home: '/home/me', args: ['$(touch x)'] });
    expect(got.title).not.toContain('\n');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('is ended when it takes too long, and says how it failed', async () => {
    const run = (script: string, timeout = 10_000) =>
      commandChannel({ run: [process.execPath, '-e', script], timeout }, systemClock, {}).send(alertMessage(), undefined, never);
    expect(await run('setInterval(()=>{},1000)', 200)).toMatchObject({
      ok: false,
      error: { passing: false, message: expect.stringContaining('was ended after 0.2 s') },
    });
    expect(await run('console.error("no pager");process.exit(3)')).toMatchObject({
      ok: false,
      error: { passing: true, message: expect.stringContaining('exit code 3: no pager') },
    });
    expect(
      await commandChannel({ run: [join(folder, 'none')], timeout: 1000 }, systemClock, {}).send(alertMessage(), undefined, never),
    ).toMatchObject({
      ok: false,
      error: { passing: false },
    });
  });
});

describe('the desktop', () => {
  /** A `notify-send` that notes what it was started with; `old`: one that knows no ids. */
  function notifySend(old = false): Record<string, string> {
    const program = join(folder, 'notify-send');
    const refuses = old ? `case "$*" in *--print-id*) echo "Unknown option --print-id" >&2; exit 1;; esac` : '';
    writeFileSync(program, `#!/bin/sh\n${refuses}\nprintf '%s\\n' "$@" '--end--' >> ${folder}/shown\necho 41\n`);
    chmodSync(program, 0o755);
    return { PATH: folder, DISPLAY: ':0' };
  }

  it.runIf(process.platform === 'linux')('replaces the notice that it has shown', async () => {
    const channel = desktopChannel({ ...notifySend(), PATH: `${folder}:/usr/bin:/bin` }, 'linux');
    expect(await channel.send(alertMessage(), undefined, never)).toEqual({ ok: true, value: { handle: '41' } });
    await channel.send(alertMessage({ kind: 'over', title: '--help', lines: ['<b>&'] }), '41', never);
    const shown = readFileSync(join(folder, 'shown'), 'utf8').split('--end--\n');
    expect(shown[0]).toContain('Claude API is down');
    expect(shown[0]).not.toContain('--replace-id');
    expect(shown[1]!.split('\n').slice(1, 6)).toEqual(['--print-id', '--replace-id=41', '--', '--help', '&lt;b&gt;&amp;']);
  });

  it.runIf(process.platform === 'linux')('does without ids where notify-send has none', async () => {
    const channel = desktopChannel({ ...notifySend(true), PATH: `${folder}:/usr/bin:/bin` }, 'linux');
    expect(await channel.send(alertMessage(), undefined, never)).toEqual({ ok: true, value: {} });
    expect(readFileSync(join(folder, 'shown'), 'utf8')).toContain('Claude API is down');
  });

  it('says where there is none', async () => {
    expect(await desktopChannel({ PATH: folder }, 'linux').send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
      error: { passing: false },
    });
  });
});
