import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, parseObject, type JsonObject } from '../../src/exchange/json.ts';
import type { ExchangeDetail } from '../../src/journal/journal.ts';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import { CLOSING } from '../../src/sim/speech.ts';
import type { Backup, ClientCase } from './cases.ts';
import { runChild, type ChildResult } from './child.ts';
import type { Installed } from './install.ts';
import { startUnderstudy } from './understudy-process.ts';

export interface CaseResult {
  /** What was not as it should be; empty: passed. */
  problems: string[];
  seconds: number;
  /** Who was asked and what came of it, for each request of the client: `lead failed, backup whole`. */
  course: string;
}

const LEAD_KEY = 'lead-key-4f1d20c7aa';
const BACKUP_KEY = 'backup-key-93be51d08c';
const CLIENT_KEY = 'client-key-7e02c4b6f1';
const PRESETS = { 'anthropic-messages': 'anthropic', 'openai-chat': 'openai' } as const;
const BACKUP_MODEL = { 'anthropic-messages': '*', 'openai-chat': 'gpt-5.6' } as const;

/** Far above the deadlines below: what takes this long hangs. */
const CLIENT_TIMEOUT = 60_000;
/** Slow enough that an answer is under way when it breaks. Milliseconds. */
const PACE = { headers: 30, firstToken: 40, perToken: 2, scale: 1 };

const TOOL_OUTPUT = 'the tool ran behind the curtain';
const COMMAND = `echo once >> executions.txt; echo ${TOOL_OUTPUT}`;
const PROMPT = `Please run the command. [sim bash=${COMMAND}]`;
/** The simulated assistant's words: before its tool call, and after it. */
const WORDS = [
  'This is a simulated answer. I will use a tool first.',
  `This is a simulated answer; no model was asked. The tool said "${TOOL_OUTPUT}". ${CLOSING}`,
];

/**
 * One prompt with one tool round of a real Claude Code with a fresh home, through an Understudy of its own. Rejects only where
 * the stage cannot be set up.
 */
export async function runCase(
  root: string,
  claude: Installed,
  { name, fault, leadAnswers, earlyHeaders }: ClientCase,
  backup: Backup,
  signal: AbortSignal,
): Promise<CaseResult> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-client-'));
  const lead = await startSim({ name: `lead ${name}`, key: LEAD_KEY, pace: PACE, strict: true, ...(fault ? { faults: [fault] } : {}) });
  const second = await startSim({ name: `backup ${name}`, key: BACKUP_KEY, pace: PACE, strict: true });
  try {
    const understudy = await startUnderstudy(root, join(folder, 'understudy'), configOf(lead, second, backup, earlyHeaders === true), {
      PATH: process.env['PATH'],
      HOME: folder,
    });
    try {
      const work = join(folder, 'work');
      const child = await prompt(claude, understudy.address, folder, work, signal);
      const exchanges = await understudy.exchanges();
      const details = await Promise.all(exchanges.map(({ id }) => understudy.exchange(id)));
      const problems = [
        ...saidWrong(child),
        ...ranWrong(work),
        ...wentWrong(details, fault !== undefined, leadAnswers === true),
        ...leaked(lead, LEAD_KEY, 'lead'),
        ...leaked(second, BACKUP_KEY, 'backup'),
      ];
      if (fault && !lead.requests().some((request) => request.fault !== undefined)) problems.push('the fault never struck');
      return { problems, seconds: (performance.now() - began) / 1000, course: details.map(course).join(' | ') };
    } finally {
      await understudy.stop();
    }
  } finally {
    await Promise.all([lead.close(), second.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(lead: SimServer, second: SimServer, backup: Backup, earlyHeaders: boolean): unknown {
  const baseUrl = backup === 'openai-chat' ? `${second.url}/v1` : second.url;
  return {
    providers: {
      lead: { preset: 'anthropic', baseUrl: lead.url, apiKey: LEAD_KEY },
      backup: { preset: PRESETS[backup], baseUrl, apiKey: BACKUP_KEY },
    },
    routes: { default: ['lead/*', `backup/${BACKUP_MODEL[backup]}`] },
    deadlines: { headers: '3s', firstEvent: '3s', idle: '2s', ...(earlyHeaders && { headerHold: '300ms' }) },
    ...(earlyHeaders && { server: { keepAlive: '300ms' } }),
  };
}

function prompt(claude: Installed, address: string, home: string, work: string, signal: AbortSignal): Promise<ChildResult> {
  mkdirSync(work, { recursive: true });
  return runChild([...claude.command, '-p', PROMPT, '--allowedTools', 'Bash', '--output-format', 'stream-json', '--verbose'], {
    cwd: work,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: address,
      ANTHROPIC_API_KEY: CLIENT_KEY,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    timeout: CLIENT_TIMEOUT,
    signal,
  });
}

/** What of the client's own account of its work is wrong. */
function saidWrong(child: ChildResult): string[] {
  const problems: string[] = [];
  if (child.code !== 0) problems.push(`exit: ${child.ended ?? child.code}; ${tail(child.stderr)}`);
  const messages = child.stdout
    .split('\n')
    .map(parseObject)
    .filter((message) => message !== undefined);
  const blocks = messages.filter((message) => message['type'] === 'assistant').flatMap(blocksOf);
  const words = blocks.flatMap((block) => (typeof block['text'] === 'string' ? [block['text']] : []));
  const calls = blocks.filter((block) => block['type'] === 'tool_use');
  if (JSON.stringify(words) !== JSON.stringify(WORDS)) problems.push(`its words: ${JSON.stringify(words)}`);
  if (calls.length !== 1 || !isObject(calls[0]!['input']) || calls[0]!['input']['command'] !== COMMAND) {
    problems.push(`its tool calls: ${JSON.stringify(calls)}`);
  }
  const result = messages.findLast((message) => message['type'] === 'result');
  if (result?.['is_error'] !== false || result['result'] !== WORDS[1]) {
    problems.push(`its result: ${JSON.stringify(result?.['result'] ?? null)}, error ${JSON.stringify(result?.['is_error'] ?? null)}`);
  }
  return problems;
}

function blocksOf({ message }: JsonObject): JsonObject[] {
  return isObject(message) && Array.isArray(message['content']) ? message['content'].filter(isObject) : [];
}

function ranWrong(work: string): string[] {
  let runs = 0;
  try {
    runs = readFileSync(join(work, 'executions.txt'), 'utf8').split('\n').length - 1;
  } catch {
    // No file: it never ran.
  }
  return runs === 1 ? [] : [`the tool ran ${runs} times`];
}

/** What of Understudy's record is wrong: the client must have needed no retry of its own, and all its words are kept. */
function wentWrong(details: readonly ExchangeDetail[], faulty: boolean, leadAnswers: boolean): string[] {
  const problems: string[] = [];
  if (details.length !== WORDS.length) problems.push(`${details.length} exchanges instead of ${WORDS.length}`);
  for (const [index, { state, text, attempts }] of details.entries()) {
    if (state !== 'complete') {
      problems.push(`exchange ${index + 1} is ${state}`);
      for (const { target, fault, message } of attempts) problems.push(`  ${target}: ${fault ?? 'no fault'}, ${message ?? ''}`);
    }
    if (text !== WORDS[index]) problems.push(`on disk in exchange ${index + 1}: ${JSON.stringify(text)}`);
    if (!leadAnswers && faulty && index === 0 && attempts.length < 2) problems.push('nobody stood in for the lead');
  }
  return problems;
}

/** Each provider may see its own key, and never the client's. */
function leaked(sim: SimServer, key: string, name: string): string[] {
  const wrong = sim.requests().some(({ headers, body }) => {
    const all = JSON.stringify(headers) + body;
    return !all.includes(key) || [LEAD_KEY, BACKUP_KEY, CLIENT_KEY].some((other) => other !== key && all.includes(other));
  });
  return wrong ? [`the ${name} has seen a key that is not its own`] : [];
}

function course({ attempts }: ExchangeDetail): string {
  return attempts.map(({ target, outcome }) => `${target.split('/')[0]} ${outcome}`).join(', ');
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-5).join(' / ');
}
