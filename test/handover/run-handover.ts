import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import { runChild, type ChildResult } from '../clients/child.ts';
import { CLIS, setUp, type Cli } from './clis.ts';
import { callsOf, HELD, HOLD_FILE, QUESTION, setBack, STEPS, stepsBegun, WORDS, writeStage } from './theatre.ts';

export interface Stage {
  name: string;
  problems: string[];
  seconds: number;
}

const PACE = { headers: 20, firstToken: 20, perToken: 2, scale: 1 };
/** A CLI's whole turn on a machine that has much else to do. */
const TIMEOUT = 180_000;
const WHOLE = Array.from({ length: STEPS }, (_, index) => index + 1).join(' ');

/**
 * Real Claude Code is killed in the middle of a tool round; its session is protected, then deleted as its own clean-up would; found again by
 * its words; handed over to real Codex and real Gemini CLI, each of which goes on from the same place; and put back, so that Claude Code
 * itself goes on too. The vendors are simulated and strict: what the real ones would refuse they refuse. `told` hears of each stage.
 */
export async function runHandover(
  root: string,
  programs: Readonly<Record<Cli, readonly string[]>>,
  signal: AbortSignal,
  told: (stage: Stage) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-handover-'));
  const vendors = Object.fromEntries(
    await Promise.all(CLIS.map(async (cli) => [cli, await startSim({ name: cli, pace: PACE, strict: true })])),
  ) as Record<Cli, SimServer>;
  const { home, work, environment } = setUp(folder, programs, vendors);
  const inFolder = (cwd: string, command: readonly string[], until: AbortSignal = signal): Promise<ChildResult> =>
    runChild(command, { cwd, env: environment, timeout: TIMEOUT, signal: until });
  // From the home folder: in which folder the work is, the archive knows.
  const understudy = (...args: string[]): Promise<ChildResult> =>
    inFolder(home, [process.execPath, join(root, 'bin', 'understudy'), ...args]);
  const transcripts = (): string[] => globSync(join(home, '.claude', 'projects', '*', '*.jsonl'));
  let goesOn = true;
  /** What comes after a stage that failed would fail for its sake. */
  const stage = async (name: string, play: () => Promise<string[]>): Promise<void> => {
    if (!goesOn || signal.aborted) return;
    const began = performance.now();
    const failure = (error: unknown): string[] => [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    const problems = await play().catch(failure);
    goesOn = problems.length === 0;
    told({ name, problems, seconds: (performance.now() - began) / 1000 });
  };
  /** A CLI takes the rest of the steps, from where the kill has left them, and its vendor refuses nothing. */
  const rest = async (cli: Cli, begun: readonly number[], play: () => Promise<ChildResult>): Promise<string[]> => {
    setBack(work, begun);
    const asked = vendors[cli].requests().length;
    const child = await play();
    const requests = vendors[cli].requests().slice(asked);
    const now = stepsBegun(work).join(' ');
    return [
      ...exitProblem(child),
      ...(now === WHOLE ? [] : [`steps that were begun: ${now}; expected: ${WHOLE}`]),
      ...(requests.length > 0 ? [] : ['its vendor was not asked']),
      // 426: Codex has asked for a WebSocket first.
      ...requests.flatMap(({ status = 0, path }) => (status >= 400 && status !== 426 ? [`its vendor refused: ${status} ${path}`] : [])),
    ];
  };

  try {
    writeStage(work);
    execFileSync('git', ['init', '-q', work]);
    let begun: number[] = [];
    let transcript = '';
    let bytes = Buffer.alloc(0);
    let id = '';

    await stage('Claude Code works, and is killed in a tool round', async () => {
      const killed = new AbortController();
      const running = inFolder(work, ['claude', '-p', QUESTION, '--output-format', 'json'], AbortSignal.any([killed.signal, signal]));
      let ended: ChildResult | undefined;
      void running.then((result) => (ended = result));
      const pending = (): boolean => transcripts().some((path) => openCalls(readFileSync(path, 'utf8')) === 1);
      while (!(stepsBegun(work).length === HELD && pending()) && !ended && !signal.aborted) await wait(50);
      killed.abort();
      const result = await running;
      rmSync(join(work, HOLD_FILE));
      await wait(1000, undefined, { signal });
      begun = stepsBegun(work);
      transcript = transcripts()[0] ?? '';
      const files = transcripts().length;
      if (begun.length !== HELD || files !== 1)
        return [`${begun.length} steps, ${files} transcripts: ${tail(result.stdout)} ${tail(result.stderr)}`];
      bytes = readFileSync(transcript);
      return [];
    });

    await stage('protect --once, then the transcript is deleted', async () => {
      const child = await understudy('protect', '--once');
      rmSync(transcript);
      return exitProblem(child);
    });

    for (const word of WORDS)
      await stage(`search ${word}`, async () => {
        const child = await understudy('search', word, '--json');
        const { conversations } = JSON.parse(child.stdout) as { conversations: { conversation: { id: string; source: string } }[] };
        id = conversations[0]?.conversation.id ?? '';
        const found = conversations.map(({ conversation }) => conversation.source).join(' ');
        return [...exitProblem(child), ...(found === 'claude-code' ? [] : [`found: ${found || 'nothing'}`])];
      });

    for (const cli of ['codex', 'gemini'] as const)
      await stage(`handoff --to ${cli} --once: it goes on with step ${HELD + 1}`, async () => {
        const problems = await rest(cli, begun, () => understudy('handoff', id, '--to', cli, '--once'));
        const first = vendors[cli].requests().find(({ body }) => body.includes('another assistant could not go on'))?.body ?? '';
        for (const words of ['Interrupted, result unknown', 'matinée', `step ${HELD - 1} of ${STEPS}`])
          if (!first.includes(words)) problems.push(`its vendor was not told: ${words}`);
        return problems;
      });

    await stage('the sessions of Codex and Gemini CLI are protected and found too', async () => {
      const kept = await understudy('protect', '--once');
      const child = await understudy('search', 'matinée', '--json');
      const { conversations } = JSON.parse(child.stdout) as { conversations: { conversation: { source: string } }[] };
      const found = conversations
        .map(({ conversation }) => conversation.source)
        .toSorted()
        .join(' ');
      const expected = 'claude-code codex gemini-cli';
      return [...exitProblem(kept), ...exitProblem(child), ...(found === expected ? [] : [`found: ${found}; expected: ${expected}`])];
    });

    await stage('protect restore: the deleted transcript, byte for byte', async () => {
      if (existsSync(transcript)) return ['it was not deleted'];
      const child = await understudy('protect', 'restore', transcript);
      const same = existsSync(transcript) && readFileSync(transcript).equals(bytes);
      return [...exitProblem(child), ...(same ? [] : ['it differs'])];
    });

    await stage(`claude --resume: it goes on with step ${HELD + 1}`, () => {
      const session = /([\w-]+)\.jsonl$/.exec(transcript)?.[1] ?? '';
      const wish = `Please go on. ${callsOf(STEPS - HELD)}`;
      return rest('claude', begun, () => inFolder(work, ['claude', '-p', '--resume', session, wish]));
    });
  } finally {
    await Promise.all(CLIS.map((cli) => vendors[cli].close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Calls of tools in a transcript of Claude Code that have no result. */
function openCalls(text: string): number {
  const count = (word: string): number => text.split(word).length - 1;
  return count('"type":"tool_use"') - count('"type":"tool_result"');
}

function exitProblem({ code, ended, stdout, stderr }: ChildResult): string[] {
  return code === 0 ? [] : [`${ended ?? `exit code ${code}`}: ${tail(stdout)} ${tail(stderr)}`];
}

function tail(text: string): string {
  return text.trim().slice(-600);
}
