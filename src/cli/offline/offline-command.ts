import { deskAnswer } from '../../server/offline/schemas.ts';
import type { DeskAnswer, DeskAsked } from '../../offline/desk.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { PAGER_ARG, show } from '../pager.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { askServer, placeOf } from '../watch/ask-server.ts';
import { deskHere } from './offline-here.ts';
import { offlineLines } from './offline-view.ts';

const MOST = 10;
/** Characters of a question that go into an address. */
const LONGEST = 6000;

export const offlineCommand: Command = {
  name: 'offline',
  summary: 'Looks for an answer on this machine; asks no model.',
  takesMany: true,
  args: {
    question: { type: 'positional', required: false, description: 'In your own words: "how did I …".' },
    limit: {
      type: 'string',
      alias: 'n',
      valueHint: 'N',
      description: `Earlier answers, and notes, at most; default: offline.shown, which is 3.`,
    },
    'notes-only': { type: 'boolean', description: 'Only your notes, no earlier answers.' },
    json: { type: 'boolean', description: 'Print what GET /api/offline says.' },
    url: {
      type: 'string',
      valueHint: 'URL',
      description: 'Where Understudy runs; default: whichever of yours runs on this machine, or none.',
    },
    ...PAGER_ARG,
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy offline "how did I make the tests pass on CI?"', 'earlier answers to similar questions, and your notes'],
    ['understudy offline --notes-only restore a backup', 'your notes alone'],
  ],
  page: 'offline.md',
  more: [
    'What it shows is word for word what was answered before, or what you wrote. Nothing is made up, and nothing leaves this machine.',
    'No server needs to run, and no network. What was said in this folder comes first.',
    'Exit code 0: something similar was found. 1: nothing was, or it could not be looked for. 2: wrong arguments.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const question = flags.words.join(' ').trim();
    const typed = flags.text('limit');
    const limit = typed === undefined ? undefined : Number(typed);
    if (limit !== undefined && (!Number.isInteger(limit) || limit < 1 || limit > MOST)) {
      terminal.note(`--limit is a number from 1 to ${MOST}.`);
      return EXIT.usage;
    }
    if (question === '') {
      terminal.note('What is the question? For example: understudy offline "how did I restore the backup?"');
      return EXIT.usage;
    }
    const asked: DeskAsked = {
      question,
      project: deps.surroundings.workingFolder,
      ...(limit !== undefined && { limit }),
      ...(flags.on('notes-only') && { notesOnly: true }),
    };
    const got = await answered(asked, context);
    if (!got.ok) {
      for (const line of got.error.lines) terminal.note(line);
      return got.error.code;
    }
    const { value: answer, given } = got.value;
    if (flags.on('json')) terminal.out(JSON.stringify(given, null, 2));
    else await show(offlineLines(answer.text, terminal), context);
    return answer.answers.length + answer.notes.length > 0 ? EXIT.done : EXIT.failed;
  },
};

type Answered = Result<{ value: DeskAnswer; given: object }, { code: number; lines: string[] }>;

/** A running server knows how providers stand, too; where none runs, it is done here. */
async function answered(asked: DeskAsked, context: Context): Promise<Answered> {
  const { flags } = context;
  const place = placeOf(context);
  if (!place) return err({ code: EXIT.usage, lines: [] });
  const query = new URLSearchParams({
    q: asked.question.slice(0, LONGEST),
    notesOnly: String(asked.notesOnly === true),
    ...(asked.limit !== undefined && { limit: String(asked.limit) }),
    ...(asked.project !== undefined && { project: asked.project }),
  });
  const got = await askServer(place, `/api/offline?${query.toString()}`, deskAnswer);
  if (got.ok) return ok({ value: got.value.value as DeskAnswer, given: got.value.given });
  if (flags.text('url') !== undefined)
    return err({ code: got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning, lines: [got.error.message] });
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return err({ code: EXIT.usage, lines: loaded.error });
  const here = await deskHere(asked, loaded.value.loaded.settings, context);
  return here.ok ? ok({ value: here.value, given: here.value }) : err({ code: EXIT.failed, lines: [here.error] });
}
