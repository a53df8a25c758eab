import { SOURCES } from '../../archive/conversation.ts';
import { BATCH, beginAnew, indexingOf, waitingCount } from '../../archive/search/indexing.ts';
import { searchingIn } from '../../archive/search/search.ts';
import { archiveProblem, type Archive } from '../../archive/store/open.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { PAGER_ARG, show } from '../pager.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { searchLines } from './search-view.ts';

const MOST = 100;
/** Milliseconds; who asks in a terminal gets all of it, however large the archive. */
const PATIENCE = 10_000;
/** Milliseconds between two words about progress. */
const LINE = 1000;

/** Options that are filters of the query under another name. */
const FILTERS = ['source', 'project', 'model', 'from', 'after', 'before'] as const;

export const searchCommand: Command = {
  name: 'search',
  summary: 'Finds words in everything that the archive holds.',
  takesMany: true,
  args: {
    words: {
      type: 'positional',
      required: false,
      description: 'Words, "a phrase", beginn*, `a piece of code`, and filters such as from:user.',
    },
    limit: { type: 'string', alias: 'n', valueHint: 'N', description: `Conversations that are shown; default 10, at most ${MOST}.` },
    source: { type: 'string', valueHint: 'SOURCE', description: `Only of: ${SOURCES.join(', ')}.` },
    project: { type: 'string', valueHint: 'NAME', description: 'Only in folders or projects with this name in their path.' },
    model: { type: 'string', valueHint: 'NAME', description: 'Only answers of this model.' },
    from: { type: 'string', valueHint: 'WHO', description: 'Only what user, assistant, tool or system said.' },
    after: { type: 'string', valueHint: 'DATE', description: 'Only from then on: 2026-06-02, 2026-06, yesterday, 7d.' },
    before: { type: 'string', valueHint: 'DATE', description: 'Only before then.' },
    new: { type: 'boolean', description: 'The newest first, instead of what fits best.' },
    next: { type: 'string', valueHint: 'PLACE', description: 'The next page; the end of a page says which.' },
    json: { type: 'boolean', description: 'Print what GET /api/search says.' },
    reindex: { type: 'boolean', description: 'Make the index anew first. Nothing else is touched.' },
    ...PAGER_ARG,
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy search kafka rebalance', 'both words, the best first'],
    ['understudy search \'"connection reset" -proxy from:assistant\'', 'a phrase, without a word, of answers only'],
    ["understudy search '`useEffect(() =>`'", 'a piece of code as it stands'],
    ['understudy search --source codex --after 7d has:code', 'filters alone'],
  ],
  page: 'search.md',
  more: [
    'No server needs to run, and no network. In quotes so that your shell leaves - and * alone.',
    'Exit code 0: something is found. 1: nothing is, as with grep, or the archive can’t be searched. 2: wrong arguments.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const limit = Number(flags.text('limit') ?? '10');
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
      terminal.note(`--limit is a number from 1 to ${MOST}.`);
      return EXIT.usage;
    }
    const text = queryOf(context);
    if (text === '' && !flags.on('reindex')) {
      terminal.note('What is to be found? For example: understudy search kafka rebalance');
      return EXIT.usage;
    }
    const opened = await openedArchive(context, flags.on('reindex') ? 'write' : 'read');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    try {
      if (flags.on('reindex')) beginAnew(archive.database);
      bringUpToDate(archive, context);
      if (text === '') return EXIT.done;
      const cursor = flags.text('next');
      const found = searchingIn(archive, deps.clock).search({ text, limit, patience: PATIENCE, ...(cursor !== undefined && { cursor }) });
      if (flags.on('json')) terminal.out(JSON.stringify(found, null, 2));
      else await show(searchLines(text, found, { terminal, home: deps.surroundings.home }), context);
      return found.conversations.length > 0 ? EXIT.done : EXIT.failed;
    } catch (error) {
      const { reason, action } = archiveProblem(error, data);
      terminal.note(`The archive can't be searched: ${reason}. What to do: ${action}.`);
      return EXIT.failed;
    } finally {
      archive.close();
    }
  },
};

function queryOf({ flags }: Context): string {
  const filters = FILTERS.flatMap((name) => {
    const value = flags.text(name);
    return value === undefined ? [] : [`${name}:${/\s/.test(value) ? `"${value}"` : value}`];
  });
  return [...flags.words, ...filters, ...(flags.on('new') ? ['sort:new'] : [])].join(' ').trim();
}

/** After an upgrade there may be something that is not in the index yet. One that can only be read is searched as it is. */
function bringUpToDate(archive: Archive, { terminal, deps }: Pick<Context, 'terminal' | 'deps'>): void {
  const all = waitingCount(archive.database);
  if (all === 0) return;
  const indexing = indexingOf(archive);
  let told = deps.clock.monotonic();
  try {
    for (let left = all; left > 0; left = indexing.catchUp(BATCH)) {
      if (deps.clock.monotonic() - told < LINE) continue;
      told = deps.clock.monotonic();
      terminal.note(`Indexing: ${counted(left, 'message')} to go …`);
    }
  } catch (error) {
    terminal.note(
      `${counted(waitingCount(archive.database), 'message')} can't be indexed now: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
