import type { ArchivedMessage } from '../conversation.ts';
import type { ConversationSummary } from '../store/read.ts';
import { inTokens, shortened } from './budget.ts';
import { withoutSecrets } from './secrets.ts';
import { lastTurns, textOf } from './last-turns.ts';
import { callInShort, workDone } from './work-done.ts';
import type { WorkDone } from './work-done.ts';

/** The state of the working folder, as git tells it. */
export interface GitState {
  branch: string;
  /** Of HEAD: short hash and subject. */
  commit: string;
  /** `git status --short`, a line a file. */
  changes: string[];
}

export interface HandoffInput {
  conversation: Pick<ConversationSummary, 'title' | 'source' | 'project' | 'branch' | 'updatedAt' | 'status'> & { id?: string };
  /** The branch that is handed over, in order. */
  messages: readonly ArchivedMessage[];
  git?: GitState;
  /** Tokens that all of it may take, about. */
  budget: number;
  /** Keys that are known, to be taken out besides what looks like one. */
  secrets?: readonly string[];
  /** Comes on top of the budget: what is told without it stays the same. */
  summary?: ModelSummary;
}

/** What a model has written of the conversation. */
export interface ModelSummary {
  text: string;
  /** Who wrote it: `openai/gpt-5.6`. */
  by: string;
  /** UTC milliseconds. */
  at: number;
  /** It had more to say. */
  isCut?: boolean;
}

export interface Handoff {
  /** For the assistant that takes over. */
  markdown: string;
  /** Estimated. */
  tokens: number;
  work: WorkDone;
  /** Credentials that were taken out, by kind. */
  removed: ReadonlyMap<string, number>;
  /** Messages of the branch that are not told verbatim. */
  leftOut: number;
}

/** Shares of the budget. What one does not need goes to the last turns. */
const SHARE = { goal: 0.15, requests: 0.15, summary: 0.2, steps: 0.05, files: 0.08, pending: 0.1, git: 0.05 };

/**
 * What another assistant needs to go on with a conversation, in Markdown, without asking a model: goal, later instructions, the
 * state of the work, calls without a result, and the last turns verbatim. Credentials are taken out before anything is shortened,
 * so that half of one never stays.
 */
export function handoff({ conversation, messages, git, budget, secrets = [], summary: written }: HandoffInput): Handoff {
  const removed = new Map<string, number>();
  const clean = (text: string): string => {
    const result = withoutSecrets(text, secrets);
    for (const [kind, count] of result.removed) removed.set(kind, (removed.get(kind) ?? 0) + count);
    return result.text;
  };
  const part = (share: number, text: string): string => shortened(clean(text), Math.floor(budget * share));

  // What a CLI notes of its own errors is nobody's turn.
  const told = messages.filter(({ hidden, extras }) => !hidden && extras?.['apiError'] === undefined);
  const requests = told.filter((message) => message.role === 'user' && textOf(message) !== '');
  const [first, ...later] = requests;
  const summary = messages.findLast(({ extras }) => extras?.['compactSummary'] === true);
  const work = workDone(messages);

  const sections: [heading: string, text: string][] = [
    [GOAL, first ? part(SHARE.goal, firstAsked(textOf(first))) : 'Nobody has asked anything yet.'],
    ['What was asked later', part(SHARE.requests, later.map((message) => `- ${oneLine(textOf(message))}`).join('\n'))],
    ['Earlier summary', summary ? part(SHARE.summary, textOf(summary)) : ''],
    ['Steps', part(SHARE.steps, stepLines(work))],
    ['Files changed', part(SHARE.files, fileLines(work))],
    ['Git', git ? part(SHARE.git, gitLines(git)) : ''],
    ['Interrupted, result unknown', part(SHARE.pending, pendingLines(work))],
  ];
  const opening = introduction(conversation, messages, clean);
  const before = [opening, ...sections.flatMap(([heading, text]) => section(heading, text))];
  const rest = budget - inTokens(before.join('\n\n')) - inTokens(CLOSING);
  const turns = lastTurns(told, Math.max(rest, budget * 0.2), clean);
  const markdown = [
    opening,
    ...(written ? section('Summary by a model', summaryText(written, clean)) : []),
    ...before.slice(1),
    ...section(turns.leftOut > 0 ? 'The last turns, verbatim' : 'All turns, verbatim', turns.text),
    CLOSING,
  ].join('\n\n');
  return { markdown: `${markdown}\n`, tokens: inTokens(markdown), work, removed, leftOut: turns.leftOut };
}

const PUT_TOGETHER = 'another assistant could not go on. This was put together from its conversation.';
/** The title first: sessions and conversations are listed by their first words. opencode puts what it is given in quotes. */
const OPENING = /^"?Take over (?:“.*”|a conversation): another assistant could not go on\. This was put together /;
/** As a list shows it: cut somewhere. */
const TITLE = /^"?Take over “(.+?)(?:”: a.*|…)$/;
const GOAL = 'Goal, as first asked';

/** Of a conversation that was handed over already, what it was called before. */
function titleBefore(title: string): string {
  return TITLE.exec(title.replace(/\s+/g, ' ').trim())?.[1] ?? title;
}

/** Of a conversation that was handed over already, what was asked at the very first. */
function firstAsked(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const goal = OPENING.test(line) ? text.indexOf(`\n## ${GOAL}\n\n`) : -1;
  if (goal < 0) return text;
  const from = goal + `\n## ${GOAL}\n\n`.length;
  const next = text.indexOf('\n## ', from);
  return text.slice(from, next < 0 ? undefined : next).trim();
}

/** To be said last, because that is what is read last. */
const CLOSING = `## Go on from here

You take over from another assistant, which could not go on. What is above was said and done by it and its user, not by you.
Look at the files as they are before you change them: what is listed as interrupted may or may not have happened.
Run a command again only if running it twice does no harm. Do not repeat what is done; finish what is open.`;

function introduction(
  conversation: HandoffInput['conversation'],
  messages: readonly ArchivedMessage[],
  clean: (text: string) => string,
): string {
  const { title, source, project, branch, updatedAt, status, id } = conversation;
  const producer = messages.findLast((message) => message.producer)?.producer;
  const facts = [
    `From: ${source}${producer?.model === undefined ? '' : ` (${producer.model})`}`,
    ...(project === undefined ? [] : [`Folder: ${project}${branch === undefined ? '' : `, branch ${branch}`}`]),
    ...(updatedAt === undefined ? [] : [`Last word: ${new Date(updatedAt).toISOString()}`]),
    ...(status === 'complete' ? [] : [`The last answer is ${status}: it was cut off.`]),
    ...(id === undefined ? [] : [`Archive: ${id}`]),
  ];
  const called = clean(titleBefore(title)).replace(/\s+/g, ' ').trim();
  // Words first: some CLIs give a meaning to a # or a / at the beginning of what is typed.
  return `Take over ${called === '' ? 'a conversation' : `“${called}”`}: ${PUT_TOGETHER}\n\n# Taking over: ${called === '' ? 'a conversation without a title' : called}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}`;
}

function summaryText({ text, by, at, isCut }: ModelSummary, clean: (text: string) => string): string {
  const quoted = clean(text).replace(/^/gm, '> ').replace(/^> $/gm, '>');
  const label = `Written by ${by} at ${new Date(at).toISOString()}, not by the user or the assistant before you, and not checked. Where it differs from what follows, what follows counts.`;
  return `${label}\n\n${quoted}${isCut ? '\n\n(It ended at its limit of length.)' : ''}`;
}

function section(heading: string, text: string): string[] {
  return text.trim() === '' ? [] : [`## ${heading}\n\n${text.trimEnd()}`];
}

function stepLines({ steps }: WorkDone): string {
  const box = { done: '[x]', doing: '[ ] (under way)', open: '[ ]' };
  return steps.map(({ text, state }) => `- ${box[state]} ${oneLine(text)}`).join('\n');
}

/** The newest first: what does not fit is the oldest. */
function fileLines({ files }: WorkDone): string {
  return files
    .toReversed()
    .map(
      ({ path, changes, uncertain }) => `- ${path} (${times(changes)}${uncertain ? '; whether the last one took place is not known' : ''})`,
    )
    .join('\n');
}

function times(count: number): string {
  return count === 1 ? 'changed once' : `changed ${count} times`;
}

function gitLines({ branch, commit, changes }: GitState): string {
  const state = changes.length === 0 ? 'nothing is uncommitted' : 'uncommitted:';
  return [`On ${branch} at ${commit}; ${state}`, ...changes.map((line) => `    ${line}`)].join('\n');
}

function pendingLines({ pending }: WorkDone): string {
  return pending.map((call) => `- ${callInShort(call)}`).join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
