import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import { writeRepository, stepsTaken } from '../agents/task.ts';
import { runChild, type ChildResult } from '../clients/child.ts';
import type { Variant } from '../clients/driven.ts';
import { makeHome, PRESETS } from '../clients/stage.ts';

/** What stands in: a configured backup, or a local service that is found by itself, with nothing configured. */
export type Stage = 'configured' | 'nothing configured';

export interface RescueResult {
  problems: string[];
  /** From the command to the end of the rescued turn. */
  seconds: number;
}

const PACE = { headers: 20, firstToken: 20, perToken: 2, scale: 1 };
/** After so many steps of the list the lead hangs. */
const LEAST_STEPS = 3;
const TIMEOUT = 120_000;
/** What is waited for besides a CLI's whole turn: that it has begun its work. */
const BEGINS = 60_000;
const BEFORE = 'Please work through the list. [sim rounds=9 bash=./step {round}]';
const GO_ON = 'Please go on with the list. [sim rounds=2 bash=./step 10{round}]';
const LATER = 'Thank you. What was that? [sim]';

/**
 * A real CLI's session against a vendor that dies in the middle of a tool round; `understudy rescue` in its folder; then the vendor is back, and
 * the CLI goes on by itself, without Understudy. The vendor is strict: it refuses histories that the real one would refuse.
 */
export async function runRescue(
  root: string,
  program: readonly string[],
  variant: Variant,
  stage: Stage,
  signal: AbortSignal,
): Promise<RescueResult> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-rescue-'));
  const problems: string[] = [];
  const lead = await startSim({ name: 'lead', pace: PACE, strict: true });
  const standIn = await startSim({ name: 'stand-in', pace: PACE, strict: true }).catch(async (error: unknown) => {
    // A server that nobody closes keeps the whole run from ending.
    await lead.close();
    throw error;
  });
  try {
    const home = makeHome(folder, { variant }, program, lead.url);
    const { [variant.keyVariable]: _, ...bare } = home.environment;
    const direct = directly(variant, lead);
    const alone = { ...home.environment, ...direct.environment };
    // Nothing of what runs on this machine: the stand-in where Ollama would be, or nobody.
    const local = stage === 'configured' ? 'off' : `ollama=${standIn.url}/v1`;
    const behind = { ...bare, UNDERSTUDY_NOTIFY: 'off', UNDERSTUDY_LOCAL: local };
    writeRepository(home.work);
    execFileSync('git', ['init', '-q', home.work]);
    layOut(join(folder, 'home'));
    if (stage === 'configured') writeConfig(join(folder, 'home', '.config', 'understudy'), variant, lead, standIn);
    const executed = (): number[] => stepsTaken({ 'executions.txt': textOf(join(home.work, 'executions.txt')) });

    // Somebody waits, and gives up.
    const giveUp = new AbortController();
    const first = runChild([join(folder, 'bin', variant.client), ...direct.args, ...variant.args(BEFORE)], {
      cwd: home.work,
      env: alone,
      timeout: TIMEOUT,
      signal: AbortSignal.any([giveUp.signal, signal]),
    });
    const late = performance.now() + BEGINS;
    let early: ChildResult | undefined;
    void first.then((result) => (early = result));
    while (executed().length < LEAST_STEPS && early === undefined && performance.now() < late) await wait(50, undefined, { signal });
    if (executed().length < LEAST_STEPS) {
      giveUp.abort();
      const { ended, code, stdout, stderr } = await first;
      const how = early ? (ended ?? `it ended with exit code ${code}`) : `it was still at work after ${BEGINS / 1000} s`;
      problems.push(`waiting for ${LEAST_STEPS} steps before the outage: ${how}: ${tail(stdout)} ${tail(stderr)}`);
      return { problems, seconds: 0 };
    }
    const died = lead.setFaults([{ fault: 'hang' }]);
    if (!died.ok) throw new Error(died.error);
    await wait(2500, undefined, { signal });
    giveUp.abort();
    await first;
    const done = executed();
    const isWhole = done.length >= LEAST_STEPS && done.every((step, index) => step === index + 1);
    if (!isWhole) problems.push(`before the outage these steps were taken: ${done.join(' ') || 'none'}`);

    const rescue = (...args: string[]): ReturnType<typeof runChild> =>
      runChild([process.execPath, join(root, 'bin', 'understudy'), 'rescue', '--offline', ...args], {
        cwd: home.work,
        env: behind,
        timeout: TIMEOUT,
        signal,
      });
    const began = performance.now();
    const rescued = await rescue('--to', 'same', '--yes', '--once', '--prompt', GO_ON);
    const seconds = (performance.now() - began) / 1000;
    if (rescued.code !== 0)
      problems.push(
        `rescue: ${rescued.ended ?? `exit code ${rescued.code}`}: ${tail(rescued.stdout)} ${tail(rescued.stderr)}`,
        ...whatItWaitedFor(join(folder, 'home', '.local', 'share', 'understudy'), standIn),
      );
    const after = executed();
    // What it is asked now, or the rest of the list: dialects without two questions in a row join them into one.
    const more = after.slice(done.length);
    const goesOn = more.join() === '101,102' || (more.length > 0 && more.every((step, index) => step === done.length + index + 1));
    if (after.slice(0, done.length).join() !== done.join() || !goesOn)
      problems.push(`after the rescue these steps had been taken: ${after.join(' ')}`);
    if (standIn.requests().length === 0) problems.push('nobody has asked the stand-in');
    for (const { status = 0, path } of standIn.requests())
      if (status >= 400 && path !== WHO_IS_THERE) problems.push(`the stand-in refused: ${status} ${path}`);

    // The vendor is back, and Understudy is gone.
    const recovered = lead.setFaults([]);
    if (!recovered.ok) throw new Error(recovered.error);
    const before = lead.requests().length;
    const told = await rescue('--json');
    if (told.code !== 0) {
      problems.push(`rescue --json: ${told.ended ?? `exit code ${told.code}`}: ${tail(told.stderr)}`);
      return { problems, seconds };
    }
    const found = JSON.parse(told.stdout) as { session: { session?: string; key: string } };
    const session = found.session.session ?? found.session.key;
    const back = await runChild([join(folder, 'bin', variant.client), ...direct.args, ...resumeArgs(variant, session)], {
      cwd: home.work,
      env: alone,
      timeout: TIMEOUT,
      signal,
    });
    if (back.code !== 0)
      problems.push(`back at the vendor: ${back.ended ?? `exit code ${back.code}`}: ${tail(back.stdout)} ${tail(back.stderr)}`);
    const requests = lead.requests().slice(before);
    if (requests.length === 0) problems.push('back at the vendor: it was not asked');
    for (const { status = 0, path } of requests)
      // 426: Codex has asked for a WebSocket first.
      if (status >= 400 && status !== 426) problems.push(`back at the vendor: it refused the history: ${status} ${path}`);
    return { problems, seconds };
  } finally {
    await Promise.all([lead.close(), standIn.close()]);
    // The Understudy of the rescue may still be putting its things away.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** How the CLI is pointed straight at a simulated vendor, without Understudy. */
function directly(variant: Variant, lead: SimServer): { args: string[]; environment: Record<string, string> } {
  if (variant.client === 'claude') return { args: [], environment: { ANTHROPIC_BASE_URL: lead.url } };
  // Its built-in provider, as with a key at OpenAI.
  return { args: ['-c', `openai_base_url="${lead.url}/v1"`], environment: { CODEX_API_KEY: 'client-key-7e02c4b6f1' } };
}

/** What somebody has allowed their CLIs: to run commands, for a session that nobody sits at. */
function layOut(home: string): void {
  const files = {
    '.claude/settings.json': JSON.stringify({ permissions: { allow: ['Bash'] } }),
    '.codex/config.toml': 'model = "gpt-5.4"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
}

function resumeArgs(variant: Variant, session: string): string[] {
  if (variant.client === 'claude') return ['-p', '--resume', session, LATER];
  return ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'resume', session, LATER];
}

function writeConfig(folder: string, variant: Variant, lead: SimServer, standIn: SimServer): void {
  const dialect = variant.client === 'codex' ? 'anthropic-messages' : 'openai-chat';
  const provider = (name: Variant['dialect'], { url }: SimServer): unknown => {
    const { preset, path } = PRESETS[name];
    return { preset, dialect: name, baseUrl: `${url}${path}`, apiKey: 'simulated-key' };
  };
  const config = {
    providers: { lead: provider(variant.dialect, lead), backup: provider(dialect, standIn) },
    routes: { default: ['lead/*', `backup/${PRESETS[dialect].model}`] },
    deadlines: { headers: '2s', firstEvent: '2s', idle: '1500ms' },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'understudy.yaml'), stringify(config), { mode: 0o600 });
}

/** Asked of whatever is at Ollama's port, to tell it from others (src/providers/local/identify.ts); a stand-in that is another service says no. */
const WHO_IS_THERE = '/api/version';

/** For a rescue that did not end: what the Understudy in front has said, and what the stand-in was asked last. */
function whatItWaitedFor(data: string, standIn: SimServer): string[] {
  const log = join(data, 'run', 'understudy.log');
  const asked = standIn.requests().map(({ method, path, status, state }) => `${method} ${path}: ${status ?? 'no answer'}, ${state}`);
  return [`${log}: ${tail(textOf(log))}`, `the stand-in was asked ${asked.length} times, at last: ${asked.slice(-4).join('; ')}`];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tail(text: string): string {
  return text.trim().slice(-400);
}
