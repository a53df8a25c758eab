import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExchangeDetail } from '../../src/journal/journal.ts';
import type { Recorded } from '../../src/sim/recorder.ts';
import { CLOSING } from '../../src/sim/speech.ts';
import type { ClientCase } from './cases.ts';
import { runChild, type ChildResult } from './child.ts';
import { expectedOf } from './expected.ts';
import { protectionProblems } from './protected.ts';
import { configOf, KEYS, makeHome, startProviders, TOOL_OUTPUT, type Home, type Providers } from './stage.ts';
import { startUnderstudy } from './understudy-process.ts';

export interface CaseResult {
  /** What was not as it should be; empty: passed. */
  problems: string[];
  seconds: number;
  /** Who was asked and what came of it, for each request of the client: `lead failed, backup whole`. */
  course: string;
  /** What the lead received. */
  requests: Recorded[];
}

/** Far above the deadlines of the configuration: what takes this long hangs. */
const CLIENT_TIMEOUT = 60_000;

const QUESTION = 'Please say your lines.';
const TOOL_QUESTIONS = {
  Bash: `Please run the command. [sim bash=simulated command]`,
  first: `Please run the command. [sim tools=1]`,
};

/**
 * One prompt of a real CLI with a fresh home, through an Understudy of its own. Rejects only where the stage cannot be set up.
 * `client`: the command that starts it.
 */
export async function runCase(root: string, client: readonly string[], each: ClientCase, signal: AbortSignal): Promise<CaseResult> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-client-'));
  const providers = await startProviders(each);
  try {
    const understudy = await startUnderstudy(root, join(folder, 'understudy'), configOf(each, providers), {
      PATH: process.env['PATH'],
      HOME: folder,
    });
    try {
      const home = makeHome(folder, each, client, understudy.address);
      const child = await ask(root, client, each, home, understudy.address, signal);
      const exchanges = await understudy.exchanges();
      const details = await Promise.all(exchanges.map(({ id }) => understudy.exchange(id)));
      return {
        problems: [
          ...exitProblems(child),
          ...wordProblems(each, child, details),
          ...toolProblems(each, home),
          ...providerProblems(each, providers),
          ...(await sessionProblems(each, home, child, folder)),
        ],
        seconds: (performance.now() - began) / 1000,
        course: details.map(course).join(' | '),
        requests: providers.lead.requests(),
      };
    } finally {
      await understudy.stop();
    }
  } finally {
    await providers.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it has written down itself can be protected, and says the same. */
function sessionProblems({ variant, kind }: ClientCase, { environment }: Home, { stdout }: ChildResult, folder: string): Promise<string[]> {
  const question = kind === 'prompt' ? QUESTION : TOOL_QUESTIONS[variant.tool];
  const toolOutput = kind === 'tool round' && variant.executions > 0 ? TOOL_OUTPUT : undefined;
  return protectionProblems(variant, environment, folder, { question, said: variant.said(stdout), toolOutput });
}

function ask(
  root: string,
  client: readonly string[],
  each: ClientCase,
  home: Home,
  address: string,
  signal: AbortSignal,
): Promise<ChildResult> {
  const { variant, kind } = each;
  mkdirSync(home.work, { recursive: true });
  const args = variant.args(kind === 'prompt' ? QUESTION : TOOL_QUESTIONS[variant.tool]);
  const hand = variant.byHand?.(address);
  const command = hand
    ? [...client, ...hand.args, ...args]
    : [process.execPath, join(root, 'bin', 'understudy'), 'run', '--quiet', '--url', address, variant.client, ...args];
  return runChild(command, { cwd: home.work, env: { ...home.environment, ...hand?.environment }, timeout: CLIENT_TIMEOUT, signal });
}

function exitProblems({ code, ended, stdout, stderr }: ChildResult): string[] {
  return code === 0 ? [] : [`exit: ${ended ?? code}; ${tail(stderr)} / ${tail(stdout)}`];
}

/** The client must have said the words of the conversation, each once, have needed no retry of its own, and every word is on disk. */
function wordProblems({ variant, kind, trouble }: ClientCase, child: ChildResult, details: readonly ExchangeDetail[]): string[] {
  const problems: string[] = [];
  const conversation: string[] = [];
  let asides = 0;
  for (const [index, detail] of details.entries()) {
    const { state, text, attempts } = detail;
    const expected = expectedOf(detail, variant.dialect);
    if (!expected) {
      problems.push(`the request of exchange ${index + 1} is not on disk`);
      continue;
    }
    const aside = (expected.aside && variant.wordsOnly !== true) || variant.aside?.test(detail.request ?? '') === true;
    if (aside) {
      // A title may well be refused, as it would be by the provider itself; no CLI minds.
      asides++;
      continue;
    }
    conversation.push(expected.words);
    if (state !== 'complete') {
      problems.push(`exchange ${index + 1} is ${state}`);
      for (const { target, fault, message } of attempts) problems.push(`  ${target}: ${fault ?? 'no fault'}, ${message ?? ''}`);
    }
    if (text !== expected.words)
      problems.push(`on disk in exchange ${index + 1}: ${JSON.stringify(text)} and not ${JSON.stringify(expected.words)}`);
  }
  const wanted = kind === 'prompt' ? 1 : 2;
  if (conversation.length !== wanted) problems.push(`${conversation.length} requests instead of ${wanted}`);
  if (asides > 1) problems.push(`${asides} requests beside the conversation`);
  const said = variant.said(child.stdout);
  if (JSON.stringify(said) !== JSON.stringify(conversation))
    problems.push(`it said ${JSON.stringify(said)} and not ${JSON.stringify(conversation)}`);
  const last = conversation.at(-1) ?? '';
  if (!last.endsWith(CLOSING)) problems.push(`the last words are ${JSON.stringify(last.slice(-80))}`);
  if (kind === 'tool round' && variant.executions > 0 && !last.includes(TOOL_OUTPUT))
    problems.push(`what the tool said did not come back: ${JSON.stringify(last.slice(0, 300))}`);
  const stoodIn = details.some(({ attempts }) => attempts.length > 1);
  if (trouble.fault && trouble.leadAnswers !== true && !stoodIn) problems.push('nobody stood in for the lead');
  return problems;
}

function toolProblems({ variant, kind }: ClientCase, { work }: Home): string[] {
  let runs = 0;
  try {
    runs = readFileSync(join(work, 'executions.txt'), 'utf8').split('\n').length - 1;
  } catch {
    // No file: it never ran.
  }
  const wanted = kind === 'prompt' ? 0 : variant.executions;
  return runs === wanted ? [] : [`the tool ran ${runs} times instead of ${wanted}`];
}

/** Each provider may see its own key, and never the client's; and the fault must have struck. */
function providerProblems({ trouble }: ClientCase, providers: Providers): string[] {
  const problems: string[] = [];
  for (const name of ['lead', 'backup'] as const) {
    const others = Object.values(KEYS).filter((key) => key !== KEYS[name]);
    for (const { headers, body, path } of providers[name].requests()) {
      const all = JSON.stringify(headers) + body + path;
      if (!all.includes(KEYS[name])) problems.push(`the ${name} was not shown its key`);
      if (others.some((key) => all.includes(key))) problems.push(`the ${name} has seen a key that is not its own`);
    }
  }
  if (trouble.fault && !providers.lead.requests().some(({ fault }) => fault !== undefined)) problems.push('the fault never struck');
  return problems;
}

function course({ attempts }: ExchangeDetail): string {
  return attempts.map(({ target, outcome }) => `${target.split('/')[0]} ${outcome}`).join(', ');
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-5).join(' / ').slice(-1000);
}
