import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { htmlOf } from '../../archive/export/html.ts';
import { markdownOf } from '../../archive/export/markdown.ts';
import { originalsBeside, ownFormat } from '../../archive/export/own-format.ts';
import { fileNameOf, mirrorPath } from '../../archive/mirror/mirror-path.ts';
import type { Archive } from '../../archive/store/open.ts';
import { readOriginal } from '../../archive/store/originals.ts';
import { messagesOf } from '../../archive/store/read.ts';
import type { ConversationSummary } from '../../archive/store/read.ts';
import { CHOICE_ARGS, chosenConversation } from './chosen-conversation.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { everything, whatIsFound } from './export-selection.ts';
import { findBrowser, printPdf } from './print-pdf.ts';
import { CONFIG_ARGS } from '../read-config.ts';

const FORMATS = ['md', 'html', 'pdf', 'jsonl'] as const;
type Format = (typeof FORMATS)[number];

export const exportCommand: Command = {
  name: 'export',
  summary: 'Writes conversations as Markdown, HTML, PDF or JSON.',
  args: {
    id: { type: 'positional', required: false, description: 'A conversation, by its id or the beginning of it.' },
    ...CHOICE_ARGS,
    all: { type: 'boolean', description: 'Every conversation, into the folder that --out names.' },
    search: { type: 'string', valueHint: 'WORDS', description: 'All that understudy search finds for them, likewise.' },
    format: {
      type: 'string',
      alias: 'f',
      valueHint: 'FORMAT',
      description: `${FORMATS.join(', ')}; default: by the ending of --out, else md.`,
    },
    out: { type: 'string', alias: 'o', valueHint: 'PATH', description: 'A file, or a folder for --all; default: standard output.' },
    reasoning: {
      type: 'boolean',
      default: true,
      description: 'Models’ thoughts too, folded.',
      negativeDescription: 'Without models’ thoughts.',
    },
    force: { type: 'boolean', description: 'Write over what is there.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy export --last', 'the newest conversation, as Markdown'],
    ['understudy export c_1kx --out talk.html', 'a page that needs nothing else'],
    ['understudy export --cwd --out talk.pdf', 'this folder’s newest, printed by your browser'],
    ['understudy export --all --out ~/conversations', 'everything, a file each'],
    ['understudy export --search kafka --out k.jsonl', 'what is found, to be imported elsewhere'],
  ],
  page: 'export.md',
  more: [
    'jsonl is documented (docs/export.md) and comes back without loss: understudy import.',
    'Exit code 0: it is written. 1: nothing is found for --search, or it can’t be written. 2: wrong arguments, or no such conversation.',
    'Branches that are not shown follow at the end. A folder that is kept up to date: understudy mirror. Code and files alone: understudy outputs.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const out = flags.text('out');
    const path = out === undefined ? undefined : resolve(deps.surroundings.workingFolder, out);
    const asked = flags.text('format') ?? (path === undefined ? '' : extname(path).slice(1).toLowerCase());
    const format =
      FORMATS.find((each) => each === (asked === 'markdown' ? 'md' : asked)) ?? (flags.text('format') === undefined ? 'md' : undefined);
    if (format === undefined) {
      terminal.note(`There is no format ${asked}; there are: ${FORMATS.join(', ')}.`);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive } = opened.value;
    try {
      const wanted = flags.text('search');
      if (wanted !== undefined) return await exportFound(archive, wanted, format, path, context);
      if (flags.on('all')) return await exportMany(archive, everything(archive), format, path, context);
      const chosen = chosenConversation(archive, context);
      if (!chosen.ok) {
        terminal.note(chosen.error);
        return EXIT.usage;
      }
      return await exportOne(archive, chosen.value, format, path, context);
    } finally {
      archive.close();
    }
  },
};

async function exportOne(
  archive: Archive,
  conversation: ConversationSummary,
  format: Format,
  out: string | undefined,
  context: Context,
): Promise<number> {
  const { terminal, flags, deps } = context;
  if (out === undefined && format === 'jsonl') {
    for (const line of ownFormat(archive, [conversation], deps.clock.now(), () => undefined)) terminal.raw(line);
    return EXIT.done;
  }
  if (out === undefined && format !== 'pdf' && format !== 'jsonl') {
    for (const piece of pagesOf(archive, conversation, format, context)) terminal.raw(piece);
    return EXIT.done;
  }
  const folder = out !== undefined && existsSync(out) && statSync(out).isDirectory() ? out : undefined;
  const name = `${fileNameOf(conversation.title || conversation.id)}.${format}`;
  const path = folder === undefined ? (out ?? join(deps.surroundings.workingFolder, name)) : join(folder, name);
  if (existsSync(path) && !flags.on('force')) {
    terminal.note(`${path} is there already; --force writes over it.`);
    return EXIT.usage;
  }
  const failed = await writeOne(archive, conversation, format, path, context);
  if (failed !== undefined) {
    terminal.note(failed);
    return EXIT.failed;
  }
  terminal.note(`Written: ${path}`);
  return EXIT.done;
}

/** Like grep, and like the search itself: what finds nothing has failed. */
async function exportFound(archive: Archive, wanted: string, format: Format, out: string | undefined, context: Context): Promise<number> {
  const { terminal, deps } = context;
  const found = whatIsFound(archive, deps.clock, wanted, (what) => terminal.note(`Not used: ${what}.`));
  const first = found.next();
  if (first.done) {
    terminal.note(`Nothing is found for ${wanted}; nothing was written. Try it with: understudy search`);
    return EXIT.failed;
  }
  const one = first.value;
  function* all(): Generator<ConversationSummary> {
    yield one;
    yield* found;
  }
  return exportMany(archive, all(), format, out, context);
}

async function exportMany(
  archive: Archive,
  conversations: Iterable<ConversationSummary>,
  format: Format,
  out: string | undefined,
  context: Context,
): Promise<number> {
  const { terminal, flags } = context;
  if (out === undefined) {
    terminal.note('Into which folder? Give --out DIR.');
    return EXIT.usage;
  }
  let written = 0;
  function* counting(): Generator<ConversationSummary> {
    for (const conversation of conversations) {
      yield conversation;
      written += 1;
      if (terminal.screen) terminal.raw(`\r${counted(written, 'conversation')} written`);
    }
  }
  const failed =
    format === 'jsonl'
      ? await writeOwn(archive, counting(), extname(out) === '.jsonl' ? out : join(out, 'conversations.jsonl'), flags.on('force'), context)
      : await writeEach(archive, counting(), format, out, context);
  if (terminal.screen) terminal.raw('\r');
  if (failed !== undefined) {
    terminal.note(`${failed}\n${counted(written, 'conversation')} had been written to ${out}.`);
    return EXIT.failed;
  }
  terminal.note(`${counted(written, 'conversation')} written to ${out}.`);
  return EXIT.done;
}

async function writeEach(
  archive: Archive,
  conversations: Iterable<ConversationSummary>,
  format: Exclude<Format, 'jsonl'>,
  folder: string,
  context: Context,
): Promise<string | undefined> {
  for (const conversation of conversations) {
    const path = join(folder, mirrorPath(conversation).replace(/\.md$/, `.${format}`));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const failed = await writeOne(archive, conversation, format, path, context);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

async function writeOwn(
  archive: Archive,
  conversations: Iterable<ConversationSummary>,
  path: string,
  over: boolean,
  { deps }: Context,
): Promise<string | undefined> {
  if (existsSync(path) && !over) return `${path} is there already; --force writes over it.`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const lines = ownFormat(archive, conversations, deps.clock.now(), originalsBeside(archive, dirname(path)));
    await pipeline(Readable.from(lines), createWriteStream(path, { mode: 0o600 }));
    return undefined;
  } catch (error) {
    return notWritten(path, error);
  }
}

/** Returns what went wrong. A file is there whole or not at all. */
async function writeOne(
  archive: Archive,
  conversation: ConversationSummary,
  format: Format,
  path: string,
  context: Context,
): Promise<string | undefined> {
  const { deps } = context;
  if (format === 'jsonl') return writeOwn(archive, [conversation], path, true, context);
  const pages = (kind: 'md' | 'html' | 'paper'): Readable => Readable.from(pagesOf(archive, conversation, kind, context));
  try {
    if (format !== 'pdf') {
      await pipeline(pages(format), createWriteStream(path, { mode: 0o600 }));
      return undefined;
    }
    const { environment, platform } = deps.surroundings;
    const browser = findBrowser(environment, platform);
    if (browser === undefined)
      return 'PDF is printed by a browser, and none was found (Chromium, Chrome, Edge). Export --format html and print that page.';
    if (conversation.messages > MOST_PRINTED)
      return `${conversation.messages} messages are more than a browser prints in minutes (${MOST_PRINTED}). Export --format html: a browser shows it, and prints a part.`;
    const scratch = mkdtempSync(join(tmpdir(), 'understudy-pdf-'));
    try {
      const html = join(scratch, 'page.html');
      await pipeline(pages('paper'), createWriteStream(html, { mode: 0o600 }));
      return await printPdf(browser, html, path, scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  } catch (error) {
    return notWritten(path, error);
  }
}

function notWritten(path: string, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  return `${path} could not be written: ${said}. ${isFull ? 'Free some space, or choose' : 'Choose'} another place with --out.`;
}

function pagesOf(
  archive: Archive,
  conversation: ConversationSummary,
  format: 'md' | 'html' | 'paper',
  { flags, deps }: Context,
): Iterable<string> {
  const messages = [...messagesOf(archive, conversation.id)];
  const options = { reasoning: flags.on('reasoning'), branches: true };
  const paper = format === 'paper' && { paper: paperIn(deps.surroundings.environment) };
  return format === 'md'
    ? markdownOf(conversation, messages, { ...options, linkTo: () => undefined })
    : htmlOf(conversation, messages, { ...options, ...paper, read: (sha256) => readOriginal(archive, sha256) });
}

/** Chromium 156 on two cores took 9 s for 800 messages, 21 for 2000, 240 for 5000, and did not end with 10,000. */
const MOST_PRINTED = 4000;

/** Countries that print on Letter, by the Unicode CLDR's territory data (measurementData, paperSize). Everybody else has A4. */
const LETTER = /_(?:BZ|CA|CL|CO|CR|GT|MX|NI|PA|PH|PR|SV|US|VE)\b/;

function paperIn(environment: Readonly<Record<string, string | undefined>>): 'A4' | 'letter' {
  const locale = ['LC_ALL', 'LC_PAPER', 'LANG'].map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  return LETTER.test(locale ?? '') ? 'letter' : 'A4';
}
