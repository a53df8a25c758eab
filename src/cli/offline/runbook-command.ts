import { nearest } from '../../config/nearest.ts';
import { runbookNamed, type ShownRunbook, type TickChange } from '../../offline/runbook/runbook-book.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { PAGER_ARG, show } from '../pager.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { placeOf } from '../watch/ask-server.ts';
import { type RunbookSource, runbooksHere, serverRunbooks } from './runbook-source.ts';
import { problemLines, runbookLines, runbookListLines } from './runbook-view.ts';

const VERBS = ['list', 'show', 'tick', 'untick', 'reset'] as const;
type Verb = (typeof VERBS)[number];

export const runbookCommand: Command = {
  name: 'runbook',
  summary: 'What to do when something is down: checklists.',
  takesMany: true,
  args: {
    what: { type: 'positional', required: false, description: `${VERBS.join(', ')}; default: list.` },
    name: { type: 'positional', required: false, description: 'Of a runbook; a part that only one has is enough.' },
    item: { type: 'positional', required: false, description: 'Numbers of items to tick.' },
    incident: { type: 'string', valueHint: 'ID', description: 'Whose ticks; default: those of the incident that goes on.' },
    json: { type: 'boolean', description: 'Print what GET /api/runbooks says.' },
    url: {
      type: 'string',
      valueHint: 'URL',
      description: 'Where Understudy runs; default: whichever of yours runs on this machine, or none.',
    },
    ...PAGER_ARG,
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy runbook', 'what there is; for what is down now first'],
    ['understudy runbook show claude-code', 'one of them'],
    ['understudy runbook tick claude-code 1 2', 'done; `untick` takes it back, `reset` takes all of them off'],
  ],
  page: 'runbooks.md',
  more: [
    'Ticks belong to an incident: the next one begins with a fresh list. No server needs to run.',
    'Exit code 0: done. 1: there is no such runbook or item, or the tick could not be kept. 2: wrong arguments.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [first = 'list', name, ...rest] = flags.words;
    const verb = VERBS.find((each) => each === first);
    if (!verb) {
      const near = nearest(first, VERBS);
      terminal.note(
        `There is no \`runbook ${first}\`.${near === undefined ? '' : ` Did you mean ${near}?`} There are: ${VERBS.join(', ')}.`,
      );
      return EXIT.usage;
    }
    if (verb !== 'list' && name === undefined) {
      terminal.note(`Which runbook? For example: understudy runbook ${verb} claude-code${verb.endsWith('tick') ? ' 1' : ''}`);
      return EXIT.usage;
    }
    const numbers = rest.map(Number);
    if (
      verb.endsWith('tick') ? numbers.length === 0 || numbers.some((number) => !Number.isInteger(number) || number < 1) : rest.length > 0
    ) {
      terminal.note(
        verb.endsWith('tick')
          ? `Which items? Give their numbers: understudy runbook ${verb} ${name} 1 2`
          : `\`${rest[0] ?? ''}\` is one word too many.`,
      );
      return EXIT.usage;
    }
    const source = await sourceOf(context);
    if (typeof source === 'number') return source;
    return verb === 'list' ? list(source, context) : one(source, verb, name ?? '', numbers, context);
  },
};

async function sourceOf(context: Context): Promise<RunbookSource | number> {
  const { flags, terminal } = context;
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const served = await serverRunbooks(place);
  if (served.ok) return served.value;
  if (flags.text('url') !== undefined) {
    terminal.note(served.error.message);
    return served.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
  }
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) {
    for (const line of loaded.error) terminal.note(line);
    return EXIT.usage;
  }
  const here = await runbooksHere(loaded.value.loaded.settings, context);
  if (here.ok) return here.value;
  terminal.note(here.error);
  return EXIT.failed;
}

async function list(source: RunbookSource, context: Context): Promise<number> {
  const { flags, terminal } = context;
  const found = await source.list();
  if (!found.ok) {
    terminal.note(found.error);
    return EXIT.failed;
  }
  if (flags.on('json')) terminal.out(JSON.stringify(found.value, null, 2));
  else await show(runbookListLines(found.value, await source.fitting(), terminal), context);
  return EXIT.done;
}

async function one(source: RunbookSource, verb: Exclude<Verb, 'list'>, name: string, numbers: number[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  const found = await source.list();
  if (!found.ok) {
    terminal.note(found.error);
    return EXIT.failed;
  }
  const { runbooks, problems } = found.value;
  const named = runbookNamed(runbooks, name);
  if (!named.ok) {
    const near =
      named.error.length > 0
        ? named.error
        : [
            nearest(
              name,
              runbooks.map((each) => each.name),
            ) ?? [],
          ].flat();
    terminal.note(
      `There is no runbook ${name}.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} understudy runbook lists them.`,
    );
    for (const line of problemLines(problems, terminal)) if (line !== '') terminal.note(line);
    return EXIT.failed;
  }
  let shown: ShownRunbook = named.value;
  const incident = flags.text('incident');
  const changes: TickChange[] =
    verb === 'reset' ? [{ type: 'reset' }] : verb === 'show' ? [] : numbers.map((item) => ({ type: verb, item }));
  for (const change of changes) {
    const changed = await source.change({ name: named.value.name, change, ...(incident !== undefined && { incident }) });
    if (!changed.ok) {
      terminal.note(changed.error);
      return EXIT.failed;
    }
    shown = changed.value;
  }
  if (flags.on('json')) terminal.out(JSON.stringify(shown, null, 2));
  else await show(runbookLines(shown, terminal), context);
  return EXIT.done;
}
