import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { startSim } from '../../src/sim/serve.ts';
import { type ChildResult, runChild } from '../clients/child.ts';

/** A rehearsal of `npm run test:live`: the same program from end to end, with simulated providers in the services' places. */
const here = dirname(fileURLToPath(import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'understudy-rehearsal-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Milliseconds; programs are started, on a machine that may be busy. */
const TIMEOUT = 90_000;
const KEYS = { ANTHROPIC_API_KEY: 'rehearsal-key-of-anthropic', OPENAI_API_KEY: 'rehearsal-key-of-openai' };

function live(args: string[], environment: Record<string, string>): Promise<ChildResult> {
  return runChild([process.execPath, join(here, 'run.ts'), ...args], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, ...environment },
    timeout: TIMEOUT,
    signal: new AbortController().signal,
  });
}

function stage() {
  // A tool is called when one is offered; the rest of what it says has 150 words.
  const options = { strict: true, assistant: { tools: 1, words: 150 } };
  return Promise.all([
    startSim({ ...options, name: 'anthropic', key: KEYS.ANTHROPIC_API_KEY }),
    startSim({ ...options, name: 'openai', key: KEYS.OPENAI_API_KEY }),
  ]);
}

describe('test:live', { timeout: TIMEOUT }, () => {
  test('asks nobody without a key, and says which would do', async () => {
    const { code, stdout } = await live(['--yes'], {});
    expect(code).toBe(2);
    expect(stdout).toContain('No key was found');
    expect(stdout).toContain('ANTHROPIC_API_KEY');
  });

  test('asks nobody without agreement, and says what it would cost', async () => {
    const [anthropic, openai] = await stage();
    const { code, stdout } = await live([], { ...KEYS, LIVE_BASE_URL_ANTHROPIC: anthropic.url, LIVE_BASE_URL_OPENAI: `${openai.url}/v1` });
    expect(code).toBe(2);
    expect(stdout).toMatch(/anthropic\/claude-\S+ at http:\S+, key from ANTHROPIC_API_KEY: \d+ requests, \$\d+\.\d+ at most/);
    expect(stdout).toContain('give --yes');
    expect([...anthropic.requests(), ...openai.requests()]).toEqual([]);
    await Promise.all([anthropic.close(), openai.close()]);
  });

  test('goes through everything, joins what it has cut, and shows no key', async () => {
    const [anthropic, openai] = await stage();
    const { code, stdout, stderr } = await live(['--yes'], {
      ...KEYS,
      LIVE_BASE_URL_ANTHROPIC: anthropic.url,
      LIVE_BASE_URL_OPENAI: `${openai.url}/v1`,
    });
    expect(stdout).not.toContain('FAIL');
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed$/);
    expect(stdout.match(/joined by anchor: …/g)).toHaveLength(8);
    expect(stdout).toContain('openai stands in');
    expect(code).toBe(0);
    for (const key of Object.values(KEYS)) expect(stdout + stderr).not.toContain(key);
    await Promise.all([anthropic.close(), openai.close()]);
  });

  test('an answer that is not what was asked for fails', async () => {
    const [anthropic, openai] = await stage();
    openai.setFaults([{ fault: '200-empty-object', schedule: { type: 'ever' } }]);
    const { code, stdout } = await live(['--yes', '--only', 'openai', '--match', 'openai-chat client, text'], {
      ...KEYS,
      LIVE_BASE_URL_OPENAI: `${openai.url}/v1`,
    });
    expect(code).toBe(1);
    expect(stdout.trim().split('\n').at(-1)).toBe('0 passed, 2 failed');
    await Promise.all([anthropic.close(), openai.close()]);
  });
});
