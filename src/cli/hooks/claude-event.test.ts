import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hookEvent, type HookPorts, onHookEvent } from './claude-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-hooks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let told: string[];
let ports: HookPorts;
beforeEach(() => {
  told = [];
  ports = {
    now: Date.UTC(2026, 5, 2, 6, 20),
    failed: join(folder, 'config', 'claude-failed.json'),
    call: 'understudy',
    known: (trouble) => Promise.resolve(trouble ? 'Claude Code is down' : 'Claude Code has been down since 06:05 UTC.'),
    notify: (title, text) => told.push(`${title}: ${text}`),
  };
  rmSync(ports.failed, { force: true });
});

/** As Claude Code 2.1.330 writes it. */
const failure = (error: string, session = 's1'): string =>
  JSON.stringify({
    session_id: session,
    transcript_path: '/t.jsonl',
    cwd: '/w',
    hook_event_name: 'StopFailure',
    error,
    last_assistant_message: 'API Error',
  });
const prompt = (session = 's1'): string =>
  JSON.stringify({ session_id: session, cwd: '/w', hook_event_name: 'UserPromptSubmit', prompt: 'hello' });

async function hear(text: string, later = 0): Promise<string | undefined> {
  return onHookEvent(hookEvent(text)!, { ...ports, now: ports.now + later });
}

describe('what Claude Code tells', () => {
  it('a turn that failed is told on the desktop at once, and in the session before the next prompt, once', async () => {
    expect(await hear(failure('server_error'))).toBeUndefined();
    expect(told).toEqual([expect.stringContaining('Claude Code has been down since 06:05 UTC.')]);
    expect(await hear(prompt())).toBe(
      'Claude Code’s last turn failed: a fault of the service. Claude Code has been down since 06:05 UTC. Carry this session on with another assistant: understudy rescue',
    );
    expect(await hear(prompt())).toBeUndefined();
  });

  it('another session that is open keeps its own message', async () => {
    await hear(failure('server_error'));
    expect(await hear(prompt('s2'))).toBeUndefined();
    expect(await hear(prompt('s1'))).toContain('failed');
  });

  it('what is half an hour old is not told any more, and does not stay', async () => {
    await hear(failure('server_error'));
    expect(await hear(prompt('s2'), 31 * 60_000)).toBeUndefined();
    expect(existsSync(ports.failed)).toBe(false);
  });

  it('a limit of the account is no outage', async () => {
    await hear(failure('rate_limit'));
    expect(told[0]).toContain('that is no outage');
    expect(told[0]).not.toContain('06:05');
  });

  it('says nothing of what no other assistant would do better', async () => {
    await hear(failure('max_output_tokens'));
    await hear(failure('invalid_request'));
    expect(told).toEqual([]);
    expect(await hear(prompt())).toBeUndefined();
  });

  it('at a session’s beginning it says what does not work', async () => {
    expect(await hear(JSON.stringify({ session_id: 's', hook_event_name: 'SessionStart', source: 'startup' }))).toBe('Claude Code is down');
  });

  it('is silent on what it does not know', async () => {
    expect(await hear(JSON.stringify({ session_id: 's', hook_event_name: 'PreToolUse' }))).toBeUndefined();
    expect(hookEvent('not json')).toBeUndefined();
    expect(hookEvent('{"hook_event_name":4}')).toBeUndefined();
    expect(await hear(failure('something_new'))).toBeUndefined();
    expect(told[0]).toContain('no name for');
  });
});
