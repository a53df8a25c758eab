import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { handoff } from '../../archive/handoff/bundle.ts';
import type { Handoff, HandoffInput, ModelSummary } from '../../archive/handoff/bundle.ts';
import { fileNameOf } from '../../archive/mirror/mirror-path.ts';
import { messagesOf } from '../../archive/store/read.ts';
import type { ConversationSummary } from '../../archive/store/read.ts';
import type { Archive } from '../../archive/store/open.ts';
import { shownBranch } from '../../archive/tree.ts';
import { ok, type Result } from '../../exchange/result.ts';
import { CHOICE_ARGS, chosenConversation } from './chosen-conversation.ts';
import type { Client } from '../clients/client.ts';
import { CLIENTS } from '../clients/clients.ts';
import { toClipboard } from './clipboard.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { isEncrypted } from '../../journal/at-rest/header.ts';
import { EXIT } from '../exit-code.ts';
import { gitState } from './git-state.ts';
import { askForSummary, planSummary, SUMMARY_PATIENCE, SUMMARY_READS } from './handoff-summary.ts';
import { openedArchive } from './open-archive.ts';
import { openPage } from '../open-page.ts';
import { CONFIG_ARGS, PORT_ARG } from '../read-config.ts';
import { findProgram } from '../../watch/alerts/find-program.ts';
import { startClient } from '../run/run-command.ts';
import { talkFolder } from './talk-folder.ts';

/** Tokens. What a CLI takes as one argument on every system (32 KB on Windows), and a tenth of a small window. */
const BUDGET = 7000;
const LEAST = 1500;
/** Web chats that take a pasted text. */
const CHATS: Record<string, string> = {
  chatgpt: 'https://chatgpt.com/',
  'claude.ai': 'https://claude.ai/new',
  'gemini.google.com': 'https://gemini.google.com/app',
};
const PLACES = [...CLIENTS.map(({ name }) => name), ...Object.keys(CHATS), 'clipboard', 'file'];

export const handoffCommand: Command = {
  name: 'handoff',
  summary: 'Hands a conversation over to another assistant.',
  args: {
    id: { type: 'positional', required: false, description: 'A conversation, by its id or the beginning of it.' },
    ...CHOICE_ARGS,
    to: { type: 'string', alias: 't', valueHint: 'WHO', description: `${PLACES.join(', ')}; default: it is printed.` },
    prompt: { type: 'string', valueHint: 'TEXT', description: 'What you want said besides, at the end.' },
    budget: { type: 'string', valueHint: 'TOKENS', description: `How much it may be, about; default ${BUDGET}.` },
    out: { type: 'string', alias: 'o', valueHint: 'FILE', description: 'With --to file: where to.' },
    summary: {
      type: 'boolean',
      description: `A model of your running Understudy adds a summary, within ${SUMMARY_PATIENCE / 1000} s; what it costs is said first.`,
    },
    'summary-model': { type: 'string', valueHint: 'MODEL', description: 'The same, by this one; default: the first that a route names.' },
    once: { type: 'boolean', description: 'A CLI answers and ends, instead of staying.' },
    behind: { type: 'boolean', description: 'Start the CLI with Understudy in front (understudy run) instead of by itself.' },
    json: { type: 'boolean', description: 'Markdown, tokens, files, steps and pending calls as JSON.' },
    ...CONFIG_ARGS,
    ...PORT_ARG,
    url: { type: 'string', valueHint: 'URL', description: 'With --behind: the Understudy to use.' },
    quiet: { type: 'boolean', alias: 'q', description: 'Say nothing besides.' },
    notify: {
      type: 'boolean',
      default: true,
      description: 'With --behind: tell of a switch on the desktop.',
      negativeDescription: 'Do not.',
    },
  },
  examples: [
    ['understudy handoff --cwd --to codex', 'this folder’s newest session goes on in Codex'],
    ['understudy handoff --last --to chatgpt', 'on the clipboard, and the page is opened'],
    ['understudy handoff c_1kx > over.md', 'to read it first'],
  ],
  page: 'handoff.md',
  more: [
    'A hand-over is no resume: the other assistant is told what happened. Credentials are taken out; calls that were cut off are named as “result unknown”.',
    'It goes to whom you name, and nobody else.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const to = flags.text('to');
    if (to !== undefined && !PLACES.includes(to)) {
      terminal.note(`Nobody here is called ${to}; there are: ${PLACES.join(', ')}.`);
      return EXIT.usage;
    }
    const budget = Number(flags.text('budget') ?? BUDGET);
    if (!Number.isFinite(budget) || budget < LEAST) {
      terminal.note(`--budget ${flags.text('budget')}: give a number of tokens, ${LEAST} or more.`);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    const prepared = await prepare(archive, budget, context);
    archive.close();
    if (!prepared.ok) {
      terminal.note(prepared.error);
      return EXIT.usage;
    }
    const { made, conversation } = prepared.value;
    if (flags.on('json')) {
      terminal.out(JSON.stringify({ ...made, removed: Object.fromEntries(made.removed) }, null, 2));
      return EXIT.done;
    }
    return deliver(made, conversation, { to, data }, context);
  },
};

async function prepare(
  archive: Archive,
  budget: number,
  context: Context,
): Promise<Result<{ made: Handoff; conversation: ConversationSummary }, string>> {
  const chosen = chosenConversation(archive, context);
  if (!chosen.ok) return chosen;
  return ok({ made: await bundleOf(archive, chosen.value, budget, context), conversation: chosen.value });
}

/** The hand-over of a conversation, with the state of the folder that it was held in. */
export async function bundleOf(archive: Archive, conversation: ConversationSummary, budget: number, context: Context): Promise<Handoff> {
  const { flags, deps } = context;
  const messages = shownBranch([...messagesOf(archive, conversation.id)], conversation.current);
  const { project } = conversation;
  const git = project !== undefined && existsSync(project) ? await gitState(project) : undefined;
  const input = { conversation, messages, ...(git && { git }), secrets: keysIn(deps.surroundings.environment) };
  const summary = flags.on('summary') || flags.text('summary-model') !== undefined ? await summaryOfModel(input, context) : undefined;
  const made = handoff({ ...input, budget, ...(summary && { summary }) });
  const wish = flags.text('prompt');
  return wish === undefined ? made : { ...made, markdown: `${made.markdown}\n${wish}\n` };
}

/** Nothing where no model answers in time, which is said: the hand-over is complete without it. */
async function summaryOfModel(input: Omit<HandoffInput, 'budget'>, context: Context): Promise<ModelSummary | undefined> {
  const { flags, terminal, deps } = context;
  const material = handoff({ ...input, budget: SUMMARY_READS });
  const plan = await planSummary(flags.text('summary-model'), material.tokens, context);
  if (plan.ok) terminal.note(plan.value.says);
  const made = plan.ok ? await askForSummary(plan.value, material, () => deps.clock.now()) : plan;
  if (made.ok) return made.value;
  terminal.note(`There is no summary by a model: ${made.error.replace(/\.$/, '')}. The hand-over goes without it.`);
  return undefined;
}

/** Values of variables that are named as keys are. */
function keysIn(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    /KEY|TOKEN|SECRET|PASSWORD/i.test(name) && value !== undefined && value.length >= 12 ? [value] : [],
  );
}

async function deliver(
  made: Handoff,
  conversation: ConversationSummary,
  { to, data }: { to: string | undefined; data: string },
  context: Context,
): Promise<number> {
  const { flags, terminal, deps } = context;
  const { environment, platform, workingFolder } = deps.surroundings;
  if (to === undefined) {
    terminal.raw(made.markdown);
    return EXIT.done;
  }
  const client = CLIENTS.find(({ name }) => name === to);
  if (client && findProgram(client.programs, environment, platform) === undefined) {
    const there = CLIENTS.filter((each) => findProgram(each.programs, environment, platform) !== undefined).map(({ name }) => name);
    terminal.note(
      `${client.title} is not installed here. Install it with: ${client.install}. Or hand over to: ${[...there, 'chatgpt', 'clipboard', 'file'].join(', ')}.`,
    );
    return EXIT.usage;
  }
  if (!flags.on('quiet')) for (const line of inShort(made, conversation)) terminal.note(line);
  if (client) return startWith(client, made.markdown, conversation, context);

  if (to === 'file') {
    if (isEncrypted(data) && flags.text('out') === undefined) {
      terminal.note('The data folder is encrypted, and a hand-over is a file that others read: say where it shall lie with --out FILE.');
      return EXIT.usage;
    }
    const path =
      flags.text('out') ?? join(data, 'archive', 'handoffs', `${fileNameOf(conversation.title || 'conversation')} ${conversation.id}.md`);
    const file = resolve(workingFolder, path);
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, made.markdown, { mode: 0o600 });
    terminal.note(`Written: ${file}`);
    return EXIT.done;
  }
  if (!(await toClipboard(made.markdown, environment, platform))) {
    terminal.note(
      'No program was found that reaches the clipboard (pbcopy, wl-copy, xclip, xsel, clip). Use --to file, or copy what follows.',
    );
    terminal.raw(made.markdown);
    return EXIT.failed;
  }
  const page = CHATS[to];
  terminal.note(page === undefined ? 'It is on the clipboard.' : `It is on the clipboard: paste it at ${page}`);
  if (page !== undefined) (deps.openPage ?? ((url: string) => openPage(url, platform)))(page);
  return EXIT.done;
}

/** Starts a CLI in the conversation's folder, with the hand-over as its first question. */
function startWith(client: Client, markdown: string, { project }: ConversationSummary, context: Context): Promise<number> {
  const { flags, deps } = context;
  const folder = project !== undefined && existsSync(project) ? project : deps.surroundings.workingFolder;
  const { environment, home } = deps.surroundings;
  const args = client.talk.begin(markdown, flags.on('once'), talkFolder(folder, project, environment['HOME'] ?? home));
  return startClient(client, args, {
    ...context,
    flags: { ...flags, on: (name) => (name === 'direct' ? !flags.on('behind') : flags.on(name)) },
    deps: { ...deps, surroundings: { ...deps.surroundings, workingFolder: folder } },
  });
}

function inShort({ tokens, work, removed, leftOut }: Handoff, { title, source }: ConversationSummary): string[] {
  const secrets = [...removed.values()].reduce((sum, count) => sum + count, 0);
  return [
    `Handing over ${title === '' ? 'a conversation without a title' : `“${title}”`} (${source}): about ${tokens} tokens, ${counted(work.files.length, 'changed file')}` +
      `${work.pending.length === 0 ? '' : `, ${counted(work.pending.length, 'call')} without a result`}` +
      `${leftOut === 0 ? '' : `, ${counted(leftOut, 'earlier message')} only in short`}.`,
    ...(secrets === 0 ? [] : [`Taken out: ${[...removed].map(([kind, count]) => counted(count, kind)).join(', ')}.`]),
  ];
}
