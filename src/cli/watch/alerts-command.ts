import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import { alertAnswered, alertOverview, alertTested } from '../../server/watch/alert-schemas.ts';
import type { AlertOverview } from '../../watch/alerts/alerts.ts';
import { type AlertsHere, alertsHere } from '../../watch/alerts/alerts-here.ts';
import { openWatch, watchProblem } from '../../watch/store/open.ts';
import type { Command, Context } from '../command.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { alertLines } from './alerts-view.ts';
import { askServer, type Place, placeOf } from './ask-server.ts';

/** Milliseconds: a channel has twenty seconds, and is then given up. */
const PATIENCE = 30_000;
/** The API gives no more at once. */
const MOST = 200;

interface Failure {
  code: number;
  message: string;
}

export const alertsCommand: Command = {
  name: 'alerts',
  summary: 'Shows who was told of what; tests a channel.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    limit: { type: 'string', alias: 'n', valueHint: 'N', description: 'How many alerts to show; default: 10.' },
    json: { type: 'boolean', description: 'Print what GET /api/alerts says, or what became of it.' },
  },
  takesMany: true,
  examples: [
    ['understudy alerts', 'the last alerts, and what was sent where'],
    ['understudy alerts test desktop', 'sends a message that says that it is a test'],
    ['understudy alerts answer a_01k2 yes', 'it fails for you too; no: it works'],
  ],
  page: 'alerts.md',
  more: [
    'An answer counts for the verdict on this machine, and is sent nowhere. Channels and rules: watch.alerts in the configuration.',
    'Without a running Understudy, `test` sends from here. Exit code 0: shown, sent, answered. 1: it was not. 2: not understood. 3: nothing runs.',
  ],
  async run(context) {
    const [verb = 'list', ...words] = context.flags.words;
    switch (verb) {
      case 'list':
        return words.length === 0 ? list(context) : usage(context, 'list takes no more words.');
      case 'test':
        return words.length === 1 ? test(context, words[0]!) : usage(context, 'Which channel? understudy alerts test desktop');
      case 'answer': {
        const [id, word] = words;
        const said = word?.toLowerCase();
        if (id === undefined || words.length !== 2 || (said !== 'yes' && said !== 'no'))
          return usage(context, 'Which alert, and yes (it fails for you) or no? understudy alerts answer a_01k2 yes');
        return answer(context, id, said === 'yes');
      }
      default:
        return usage(context, `There is no ${verb} here; there are: list, test CHANNEL, answer ID yes|no.`);
    }
  },
};

async function list(context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const limit = Number(flags.text('limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) return usage(context, `--limit takes a whole number from 1 to ${MOST}.`);
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const got = await askServer(place, `/api/alerts?limit=${limit}`, alertOverview);
  if (!got.ok && got.error.type === 'failed') return failed(context, { code: EXIT.failed, message: got.error.message });
  const found = got.ok ? ok({ overview: got.value.value as AlertOverview, given: got.value.given }) : await fromDisk(context, limit);
  if (!found.ok) return failed(context, found.error);
  if (flags.on('json')) terminal.out(JSON.stringify(found.value.given, null, 2));
  else for (const line of alertLines(found.value.overview, deps.clock.now(), terminal)) terminal.out(line);
  return EXIT.done;
}

async function fromDisk(context: Context, limit: number): Promise<Result<{ overview: AlertOverview; given: object }, Failure>> {
  const loaded = readConfigAnyway(context);
  const isThere = loaded.ok && existsSync(join(loaded.value.loaded.settings.data!, 'watch.db'));
  if (!isThere) return err({ code: EXIT.notRunning, message: 'No Understudy runs, and none has watched anything with this data folder.' });
  context.terminal.note('Understudy is not running: this is what it has told until it was stopped.');
  return here(context, async (alerts) => {
    const overview = alerts.overview(limit);
    return ok({ overview, given: overview });
  });
}

async function test(context: Context, channel: string): Promise<number> {
  const { flags, terminal } = context;
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const tested = await testOver(place, channel);
  const outcome =
    !tested.ok && tested.error.code === EXIT.notRunning && flags.text('url') === undefined
      ? await here(context, async (alerts) => {
          if (channel === 'bell') return err({ code: EXIT.notRunning, message: 'The bell rings where Understudy runs; start it first.' });
          const sent = await alerts.test(channel);
          return sent.ok ? sent : err({ code: EXIT.failed, message: sent.error });
        })
      : tested;
  if (!outcome.ok) return failed(context, outcome.error);
  const { took } = outcome.value;
  if (flags.on('json')) terminal.out(JSON.stringify({ channel, took: Math.round(took) }, null, 2));
  else terminal.out(`Sent to ${channel}, which has taken it (${Math.round(took)} ms). Look whether it has arrived.`);
  return EXIT.done;
}

async function testOver(place: Place, channel: string): Promise<Result<{ took: number }, Failure>> {
  const got = await askServer(place, '/api/alerts/test', alertTested, { channel }, PATIENCE);
  if (got.ok) return ok(got.value.value);
  return err({ code: got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning, message: got.error.message });
}

async function answer(context: Context, id: string, failing: boolean): Promise<number> {
  const { flags, terminal } = context;
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const got = await askServer(place, '/api/alerts/answer', alertAnswered, { id, failing });
  if (!got.ok) {
    const isAway = got.error.type !== 'failed';
    const hint = isAway ? ' An answer counts where Understudy runs; without it there is: understudy report.' : '';
    return failed(context, { code: isAway ? EXIT.notRunning : EXIT.failed, message: `${got.error.message}${hint}` });
  }
  if (flags.on('json')) terminal.out(JSON.stringify(got.value.given, null, 2));
  else terminal.out(`Noted for ${got.value.value.product}: it ${failing ? 'fails' : 'works'} for you. Nothing was sent anywhere.`);
  return EXIT.done;
}

/** Without a server, on its data folder; nothing that waits there is sent. */
async function here<Value>(
  context: Context,
  work: (alerts: AlertsHere) => Promise<Result<Value, Failure>>,
): Promise<Result<Value, Failure>> {
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return err({ code: EXIT.usage, message: loaded.error.join('\n') });
  const { settings } = loaded.value.loaded;
  const data = settings.data!;
  const key = await unlocked(data, context);
  if (!key.ok) return err({ code: EXIT.failed, message: key.error });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const opened = openWatch(data, key.value);
  if (!opened.ok) return err({ code: EXIT.failed, message: `${opened.error.reason}. What to do: ${opened.error.action}.` });
  const { clock, version, surroundings } = context.deps;
  const { environment, platform } = surroundings;
  const alerts = alertsHere({ ...settings.watch.alerts, enabled: false }, '', {
    clock,
    database: opened.value,
    version,
    environment,
    platform,
    tell() {},
    onAnswer() {},
    broken() {},
  });
  try {
    return await work(alerts);
  } catch (error) {
    const { reason, action } = watchProblem(error, data);
    return err({ code: EXIT.failed, message: `${reason}. What to do: ${action}.` });
  } finally {
    alerts.close();
    opened.value.close();
  }
}

function failed({ terminal }: Context, { code, message }: Failure): number {
  terminal.note(message);
  return code;
}

function usage(context: Context, message: string): number {
  return failed(context, { code: EXIT.usage, message });
}
