import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { isObject, parseObject, type JsonObject } from '../../src/exchange/json.ts';
import { runChild } from '../clients/child.ts';
import type { RescueResult } from './run-rescue.ts';

const TIMEOUT = 90_000;
/** The hook that remembers a failed turn runs beside the session. */
const REMEMBERED = 20_000;
const WANTED = 'UserPromptSubmit says: Claude Code’s last turn failed';

/**
 * The real Claude Code with `understudy hooks install`, and no Understudy in between: its vendor is overloaded, its turn fails, and before the next one
 * it is told what is known. `understudy hooks remove` leaves nothing.
 */
export async function runHooks(root: string, program: readonly string[], signal: AbortSignal): Promise<RescueResult> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-hooks-'));
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  for (const each of [home, work]) mkdirSync(each);
  const vendor = createServer((request, response) => {
    request.resume();
    response.writeHead(529, { 'content-type': 'application/json' });
    response.end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
  }).listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
    ANTHROPIC_API_KEY: 'sk-ant-nobody',
    CLAUDE_CODE_MAX_RETRIES: '0',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    UNDERSTUDY_NOTIFY: 'off',
  };
  const hooks = (word: string): ReturnType<typeof runChild> =>
    runChild([process.execPath, join(root, 'bin', 'understudy'), 'hooks', word], { cwd: work, env: environment, timeout: TIMEOUT, signal });
  const problems: string[] = [];
  const began = performance.now();
  try {
    const installed = await hooks('install');
    if (installed.code !== 0) return { problems: [`hooks install: ${installed.stdout}${installed.stderr}`], seconds: 0 };
    problems.push(...(await twoTurns(program, work, environment, join(home, '.config', 'understudy', 'claude-failed.json'), signal)));
    const removed = await hooks('remove');
    if (removed.code !== 0) problems.push(`hooks remove: ${removed.stdout}${removed.stderr}`);
    if (existsSync(join(home, '.claude', 'settings.json')))
      problems.push('hooks remove: a settings file that was not there before is still there');
    return { problems, seconds: (performance.now() - began) / 1000 };
  } finally {
    vendor.close();
    vendor.closeAllConnections();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function twoTurns(
  [command, ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  failed: string,
  signal: AbortSignal,
): Promise<string[]> {
  const flags = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const claude = spawn(command!, [...args, ...flags], { cwd, env, signal, timeout: TIMEOUT, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(claude, 'close').catch(() => undefined);
  claude.stdin.on('error', () => undefined);
  let errors = '';
  claude.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  const ask = (content: string): void =>
    void claude.stdin.write(`${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`);
  const lines: JsonObject[] = [];
  let turns = 0;
  try {
    ask('Hello?');
    for await (const line of createInterface({ input: claude.stdout })) {
      const said = parseObject(line);
      if (!said) continue;
      lines.push(said);
      if (said['type'] !== 'result') continue;
      turns += 1;
      if (turns === 2) break;
      if (said['is_error'] !== true) return [`the first turn did not fail: ${line.slice(0, 300)}`];
      const late = performance.now() + REMEMBERED;
      while (!existsSync(failed) && performance.now() < late) await wait(50, undefined, { signal });
      if (!existsSync(failed)) return ['the hook at the failed turn has remembered nothing'];
      ask('And now?');
    }
    if (turns < 2) return [`Claude Code ended after ${turns} turns: ${errors.slice(-500)}`];
    if (lines.some((line) => Object.values(line).some((value) => includes(value)))) return [];
    return [`nothing was said before the second turn: ${JSON.stringify(lines.filter(({ type }) => type === 'system')).slice(-800)}`];
  } finally {
    claude.stdin.end();
    claude.kill();
    await closed;
  }
}

function includes(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(WANTED);
  return isObject(value as never) && Object.values(value as object).some(includes);
}
