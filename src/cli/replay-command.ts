import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchPlan } from '../config/watched.ts';
import { worldOf } from '../config/world.ts';
import { backupsIn } from '../drill/history/backups.ts';
import { outagesOf, readIncidentFile } from '../drill/history/incident-file.ts';
import type { PastOutage } from '../drill/history/past.ts';
import { type Candidate, type Replay, replayHistory } from '../drill/history/replay.ts';
import { ASSUMED, dayText, lengthText, number, replayPage, waysOf } from '../drill/history/replay-page.ts';
import { useIn } from '../drill/history/use.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { createIncidentStore } from '../watch/incidents/store.ts';
import { PRODUCTS } from '../watch/registry/products.ts';
import { openWatchToRead, watchProblem } from '../watch/store/open.ts';
import { openedArchive } from './archive/open-archive.ts';
import type { Command, Context } from './command.ts';
import { counted } from './counted.ts';
import { unlocked } from './encryption/unlock.ts';
import { EXIT } from './exit-code.ts';
import { readConfigAnyway } from './missing-keys.ts';
import { CONFIG_ARGS } from './read-config.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrapped } from './wrap.ts';

const DAY = 86_400_000;
const DAYS = 90;
/** As many incidents are read at once. */
const AT_ONCE = 200;

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Lays past outages over your own hours: what you would lose.',
  args: {
    ...CONFIG_ARGS,
    days: { type: 'string', valueHint: 'N', description: `How far to look back; default: ${DAYS}.` },
    incidents: { type: 'string', valueHint: 'FILE', description: 'Other outages than those that the watch knows.' },
    html: { type: 'string', valueHint: 'FILE', description: 'Also write it as a page, with charts.' },
    json: { type: 'boolean', description: 'Print the figures as JSON and nothing else.' },
  },
  examples: [
    ['understudy replay', 'the last 90 days: without anything, with your routes, with one more'],
    ['understudy replay --html replay.html', 'the same with charts, to show somebody'],
    ['understudy replay --incidents june.jsonl --days 365', 'outages of your own choice'],
  ],
  page: 'replay.md',
  more: [
    'Your hours are those of the archive: Understudy’s own requests, other tools’ transcripts (understudy protect), imported chats. Nobody is asked, nothing is sent.',
    'Exit code 0: shown. 1: it could not be. 2: the file of incidents or a flag is wrong.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const now = deps.clock.now();
    const days = Number(flags.text('days') ?? DAYS);
    if (!Number.isInteger(days) || days < 1 || days > 3660)
      return wrong(terminal, `--days ${flags.text('days')} is not a whole number from 1 to 3660.`);
    const file = flags.text('incidents');
    const known = file === undefined ? await watchedOutages(context, now) : fromFile(file, now);
    if (!known.ok) {
      terminal.note(known.error);
      return file === undefined ? EXIT.failed : EXIT.usage;
    }
    const from = now - days * DAY;
    const found = await replayOf(context, known.value, from, now);
    if (!found.ok) return found.error;
    const replay = found.value;
    const said = summary(replay, known.value);
    const page = flags.text('html');
    if (page !== undefined) {
      try {
        writeFileSync(page, replayPage(replay, said), { mode: 0o600 });
      } catch (error) {
        terminal.note(`The page could not be written to ${page}: ${error instanceof Error ? error.message : String(error)}.`);
        return EXIT.failed;
      }
    }
    if (flags.on('json')) terminal.out(JSON.stringify(replay, null, 2));
    else for (const line of replayLines(replay, said, terminal)) terminal.out(line);
    if (page !== undefined) terminal.note(`The page is in ${page}.`);
    return EXIT.done;
  },
};

async function replayOf(context: Context, outages: readonly PastOutage[], from: number, to: number): Promise<Result<Replay, number>> {
  const { terminal, deps } = context;
  const read = readConfigAnyway(context);
  if (!read.ok) {
    for (const line of read.error) terminal.note(line);
    return err(EXIT.usage);
  }
  const { settings, resolved } = read.value.loaded;
  const world = worldOf(settings, resolved, new Map(), { surroundings: deps.surroundings });
  const backups = backupsIn(world.routes, watchPlan(settings, world, resolved.providers, ''));
  const opened = await openedArchive(context, 'read');
  if (!opened.ok) return opened;
  const { archive } = opened.value;
  try {
    const use = useIn(archive, from, to, (target) => backups.leadOf(target));
    const chains = new Set(use.flatMap(({ asked }) => backups.chain(asked).map(({ provider }) => provider)));
    return ok(
      replayHistory({ from, to, use, outages, backups: (asked) => backups.chain(asked), candidates: candidatesIn(outages, chains) }),
    );
  } finally {
    archive.close();
  }
}

/** Only those whose past is known: of others nothing is known to have failed. The least hit first. */
function candidatesIn(outages: readonly PastOutage[], asked: ReadonlySet<string>): Candidate[] {
  const told = new Set(outages.flatMap(({ products }) => products.map(({ provider }) => provider)));
  const others = PRODUCTS.filter(({ provider, presets }) => presets.length > 0 && told.has(provider) && !asked.has(provider));
  return [
    ...others.map(({ provider, product, title }): Candidate => ({ key: { provider, product }, title })),
    { key: 'local', title: 'a local model' },
  ];
}

/** What the watch has kept, whether it runs or not. */
async function watchedOutages(context: Context, now: number): Promise<Result<PastOutage[], string>> {
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return err(loaded.error.join('\n'));
  const data = loaded.value.loaded.settings.data!;
  const nothing =
    'No past outages are known here. Start Understudy once with your providers: it reads what their status pages tell of the last 90 days. Or name a file: understudy replay --incidents FILE';
  if (!existsSync(join(data, 'watch.db'))) return err(nothing);
  const key = await unlocked(data, context);
  if (!key.ok) return key;
  const opened = openWatchToRead(data, key.value);
  if (!opened.ok) return err(`${opened.error.reason}. What to do: ${opened.error.action}.`);
  try {
    const store = createIncidentStore(opened.value);
    const all: PastOutage[] = [];
    for (let before: string | undefined, more = true; more;) {
      const { incidents, next } = store.list({ limit: AT_ONCE, ...(before !== undefined && { before }) });
      all.push(...outagesOf(incidents, now));
      before = next;
      more = next !== undefined;
    }
    return all.length === 0 ? err(nothing) : ok(all);
  } catch (error) {
    const { reason, action } = watchProblem(error, data);
    return err(`${reason}. What to do: ${action}.`);
  } finally {
    opened.value.close();
  }
}

function fromFile(file: string, now: number): Result<PastOutage[], string> {
  try {
    const read = readIncidentFile(readFileSync(file, 'utf8'), now);
    return read.ok ? read : err(`${file} can't be used. ${read.error}`);
  } catch (error) {
    return err(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function summary(replay: Replay, outages: readonly PastOutage[]): string[] {
  const { answers, without, withRoutes, hoursHit, hoursUsed, inWebChats, from } = replay;
  if (answers === 0)
    return [
      'The archive has no answers of that time, so there is nothing to lay outages over. understudy protect and understudy import bring in what other tools have.',
    ];
  if (replay.outages.length === 0) return [`None of ${counted(outages.length, 'known outage')} hit what you used since ${dayText(from)}.`];
  const lines = [
    `${counted(replay.outages.length, 'outage')} in ${counted(hoursHit, 'hour')} of use (of ${hoursUsed}): about ${number(without)} requests lost with nobody else to ask, ${number(withRoutes)} with your routes.`,
  ];
  if (inWebChats > 0) lines.push(`${number(inWebChats)} of these are of web chats, where no route reaches: a hand-over does.`);
  const [best] = replay.plus;
  if (best && best.lost < withRoutes * 0.9) lines.push(`${best.title} at the end of your routes would leave ${number(best.lost)}.`);
  return lines;
}

function replayLines(replay: Replay, said: readonly string[], { paint, width }: Terminal): string[] {
  const lines = said.flatMap((line) => wrapped(line, width));
  if (replay.outages.length === 0) return lines;
  const ways = waysOf(replay);
  const most = Math.max(...ways.map(({ lost }) => lost), 1);
  const name = Math.max(...ways.map(({ title }) => title.length));
  lines.push('', 'Requests without an answer, if you had:');
  for (const { title, lost } of ways)
    lines.push(
      `  ${title.padEnd(name)}  ${number(lost).padStart(6)}  ${paint.warn('█'.repeat(Math.round((lost / most) * Math.max(8, Math.min(36, width - name - 14)))))}`,
    );
  lines.push('');
  const rows = replay.outages.map(({ outage, asked, atRisk, without, withRoutes }) => [
    new Date(outage.from).toISOString().slice(0, 16).replace('T', ' '),
    lengthText(outage.to - outage.from),
    outage.title,
    asked,
    number(atRisk),
    number(without),
    number(withRoutes),
  ]);
  const columns = [{ title: 'from (UTC)' }, { title: 'lasted', align: 'right' as const }, { title: 'what' }, { title: 'asked' }];
  const figures = ['usual', 'without', 'with'].map((title) => ({ title, align: 'right' as const }));
  lines.push(...table([...columns, ...figures], rows, width));
  lines.push('', ...wrapped(`${ASSUMED} An estimate, and no measurement.`, width).map(paint.dim));
  return lines;
}

function wrong(terminal: Terminal, message: string): number {
  terminal.note(message);
  return EXIT.usage;
}
