import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { err, ok, type Result } from '../../exchange/result.ts';
import { incidentDetail, incidentList } from '../../server/watch/schemas.ts';
import type { Incident } from '../../watch/incident.ts';
import { createIncidentStore } from '../../watch/incidents/store.ts';
import type { IncidentQuery } from '../../watch/questions.ts';
import { productNamed } from '../../watch/registry/known.ts';
import { PRODUCTS } from '../../watch/registry/products.ts';
import { openWatchToRead, watchProblem } from '../../watch/store/open.ts';
import { announced } from '../announced.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import { askServer, type Place, placeOf } from './ask-server.ts';
import { HAND_ARGS, writeIncident } from './incident-by-hand.ts';
import { incidentLines } from './board-view.ts';
import { incidentDetailLines } from './incident-view.ts';

const DAY = 86_400_000;
const DAYS = 7;
/** The API gives no more at once. */
const AT_ONCE = 200;

/** Where incidents are looked up: a running server, or what it has left on the disk. */
interface Source {
  list(query: IncidentQuery): Promise<Result<{ incidents: Incident[]; next?: string }, Failure>>;
  /** `undefined`: there is none of this id. */
  get(id: string): Promise<Result<Incident | undefined, Failure>>;
}

interface Failure {
  code: number;
  lines: string[];
}

export const incidentsCommand: Command = {
  name: 'incidents',
  summary: 'Lists outages and planned work, and who told of them.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    days: { type: 'string', valueHint: 'N', description: `How far to look back; default: ${DAYS}.` },
    product: {
      type: 'string',
      alias: 'p',
      valueHint: 'NAME',
      description: 'As you call it: claude.ai, openai/api; or a provider. With post: several, with commas.',
    },
    open: { type: 'boolean', description: 'Only what is not over.' },
    ...HAND_ARGS,
    json: { type: 'boolean', description: 'Print what GET /api/incidents says, all pages of it as one.' },
  },
  takesMany: true,
  examples: [
    ['understudy incidents', 'the last seven days'],
    ['understudy incidents --product claude.ai --days 90', 'all that is known of one product'],
    ['understudy incidents --open --json', 'what goes on now, for a script'],
    ['understudy incidents i_01k2', 'one, with each update, when it was seen, and what it said before'],
    [
      'understudy incidents post --title "No answers" --product claude.ai --text "We look into it."',
      'one of your own, on the board and the status page',
    ],
    ['understudy incidents update i_01k2 --phase resolved --text "It works again."', 'goes on with it'],
  ],
  page: 'watch.md',
  more: [
    'Without a running Understudy it shows what the last one has seen. Exit code 0: shown. 1: could not be, or no such incident. 3: nothing runs, and nothing was kept.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [first] = flags.words;
    if (first === 'post' || first === 'update') return writeIncident(first, context);
    const foreign = Object.keys(HAND_ARGS).filter((name) => flags.text(name) !== undefined);
    if (foreign.length > 0) {
      terminal.note(`--${foreign[0]} goes with \`understudy incidents post\` or \`update\`.`);
      return EXIT.usage;
    }
    const query = queryOf(context);
    if (!query.ok) return failed(context, { code: EXIT.usage, lines: [query.error] });
    if (flags.words.length > 1) return failed(context, { code: EXIT.usage, lines: ['One incident at a time: give one id.'] });
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    const [id] = flags.words;
    const over = await show(serverSource(place, context), id, query.value, context);
    if (over.ok) return EXIT.done;
    if (over.error.code !== EXIT.notRunning || flags.text('url') !== undefined) return failed(context, over.error);
    const disk = await diskSource(context);
    if (!disk.ok) return failed(context, disk.error);
    if (!disk.value) return failed(context, over.error);
    const { source, close } = disk.value;
    terminal.note('Understudy is not running: this is what it has seen until it was stopped.');
    try {
      const shown = await show(source, id, query.value, context);
      return shown.ok ? EXIT.done : failed(context, shown.error);
    } finally {
      close();
    }
  },
};

async function show(source: Source, id: string | undefined, query: IncidentQuery, context: Context): Promise<Result<void, Failure>> {
  const { flags, terminal, deps } = context;
  const now = deps.clock.now();
  if (id !== undefined) {
    const found = await source.get(id);
    if (!found.ok) return found;
    if (!found.value)
      return err({ code: EXIT.failed, lines: [`There is no incident ${id}. \`understudy incidents --json\` shows the ids.`] });
    if (flags.on('json')) terminal.out(JSON.stringify(found.value, null, 2));
    else for (const line of incidentDetailLines(found.value, now, terminal)) terminal.out(line);
    return ok(undefined);
  }
  const incidents: Incident[] = [];
  for (let before: string | undefined, more = true; more;) {
    const page = await source.list({ ...query, limit: AT_ONCE, ...(before !== undefined && { before }) });
    if (!page.ok) return page;
    incidents.push(...page.value.incidents);
    before = page.value.next;
    more = before !== undefined;
  }
  if (flags.on('json')) terminal.out(JSON.stringify({ incidents }, null, 2));
  else if (incidents.length === 0)
    terminal.out('No incident is known of that time. Time in which nothing ran here is only known from the pages.');
  else {
    for (const incident of incidents) for (const line of incidentLines(incident, now, terminal)) terminal.out(line);
    terminal.out(terminal.paint.dim(counted(incidents.length, 'incident')));
  }
  return ok(undefined);
}

function queryOf({ flags, deps }: Context): Result<IncidentQuery, string> {
  const days = Number(flags.text('days') ?? DAYS);
  if (!Number.isInteger(days) || days < 1 || days > 400) return err(`--days ${flags.text('days')} is not a whole number from 1 to 400.`);
  const query: IncidentQuery = { from: deps.clock.now() - days * DAY, ...(flags.on('open') && { open: true }) };
  const text = flags.text('product');
  if (text === undefined) return ok(query);
  if (PRODUCTS.some(({ provider }) => provider === text)) return ok({ ...query, product: text });
  const named = productNamed(text);
  if (named.ok) return ok({ ...query, product: `${named.value.provider}/${named.value.product}` });
  const near = named.error.length > 0 ? ` Did you mean ${named.error.join(' or ')}?` : '';
  return err(`There is no product ${text}.${near} Name it as people do (claude.ai, chatgpt), or as provider/product.`);
}

function serverSource(place: Place, { deps }: Context): Source {
  async function get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<Result<z.output<Schema>, Failure>> {
    const got = await askServer(place, path, schema);
    if (got.ok) return ok(got.value.value);
    const { type, message } = got.error;
    const more = type === 'not-running' ? notFoundText(announced(deps.surroundings)) : [];
    return err({ code: type === 'failed' ? EXIT.failed : EXIT.notRunning, lines: [message, ...more] });
  }
  return {
    async list(query) {
      const asked = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
      const got = await get(`/api/incidents?${asked.toString()}`, incidentList);
      return got.ok ? ok(got.value as { incidents: Incident[]; next?: string }) : got;
    },
    async get(id) {
      const got = await get(`/api/incidents/${encodeURIComponent(id)}`, incidentDetail);
      return got.ok ? ok(got.value as Incident) : got;
    },
  };
}

/** `undefined`: nothing was ever watched with this data folder. */
async function diskSource(context: Context): Promise<Result<{ source: Source; close(): void } | undefined, Failure>> {
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return err({ code: EXIT.usage, lines: loaded.error });
  const data = loaded.value.loaded.settings.data!;
  if (!existsSync(join(data, 'watch.db'))) return ok(undefined);
  const key = await unlocked(data, context);
  if (!key.ok) return err({ code: EXIT.failed, lines: [key.error] });
  const opened = openWatchToRead(data, key.value);
  if (!opened.ok) return err({ code: EXIT.failed, lines: [`${opened.error.reason}. What to do: ${opened.error.action}.`] });
  const database = opened.value;
  const tried = async <Value>(work: () => Value): Promise<Result<Value, Failure>> => {
    try {
      return ok(work());
    } catch (error) {
      const { reason, action } = watchProblem(error, data);
      return err({ code: EXIT.failed, lines: [`${reason}. What to do: ${action}.`] });
    }
  };
  return ok({
    source: {
      list: (query) => tried(() => createIncidentStore(database).list(query)),
      get: (id) => tried(() => createIncidentStore(database).get(id)),
    },
    close: () => database.close(),
  });
}

function failed({ terminal }: Context, { code, lines }: Failure): number {
  for (const line of lines) terminal.note(line);
  return code;
}
