import { resolve } from 'node:path';
import { SOURCES } from '../../archive/conversation.ts';
import { conversationDetail } from '../../archive/questions.ts';
import type { Archive } from '../../archive/store/open.ts';
import { pageOfConversations } from '../../archive/store/read.ts';
import type { Command, Context } from '../command.ts';
import { CHOICE_ARGS, chosenConversation } from './chosen-conversation.ts';
import { listLines } from './conversation-list.ts';
import { transcriptLines } from './conversation-view.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { KEEPING, keepingOf } from './keep-conversation.ts';
import { PAGER_ARG, show } from '../pager.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';

const MOST = 1000;

export const conversationsCommand: Command = {
  name: 'conversations',
  summary: 'Lists the conversations of the archive, and shows one.',
  args: {
    what: { type: 'positional', required: false, description: 'list (the default), show, keep, unkeep or kept; an id alone is shown.' },
    id: {
      type: 'positional',
      required: false,
      description: 'For show, keep and unkeep: a conversation, by its id or the beginning of it.',
    },
    ...CHOICE_ARGS,
    limit: { type: 'string', alias: 'n', valueHint: 'N', description: `How many are listed; default 20, at most ${MOST}.` },
    source: { type: 'string', valueHint: 'SOURCE', description: `Only those of: ${SOURCES.join(', ')}.` },
    project: { type: 'string', valueHint: 'FOLDER', description: 'Only those held in this folder or below it.' },
    everything: {
      type: 'boolean',
      alias: 'a',
      description: 'Also sub-agents, and what clients asked for their own use. In show: also what clients put in.',
    },
    branch: { type: 'string', valueHint: 'N', description: 'In show: the Nth branch instead of the one that is shown.' },
    json: { type: 'boolean', description: 'Print what GET /api/conversations says.' },
    ...PAGER_ARG,
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy conversations', 'the newest: when, where from, what about, who answered'],
    ['understudy conversations show --last', 'what was said, by whom, with the seams'],
    ['understudy conversations show c_1kx --branch 2', 'another branch of it'],
    ['understudy conversations keep c_1kx', 'no retention rule removes it; unkeep takes that back, kept lists them'],
    ['understudy conversations --cwd', 'those that were held in this folder'],
  ],
  page: 'archive.md',
  more: [
    'No server needs to run. What was said through one since the last time is taken over first. Words are found with: understudy search. Exit code 1: the archive can’t be read. 2: there is no such conversation.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const [first, second] = flags.words;
    const keeping = KEEPING.find((each) => each === first);
    if (keeping) return keepingOf(keeping, context);
    const isList = first === 'list' || (first === undefined && !flags.on('last'));
    const words = first === 'show' || isList ? [second] : [first];
    const source = SOURCES.find((each) => each === flags.text('source'));
    const limit = Number(flags.text('limit') ?? '20');
    const branch = Number(flags.text('branch') ?? '0');
    if (flags.text('source') !== undefined && !source) return wrong(context, `--source is one of: ${SOURCES.join(', ')}.`);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) return wrong(context, `--limit is a number from 1 to ${MOST}.`);
    if (!Number.isInteger(branch) || branch < 0) return wrong(context, '--branch is a number: 1 is the first.');
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive } = opened.value;
    try {
      if (!isList)
        return await showOne(
          archive,
          words.flatMap((word) => word ?? []),
          branch,
          context,
        );
      const folder = flags.text('project') ?? (flags.on('cwd') ? '.' : undefined);
      const page = pageOfConversations(archive, {
        limit,
        everything: flags.on('everything'),
        ...(source && { source }),
        ...(folder !== undefined && { project: resolve(deps.surroundings.workingFolder, folder) }),
      });
      if (flags.on('json')) terminal.out(JSON.stringify(page, null, 2));
      else await show(listLines(archive, page, deps.clock.now(), terminal), context);
      return EXIT.done;
    } finally {
      archive.close();
    }
  },
};

async function showOne(archive: Archive, words: string[], branch: number, context: Context): Promise<number> {
  const { flags, terminal } = context;
  const chosen = chosenConversation(archive, { ...context, flags: { ...flags, words } });
  if (!chosen.ok) return wrong(context, chosen.error);
  const detail = conversationDetail(archive, chosen.value.id);
  if (!detail) return wrong(context, `There is no conversation ${chosen.value.id} any more.`);
  if (branch > detail.branches) return wrong(context, `It has ${counted(detail.branches, 'branch').replace(/branchs$/, 'branches')}.`);
  if (flags.on('json')) terminal.out(JSON.stringify(detail, null, 2));
  else await show(transcriptLines(detail, { branch, everything: flags.on('everything') }, terminal), context);
  return EXIT.done;
}

function wrong({ terminal }: Context, line: string): number {
  terminal.note(line);
  return EXIT.usage;
}
