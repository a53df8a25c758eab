import { z } from 'zod';
import { queuedJob, queueOverview } from '../../server/queue/schemas.ts';
import type { PlacedJob, QueueOverview } from '../../server/queue/queue-port.ts';
import { announced } from '../announced.ts';
import type { Command, Context } from '../command.ts';
import type { ControlProblem } from '../control-api.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import { askServer, type Place, placeOf } from '../watch/ask-server.ts';
import { jobLines, queueLines } from './queue-view.ts';

const STATES = ['waiting', 'running', 'answered', 'failed', 'cancelled', 'expired'];
const PRIORITIES = ['interactive', 'normal', 'batch'];
const SHOWN = 50;
const begun = z.object({ exchange: z.string() });
const woken = z.object({ woken: z.literal(true) });

export const queueCommand: Command = {
  name: 'queue',
  summary: 'Lists, changes and runs requests that wait.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    state: { type: 'string', valueHint: 'STATE', description: `Only these: ${STATES.join(', ')}.` },
    all: { type: 'boolean', description: 'Also those that are over.' },
    priority: { type: 'string', valueHint: 'WORD', description: `With edit: ${PRIORITIES.join(', ')}.` },
    deadline: { type: 'string', valueHint: 'TIME', description: 'With edit: given up so much later than now, such as 30m or 8h.' },
    json: { type: 'boolean', description: 'Print what the API says, as it is.' },
  },
  takesMany: true,
  examples: [
    ['understudy queue', 'what waits, in the order in which it is asked'],
    ['understudy queue show x_01m83k', 'one of them, why it waits, and its place'],
    ['understudy queue run', 'asks now, without waiting for a provider to be back'],
    ['understudy queue run x_01m83k', 'asks this one now'],
    ['understudy queue edit x_01m83k --priority interactive --deadline 2h', 'before the others, and for two more hours'],
    ['understudy queue cancel x_01m83k', 'gives it up'],
  ],
  page: 'queue.md',
  more: [
    'An id may be cut short, as long as it means only one.',
    'Exit code 0: done. 1: it could not be, or nothing waits by that id. 2: a flag or a word is wrong. 3: no running Understudy was found.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [verb = 'list', name, ...more] = flags.words;
    const state = flags.text('state');
    if (state !== undefined && !STATES.includes(state)) return usage(context, `--state ${state} is none of: ${STATES.join(', ')}.`);
    if (!['list', 'show', 'run', 'edit', 'cancel'].includes(verb) || more.length > 0)
      return usage(context, `There is no \`queue ${flags.words.join(' ')}\`; there are: list, show ID, run [ID], edit ID, cancel ID.`);
    if (name === undefined && verb !== 'list' && verb !== 'run')
      return usage(context, `Which one? \`understudy queue ${verb} ID\`; \`understudy queue\` shows the ids.`);
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    if (verb === 'list') return list(context, place, state);
    if (name === undefined) {
      const done = await askServer(place, '/api/queue/wake', woken, {});
      if (!done.ok) return failed(context, done.error);
      terminal.out('Whatever waits is asked now: one at first, and more as answers come.');
      return EXIT.done;
    }
    const job = await find(place, name);
    if (!job.ok) return failed(context, job.error);
    return act(context, place, verb, job.value);
  },
};

async function list({ flags, terminal, ...rest }: Context, place: Place, state: string | undefined): Promise<number> {
  const query = new URLSearchParams({ limit: String(SHOWN), ...(state !== undefined ? { state } : !flags.on('all') && { open: 'true' }) });
  const got = await askServer(place, `/api/queue?${query.toString()}`, queueOverview);
  if (!got.ok) return failed({ flags, terminal, ...rest }, got.error);
  if (flags.on('json')) terminal.out(JSON.stringify(got.value.given, null, 2));
  else for (const line of queueLines(got.value.value as QueueOverview, rest.deps.clock.now(), terminal)) terminal.out(line);
  return EXIT.done;
}

async function act(context: Context, place: Place, verb: string, job: PlacedJob): Promise<number> {
  const { flags, terminal, deps } = context;
  const shown = (now: PlacedJob, given: unknown): number => {
    if (flags.on('json')) terminal.out(JSON.stringify(given, null, 2));
    else for (const line of jobLines(now, deps.clock.now(), terminal)) terminal.out(line);
    return EXIT.done;
  };
  const at = `/api/queue/${job.exchange}`;
  if (verb === 'show') return shown(job, job);
  if (verb === 'run') {
    const run = await askServer(place, `/api/exchanges/${job.exchange}/run`, begun, {});
    if (!run.ok) return failed(context, run.error);
    terminal.out(`It is asked again, as ${run.value.value.exchange}. Its answer: GET /api/exchanges/${job.exchange}/answer`);
    return EXIT.done;
  }
  const priority = flags.text('priority');
  const deadline = flags.text('deadline');
  if (verb === 'edit') {
    if (priority === undefined && deadline === undefined) return usage(context, 'Say what to change: --priority, --deadline, or both.');
    if (priority !== undefined && !PRIORITIES.includes(priority))
      return usage(context, `--priority ${priority} is none of: ${PRIORITIES.join(', ')}.`);
  }
  const changed =
    verb === 'cancel'
      ? await askServer(place, `${at}/cancel`, queuedJob, {})
      : await askServer(place, at, queuedJob, { ...(priority !== undefined && { priority }), ...(deadline !== undefined && { deadline }) });
  return changed.ok ? shown(changed.value.value as PlacedJob, changed.value.given) : failed(context, changed.error);
}

/** By its id, or the beginning of it. */
async function find(place: Place, name: string): ReturnType<typeof one> {
  const exact = await one(place, name);
  if (exact.ok || exact.error.type !== 'failed') return exact;
  const listed = await askServer(place, '/api/queue?limit=1000', queueOverview);
  if (!listed.ok) return listed;
  const like = listed.value.value.jobs.filter(({ exchange }) => exchange.startsWith(name));
  if (like.length === 1) return { ok: true, value: like[0] as PlacedJob };
  const why = like.length === 0 ? `Nothing is queued as ${name}` : `${like.length} begin with ${name}: give more of the id`;
  return { ok: false, error: { type: 'failed', message: `${why}. \`understudy queue --all\` shows what there is.` } };
}

async function one(place: Place, name: string): Promise<{ ok: true; value: PlacedJob } | { ok: false; error: ControlProblem }> {
  const got = await askServer(place, `/api/queue/${encodeURIComponent(name)}`, queuedJob);
  return got.ok ? { ok: true, value: got.value.value as PlacedJob } : got;
}

function usage({ terminal }: Context, message: string): number {
  terminal.note(message);
  return EXIT.usage;
}

function failed({ terminal, deps }: Context, { type, message }: ControlProblem): number {
  terminal.note(message);
  if (type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
  return type === 'failed' ? EXIT.failed : EXIT.notRunning;
}
