import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whoHolds } from '../../journal/lock.ts';

/** `understudy run` as a user has it: a process, with a program named `claude` on PATH that does what the test says. */
const MAIN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'understudy-run-test-'));
const bin = join(folder, 'bin');
const started = new Set<ChildProcess>();

beforeAll(() => {
  mkdirSync(bin);
  const program = join(bin, 'claude');
  // Writes down what it was given, says it on both outputs, waits for a file if asked to, and ends with a code of its own.
  writeFileSync(
    program,
    `#!${process.execPath}
const { existsSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const at = args.indexOf('--settings');
const settings = at < 0 ? undefined : require('node:fs').readFileSync(args[at + 1], 'utf8');
writeFileSync(process.env.REPORT, JSON.stringify({ args, environment: process.env, settings }));
process.stdout.write('said on stdout');
process.stderr.write('said on stderr');
const end = () => { if (!process.env.UNTIL || existsSync(process.env.UNTIL)) process.exit(Number(process.env.CODE ?? 0)); };
end();
setInterval(end, 20);
`,
  );
  chmodSync(program, 0o755);
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const name of readdirSync(folder)) await endHolder(join(folder, name));
  rmSync(folder, { recursive: true, force: true });
});

async function endHolder(data: string): Promise<void> {
  const { held, holder } = whoHolds(data);
  if (held && holder) process.kill(holder.pid, 'SIGKILL');
}

interface Running {
  child: ChildProcess;
  /** Resolves when it has ended. */
  ended: Promise<{ code: number | null; out: string; note: string }>;
  /** What the client has seen; waits until it has started. */
  seen(): Promise<{ args: string[]; environment: Record<string, string>; settings?: string }>;
}

function run(name: string, words: string[], environment: Record<string, string> = {}): Running {
  const report = join(folder, `${name}.json`);
  rmSync(report, { force: true });
  const child = spawn(process.execPath, [MAIN, 'run', '--data', join(folder, name), '--port', '0', ...words], {
    cwd: folder,
    env: { PATH: `${bin}:${dirname(process.execPath)}`, HOME: folder, ANTHROPIC_API_KEY: 'own-key', REPORT: report, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let out = '';
  let note = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (note += piece.toString()));
  const ended = new Promise<{ code: number | null; out: string; note: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out, note })),
  );
  return {
    child,
    ended,
    async seen() {
      await until(() => existsSync(report) && readFileSync(report, 'utf8').endsWith('}'));
      return JSON.parse(readFileSync(report, 'utf8')) as { args: string[]; environment: Record<string, string>; settings?: string };
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setTimeout(next, 20));
}

async function answers(address: string): Promise<boolean> {
  return fetch(`${address}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}

describe('understudy run', { timeout: 60_000 }, () => {
  it('starts one, gives the client its settings and all words, passes output and exit code on, and ends what it started', async () => {
    const words = ['claude', '-p', 'say "hi"', '--data', 'theirs', '--help'];
    const running = run('whole', words, { CODE: '7' });
    const { code, out, note } = await running.ended;
    expect(code).toBe(7);
    expect(out).toBe('said on stdout');
    expect(note).toContain('is in front of Claude Code');
    expect(note).toContain('Your key (ANTHROPIC_API_KEY) goes to Anthropic only');
    expect(note).toContain('said on stderr');
    const { args, environment, settings } = await running.seen();
    expect(args.slice(2)).toEqual(words.slice(1));
    expect(environment['ANTHROPIC_BASE_URL']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(environment['ANTHROPIC_API_KEY']).toBe('own-key');
    expect(JSON.parse(settings ?? '')).toMatchObject({ env: { ANTHROPIC_BASE_URL: environment['ANTHROPIC_BASE_URL'] } });
    expect(existsSync(args[1]!)).toBe(false);
    await until(() => !whoHolds(join(folder, 'whole')).held);
  });

  it('uses the one that runs, which outlives the first of two and ends with the last', async () => {
    const gate = (name: string): string => join(folder, `${name}.gate`);
    const one = run('shared', ['-q', 'claude'], { UNTIL: gate('one') });
    const first = await one.seen();
    rmSync(join(folder, 'shared.json'));
    const other = run('shared', ['claude'], { UNTIL: gate('other') });
    const second = await other.seen();
    expect(second.environment['ANTHROPIC_BASE_URL']).toBe(first.environment['ANTHROPIC_BASE_URL']);
    writeFileSync(gate('one'), '');
    expect((await one.ended).note).toBe('said on stderr');
    expect(await answers(first.environment['ANTHROPIC_BASE_URL']!)).toBe(true);
    writeFileSync(gate('other'), '');
    expect((await other.ended).note).not.toContain('started for this');
    await until(() => !whoHolds(join(folder, 'shared')).held);
  });

  it('starts it again at the same address when it dies, and says so in the end', async () => {
    const gate = join(folder, 'died.gate');
    const running = run('died', ['claude'], { UNTIL: gate });
    const { environment } = await running.seen();
    const address = environment['ANTHROPIC_BASE_URL']!;
    const before = whoHolds(join(folder, 'died')).holder?.pid;
    process.kill(before!, 'SIGKILL');
    await until(() => {
      const { held, holder } = whoHolds(join(folder, 'died'));
      return held && holder?.pid !== before;
    });
    await until(() => answers(address));
    // `run` learns of it a moment after everybody else.
    await new Promise((next) => setTimeout(next, 300));
    writeFileSync(gate, '');
    const { code, note } = await running.ended;
    expect(code).toBe(0);
    expect(note).toContain(`Understudy had ended and was started again at ${address}`);
  });

  it('hands a request to end on to the client', async () => {
    const running = run('signal', ['claude'], { UNTIL: join(folder, 'never') });
    await running.seen();
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(128 + 15);
    await until(() => !whoHolds(join(folder, 'signal')).held);
  });

  it('leaves nothing behind when it is interrupted before the client has started', async () => {
    const running = run('early', ['claude']);
    const log = join(folder, 'early', 'run', 'understudy.log');
    await until(() => existsSync(log));
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await until(() => !whoHolds(join(folder, 'early')).held);
    expect(existsSync(join(folder, 'early.json'))).toBe(false);
  });

  it('--direct leaves everything as it is', async () => {
    const running = run('direct', ['--direct', 'claude', '-p', 'hi']);
    expect((await running.ended).note).toContain('nothing stands in');
    const { args, environment } = await running.seen();
    expect(args).toEqual(['-p', 'hi']);
    expect(environment['ANTHROPIC_BASE_URL']).toBeUndefined();
  });

  it('explains itself where there is no key, and does not start the client', async () => {
    const { code, note } = await run('keyless', ['claude'], { ANTHROPIC_API_KEY: '' }).ended;
    expect(code).toBe(2);
    for (const way of ['run --direct claude', 'export ANTHROPIC_API_KEY=', 'understudy start', 'sim/claude']) expect(note).toContain(way);
    expect(existsSync(join(folder, 'keyless.json'))).toBe(false);
    await until(() => !whoHolds(join(folder, 'keyless')).held);
  });

  it.each([
    [['claudd'], 'did you mean claude?'],
    [[], 'Which one?'],
    [['gemini'], 'npm install -g @google/gemini-cli'],
    [['--url', 'nowhere', 'claude'], 'is no URL'],
    [['--url', 'http://127.0.0.1:1', 'claude'], 'understudy run --direct claude'],
  ])('%j is refused with a word of help', async (words, help) => {
    const { code, note } = await run('refused', words).ended;
    expect(note).toContain(help);
    expect(code).toBe(2);
  });

  it('--list says what is installed and what is not', async () => {
    const { code, out } = await run('list', ['--list']).ended;
    expect(code).toBe(0);
    expect(out).toContain(join(bin, 'claude'));
    expect(out).toContain('npm install -g @openai/codex');
  });
});
