import { confirm, isCancel } from '@clack/prompts';
import { openDeletion, type Deletion } from '../../archive/care/delete.ts';
import { SOURCES, type SourceName } from '../../archive/conversation.ts';
import { readQuery } from '../../archive/search/query.ts';
import type { Archive } from '../../archive/store/open.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { everything, whatIsFound } from './export-selection.ts';
import { inUse } from './in-use.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import type { Terminal } from '../terminal.ts';

/** Lines of a preview; a program gets them all by --json. */
const SHOWN = 20;

type Choose = (archive: Archive) => readonly string[];

export const deleteCommand: Command = {
  name: 'delete',
  summary: 'Deletes conversations so that nothing is left of them.',
  args: {
    ids: { type: 'positional', required: false, description: 'Conversations, by their whole ids.' },
    search: { type: 'string', valueHint: 'WORDS', description: 'All that understudy search finds for them.' },
    source: { type: 'string', valueHint: 'SOURCE', description: 'All of a source, such as chatgpt; with --before the older ones.' },
    before: { type: 'string', valueHint: 'DATE', description: 'All that were last changed before that day, as 2026-01-31.' },
    yes: { type: 'boolean', description: 'Without being asked; needed where nobody can be.' },
    ...CONFIG_ARGS,
  },
  takesMany: true,
  examples: [
    ['understudy delete c_0123456789abcdef', 'one conversation; you see first what goes'],
    ['understudy delete --search "project raven"', 'what a search finds'],
    ['understudy delete --source chatgpt --before 2025-01-01 --yes', 'what is old, in a script'],
  ],
  page: 'care.md',
  more: [
    'With a conversation go its sub-agents’ and the same session as others tell it. It stays deleted: understudy import --again brings it back.',
    'Stop the server first. Backups keep what they have; those that hold it are named. Exits with 1 when it is still somewhere.',
  ],
  async run(context) {
    const { terminal, deps } = context;
    const choose = chosen(context);
    if (typeof choose === 'string') {
      terminal.note(choose);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'write');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    try {
      const deletion = openDeletion(archive, data, choose, deps.clock.now());
      if (!deletion.ok) {
        for (const line of inUse(deletion.error, data)) terminal.note(line);
        return EXIT.failed;
      }
      try {
        return await carryOut(deletion.value, context);
      } finally {
        deletion.value.close();
      }
    } catch (error) {
      terminal.note(
        `Not all of it is gone: ${error instanceof Error ? error.message : String(error)}. Close other understudy commands and assistants that have it open, and do it again.`,
      );
      return EXIT.failed;
    } finally {
      archive.close();
    }
  },
};

/** What is meant; a sentence where that can't be told. */
function chosen({ flags, deps }: Context): Choose | string {
  const words = flags.text('search');
  const source = flags.text('source');
  const day = flags.text('before');
  const before = day === undefined ? undefined : /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(before)) return `${day} is no day: write it as 2026-01-31.`;
  if (source !== undefined && !SOURCES.includes(source as SourceName))
    return `There is no source ${source}; there are: ${SOURCES.join(', ')}.`;
  const ways = [flags.words.length > 0, words !== undefined, source !== undefined || before !== undefined].filter(Boolean);
  if (ways.length !== 1) return 'Which ones? Ids (understudy conversations lists them), or --search, or --source and --before.';
  if (words !== undefined) {
    // Without a filter that was mistyped it would be more than was meant.
    const { ignored } = readQuery(words, deps.clock.now());
    if (ignored.length > 0) return `Not understood in the search: ${ignored.join('; ')}. Nothing was deleted.`;
    return (archive) => [...whatIsFound(archive, deps.clock, words, () => undefined)].map(({ id }) => id);
  }
  if (flags.words.length > 0) return () => flags.words;
  return (archive) =>
    [...everything(archive)]
      .filter((each) => (source === undefined || each.source === source) && (before === undefined || (each.updatedAt ?? Infinity) < before))
      .map(({ id }) => id);
}

async function carryOut({ plan, run }: Deletion, { flags, terminal }: Context): Promise<number> {
  const unknown = flags.words.filter((word) => !plan.conversations.some(({ id }) => id === word));
  if (unknown.length > 0) {
    terminal.note(`There is no conversation ${unknown.join(', ')}. Give whole ids; nothing was deleted.`);
    return EXIT.usage;
  }
  if (plan.conversations.length === 0) {
    terminal.note('There is none; nothing was deleted.');
    return EXIT.done;
  }
  preview(plan, terminal);
  if (!flags.on('yes')) {
    if (!terminal.canAsk) {
      terminal.note('Nothing was deleted. With --yes it is.');
      return EXIT.usage;
    }
    const agreed = await confirm({ message: 'Delete all of that for good? (y/n)', initialValue: false });
    if (isCancel(agreed) || !agreed) {
      terminal.note('Nothing was deleted.');
      return EXIT.interrupted;
    }
  }
  const left = run();
  terminal.note(`${counted(plan.conversations.length, 'conversation')} deleted.`);
  if (left.length === 0) return EXIT.done;
  terminal.note('It is still in these, which hold other things too; delete them yourself if it has to go from there:');
  for (const path of left) terminal.out(path);
  return EXIT.failed;
}

function preview({ conversations, originals, exports, copies, exchanges }: Deletion['plan'], { out }: Terminal): void {
  for (const { id, source, title, messages } of conversations.slice(0, SHOWN)) {
    out(`${id}  ${source}, ${counted(messages, 'message')}: ${JSON.stringify(title).slice(1, -1)}`);
  }
  if (conversations.length > SHOWN) out(`… and ${conversations.length - SHOWN} more`);
  const more = [
    [originals.length, 'attachment'],
    [copies.length, 'copy of a transcript', 'copies of transcripts'],
    [exchanges.length, 'exchange in the record', 'exchanges in the record'],
    [exports.length, 'export file that was kept whole when it was imported', 'export files that were kept whole when they were imported'],
  ] as const;
  for (const [count, one, several] of more) if (count > 0) out(`  and ${count} ${count === 1 ? one : (several ?? `${one}s`)}`);
}
