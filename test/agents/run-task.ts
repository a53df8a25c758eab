import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import { CLOSING } from '../../src/sim/speech.ts';
import { runChild } from '../clients/child.ts';
import type { Variant } from '../clients/driven.ts';
import { makeHome, PRESETS } from '../clients/stage.ts';
import { startUnderstudy } from '../clients/understudy-process.ts';
import { filesOf, QUESTION, STEPS, stepsTaken, writeRepository } from './task.ts';
import { randomTrouble } from './trouble.ts';

export interface TaskResult {
  /** `done`: the task is done, each step once. `ended`: the agent was told that nobody could answer; what it did, it did once. */
  verdict: 'done' | 'ended' | 'broken';
  /** What was not as it should be. */
  problems: string[];
  /** Exchanges that needed more than one attempt. */
  rescued: number;
  exchanges: number;
  attempts: number;
  seconds: number;
}

/** Slow enough that an answer is under way when it breaks. Milliseconds. */
const PACE = { headers: 20, firstToken: 20, perToken: 2, scale: 1 };
/** Far above what ten steps take with every deadline struck once. */
const TIMEOUT = 180_000;
/** Of the lead's requests, and of the first backup's; the second is well. */
const LEAD_SHARE = 0.6;
const BACKUP_SHARE = 0.3;

/** A real coding agent does the task in a fresh repository while its providers fail at random. `expected`: the files as they should be. */
export async function runTask(
  root: string,
  program: readonly string[],
  variant: Variant,
  seed: number,
  expected: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TaskResult> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-agent-'));
  const providers = await Promise.all([
    startSim({ name: 'lead', pace: PACE, strict: true, faults: randomTrouble(seed, LEAD_SHARE) }),
    startSim({ name: 'backup', pace: PACE, strict: true, faults: randomTrouble(seed + 1, BACKUP_SHARE) }),
    startSim({ name: 'last', pace: PACE, strict: true }),
  ]);
  try {
    const understudy = await startUnderstudy(root, join(folder, 'understudy'), configOf(variant, providers, seed), {
      PATH: process.env['PATH'],
      HOME: folder,
    });
    try {
      const home = makeHome(folder, { variant }, program, understudy.address);
      writeRepository(home.work);
      const command = [process.execPath, join(root, 'bin', 'understudy'), 'run', '--quiet', '--url', understudy.address, variant.client];
      const child = await runChild([...command, ...variant.args(QUESTION)], {
        cwd: home.work,
        env: home.environment,
        timeout: TIMEOUT,
        signal,
      });
      const files = filesOf(home.work);
      const taken = stepsTaken(files);
      const details = await Promise.all((await understudy.exchanges()).map(({ id }) => understudy.exchange(id)));
      const problems: string[] = [];
      if (taken.some((step, index) => step !== index + 1)) problems.push(`steps taken: ${taken.join(' ')}`);
      const whole = JSON.stringify(files) === JSON.stringify(expected);
      const closing = variant.said(child.stdout).at(-1)?.endsWith(CLOSING) === true;
      const told = details.some(({ state }) => state === 'failed');
      // Claude Code goes on by itself after an answer that ended with an error; the simulated model does not know how.
      const finished = child.code === 0 && whole && closing;
      if (child.code === 0 && !finished && !told) problems.push(`${taken.length} of ${STEPS} steps, ${closing ? '' : 'no '}last words`);
      if (child.code === undefined) problems.push(`${child.ended}: ${child.stderr.slice(-300)}`);
      if (child.code !== 0 && !told) problems.push(`exit code ${child.code} although no exchange has failed: ${child.stderr.slice(-300)}`);
      return {
        verdict: problems.length > 0 ? 'broken' : finished ? 'done' : 'ended',
        problems,
        rescued: details.filter(({ attempts, state }) => attempts.length > 1 && state === 'complete').length,
        exchanges: details.length,
        attempts: details.reduce((sum, { attempts }) => sum + attempts.length, 0),
        seconds: (performance.now() - began) / 1000,
      };
    } finally {
      await understudy.stop();
    }
  } finally {
    await Promise.all(providers.map((provider) => provider.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The backups speak other dialects than the lead, by turns. */
function configOf(variant: Variant, [lead, backup, last]: readonly SimServer[], seed: number): unknown {
  const others = (['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const).filter((name) => name !== variant.dialect);
  const dialects = [variant.dialect, others[seed % others.length]!, others[(seed + 1) % others.length]!];
  const provider = (dialect: (typeof dialects)[number], server: SimServer | undefined): unknown => {
    const { preset, path } = PRESETS[dialect];
    return { preset, dialect, baseUrl: `${server?.url}${path}`, apiKey: 'simulated-key' };
  };
  return {
    providers: { lead: provider(dialects[0]!, lead), backup: provider(dialects[1]!, backup), last: provider(dialects[2]!, last) },
    routes: { default: ['lead/*', `backup/${PRESETS[dialects[1]!].model}`, `last/${PRESETS[dialects[2]!].model}`] },
    deadlines: { headers: '2s', firstEvent: '2s', idle: '1500ms' },
  };
}
