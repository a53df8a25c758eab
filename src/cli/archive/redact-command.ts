import { confirm, isCancel, password } from '@clack/prompts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { forgetRedactions, rememberedEverywhere } from '../../archive/care/finish.ts';
import { openRedaction, type Redaction, type RedactionOptions } from '../../archive/care/redact.ts';
import { type Finder, literalFinder, patternFinder } from '../../archive/redaction/finder.ts';
import { secretFinder } from '../../archive/redaction/secret-finder.ts';
import type { Archive } from '../../archive/store/open.ts';
import { findConversation } from '../../archive/store/read.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { whatIsFound } from './export-selection.ts';
import { inUse } from './in-use.ts';
import { openedArchive } from './open-archive.ts';
import { isEmpty, placesOf, previewRedaction, redactionJson } from './redact-view.ts';

/** Letters that a text has at least: what is shorter is in everything. */
const SHORTEST = 4;

export const redactCommand: Command = {
  name: 'redact',
  summary: 'Takes a text out of everything that is kept.',
  args: {
    words: { type: 'positional', required: false, description: 'The text; then conversations, by their whole ids.' },
    from: { type: 'string', valueHint: 'FILE', description: 'The text is in a file: your shell remembers what you type.' },
    pattern: { type: 'string', valueHint: 'REGEX', description: 'What fits a regular expression (JavaScript’s) instead of a text.' },
    secrets: { type: 'boolean', description: 'Keys, tokens and passwords that can be told by their form.' },
    again: { type: 'boolean', description: 'All that was redacted everywhere before, where it has come back.' },
    search: { type: 'string', valueHint: 'WORDS', description: 'Only in what understudy search finds for them.' },
    all: { type: 'boolean', description: 'In everything that is kept.' },
    once: { type: 'boolean', description: 'Keep nothing by which it is known when it comes again.' },
    forget: { type: 'boolean', description: 'Let in again what was redacted before; changes nothing else.' },
    yes: { type: 'boolean', description: 'Without being asked; needed where nobody can be.' },
    json: { type: 'boolean', description: 'Print what was found, and what became of it, as JSON.' },
    ...CONFIG_ARGS,
  },
  takesMany: true,
  examples: [
    ['understudy redact "correct horse" --all', 'a text, everywhere; you see first where it is'],
    ['understudy redact --from key.txt --all', 'the same, without leaving it in your shell’s history'],
    ['understudy redact --secrets --search "deploy"', 'credentials, in what a search finds'],
    ['understudy redact --pattern "\\b\\d{16}\\b" c_0123456789abcdef', 'what has a form, in one conversation'],
  ],
  page: 'care.md',
  more: [
    'What is typed as a text is found as it is written, letter case included. (?i:…) in a pattern is for any case.',
    'Stop the server first. Backups keep what they have; those that may have it are named. Exits with 1 when it is still somewhere.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const wanted = flags.on('forget') ? undefined : await whatToTakeOut(context);
    if (typeof wanted === 'string') {
      terminal.note(wanted);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'write');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    try {
      if (!wanted) {
        terminal.note(`${counted(forgetRedactions(archive), 'text')} forgotten: from now on they come in as they are.`);
        return EXIT.done;
      }
      const options = optionsOf(wanted, archive, context);
      if (typeof options === 'string') {
        terminal.note(options);
        return EXIT.usage;
      }
      const redaction = await openRedaction(archive, data, options);
      if (!redaction.ok) {
        for (const line of inUse(redaction.error, data)) terminal.note(line);
        return EXIT.failed;
      }
      try {
        return await carryOut(redaction.value, archive, context);
      } finally {
        redaction.value.close();
      }
    } catch (error) {
      terminal.note(
        `Not all of it is out: ${error instanceof Error ? error.message : String(error)}. Close other understudy commands and assistants that have it open, and do it again.`,
      );
      return EXIT.failed;
    } finally {
      archive.close();
    }
  },
};

interface Wanted {
  /** Absent: what is remembered. */
  finder?: Finder;
  asked: string;
  /** Ids; none: everywhere, or what a search finds. */
  conversations: string[];
}

/** A sentence where that can't be told. */
async function whatToTakeOut({ flags, terminal, deps }: Context): Promise<Wanted | string> {
  const file = flags.text('from');
  const pattern = flags.text('pattern');
  const others = [file !== undefined, pattern !== undefined, flags.on('secrets'), flags.on('again')].filter(Boolean).length;
  if (others > 1) return 'One of --from, --pattern, --secrets and --again.';
  const [first, ...rest] = flags.words;
  const conversations = others === 0 ? rest : flags.words;
  const ways = [conversations.length > 0, flags.text('search') !== undefined, flags.on('all')].filter(Boolean).length;
  if (flags.on('again')) return ways === 0 || flags.on('all') ? { asked: 'again', conversations: [] } : '--again is for everything.';
  if (ways !== 1) return 'Where? Ids of conversations (understudy conversations lists them), or --search, or --all.';
  if (flags.on('secrets')) return { finder: secretFinder(), asked: 'secrets', conversations };
  if (pattern !== undefined) {
    try {
      return { finder: patternFinder(new RegExp(pattern, 'gu')), asked: `pattern ${pattern}`, conversations };
    } catch (error) {
      return `${pattern} is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  let text = first;
  if (file !== undefined) {
    try {
      text = readFileSync(resolve(deps.surroundings.workingFolder, file), 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      return `The text can't be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  if (text === undefined && terminal.canAsk) {
    const typed = await password({ message: 'The text that is to go' });
    text = isCancel(typed) ? undefined : typed;
  }
  if (text === undefined) return 'Which text? Type it, or --from FILE, --pattern or --secrets.';
  if (text.length < SHORTEST)
    return `A text of at least ${SHORTEST} letters; what is shorter is in everything. A --pattern may say what is around it.`;
  return { finder: literalFinder(text), asked: `text ${text}`, conversations };
}

function optionsOf(wanted: Wanted, archive: Archive, { flags, deps, terminal }: Context): RedactionOptions | string {
  const finder = wanted.finder ?? rememberedEverywhere(archive);
  if (!finder) return 'Nothing was redacted everywhere before, or it was not to be remembered.';
  const { conversations } = wanted;
  const unknown = conversations.filter((id) => !findConversation(archive, id));
  if (unknown.length > 0) return `There is no conversation ${unknown.join(', ')}. Give whole ids; nothing was changed.`;
  const search = flags.text('search');
  const where = search === undefined ? conversations.toSorted().join() : `search ${search}`;
  return {
    finder,
    asked: `${wanted.asked}\n${where}`,
    ...(search !== undefined && {
      within: (each: Archive) =>
        [...whatIsFound(each, deps.clock, search, (what) => terminal.note(`Not used: ${what}`))].map(({ id }) => id),
    }),
    ...(conversations.length > 0 && { within: () => conversations }),
    once: flags.on('once') || flags.on('again'),
    now: deps.clock.now(),
  };
}

async function carryOut({ plan, wasCutOff, run }: Redaction, archive: Archive, { flags, terminal }: Context): Promise<number> {
  const places = placesOf(archive, plan);
  const tell = (redacted: boolean, left: readonly string[]): void => {
    if (flags.on('json')) terminal.out(JSON.stringify(redactionJson(plan, places, { redacted, left }), null, 2));
  };
  if (isEmpty(plan) && plan.messages.named.length === 0 && !wasCutOff) {
    tell(false, []);
    terminal.note('It is nowhere; nothing was changed.');
    return EXIT.done;
  }
  if (!flags.on('json')) previewRedaction(plan, places, terminal);
  if (!flags.on('yes')) {
    if (!terminal.canAsk || flags.on('json')) {
      tell(false, []);
      terminal.note('Nothing was changed. With --yes it is.');
      return EXIT.usage;
    }
    const agreed = await confirm({ message: 'Take all of that out for good? (y/n)', initialValue: false });
    if (isCancel(agreed) || !agreed) {
      terminal.note('Nothing was changed.');
      return EXIT.interrupted;
    }
  }
  const left = run();
  tell(true, left);
  terminal.note(`Taken out of ${counted(plan.places, 'place')}.`);
  if (left.length === 0) return EXIT.done;
  terminal.note('It is still in these, or may be; delete them yourself if it has to go from there:');
  if (!flags.on('json')) for (const path of left) terminal.out(path);
  return EXIT.failed;
}
