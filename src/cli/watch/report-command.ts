import { mkdirSync } from 'node:fs';
import { confirm, isCancel } from '@clack/prompts';
import { nearest } from '../../config/nearest.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { whoHolds } from '../../journal/lock.ts';
import { reportAnswer } from '../../server/watch/report-schemas.ts';
import type { ReportAnswer, ReportAsked } from '../../watch/crowd/crowd.ts';
import { crowdHere } from '../../watch/crowd/crowd-here.ts';
import { installKeyPath, replaceInstallKey } from '../../watch/crowd/install-key.ts';
import { isSymptom, SYMPTOM_NAMES, SYMPTOMS } from '../../watch/crowd/symptoms.ts';
import { parseProductKey, type Product } from '../../watch/product.ts';
import { productNamed } from '../../watch/registry/known.ts';
import { openWatch, watchProblem } from '../../watch/store/open.ts';
import type { Command, Context } from '../command.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { findRunning } from '../running-address.ts';
import { askServer, type Place } from './ask-server.ts';
import { outcomeLines, previewLines } from './report-view.ts';

/** Milliseconds: two calls to the hub of ten seconds each, and the work between them. */
const PATIENCE = 60_000;

type Ask = (send: boolean) => Promise<Result<ReportAnswer, string>>;

export const reportCommand: Command = {
  name: 'report',
  summary: 'Reports that a service fails you, or works for you.',
  args: {
    product: { type: 'positional', required: false, description: 'As you call it: claude.ai, chatgpt, openai/api.' },
    symptom: { type: 'string', alias: 's', valueHint: 'NAME', description: `${SYMPTOM_NAMES.join(', ')}.` },
    model: { type: 'string', alias: 'm', valueHint: 'NAME', description: 'Only this model, as its API names it.' },
    'dry-run': { type: 'boolean', description: 'Only show what would be sent.' },
    yes: { type: 'boolean', alias: 'y', description: 'Send without being asked; needed where nobody can be.' },
    json: { type: 'boolean', description: 'For programs.' },
    'new-key': { type: 'boolean', description: 'A new key to sign with: nobody can link it to the old one.' },
    url: { type: 'string', valueHint: 'URL', description: 'Where Understudy runs; default: whichever of yours runs on this machine.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy report claude.ai --symptom hangs', 'shows what is sent, asks, sends'],
    ['understudy report claude.ai --symptom works', 'it works for you: that counts too'],
    ['understudy report openai/api -s errors -m gpt-5.6 --dry-run', 'only shows it'],
  ],
  page: 'crowd.md',
  more: [
    `Symptoms: ${SYMPTOM_NAMES.map((name) => (SYMPTOMS[name] === name ? name : `${name} (${SYMPTOMS[name]})`)).join(', ')}.`,
    'Never sent: questions, answers, keys, names, addresses. A hub is named by watch.hub.url; none is by default, and a report then stays here.',
    'Exit code 0: it is reported, or kept where no hub is named. 1: it could not be, or it is tried again. 2: not understood, or nobody could be asked.',
  ],
  async run(context) {
    const { flags } = context;
    const loaded = readConfigAnyway(context);
    if (!loaded.ok) return refused(context, loaded.error);
    const data = loaded.value.loaded.settings.data!;
    if (flags.on('new-key')) return newKey(context, data);
    const asked = whatIsAsked(context);
    if (!asked.ok) return refused(context, [asked.error]);
    const place = runningPlace(context);
    if (place) return tell((send) => overServer(place, { ...asked.value, send }), asked.value.named, context);

    const key = await unlocked(data, context);
    if (!key.ok) return failed(context, key.error);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const opened = openWatch(data, key.value);
    if (!opened.ok) return failed(context, `It can't be kept: ${opened.error.reason}. What to do: ${opened.error.action}.`);
    const { deps } = context;
    const crowd = crowdHere(loaded.value.loaded.settings.watch.hub, {
      folder: data,
      clock: deps.clock,
      random: Math.random,
      database: opened.value,
      version: deps.version,
      environment: deps.surroundings.environment,
      // Who does not run has no requests of their own.
      own: () => ({ attempts: 0, failures: 0 }),
      onEvidence() {},
      broken() {},
    });
    try {
      return await tell((send) => crowd.report({ ...asked.value, send }), asked.value.named, context);
    } catch (error) {
      const { reason, action } = watchProblem(error, data);
      return failed(context, `It can't be kept: ${reason}. What to do: ${action}.`);
    } finally {
      crowd.close();
      opened.value.close();
    }
  },
};

/** Shows, asks, sends. */
async function tell(ask: Ask, named: Product, context: Context): Promise<number> {
  const { terminal, flags } = context;
  const shown = await ask(false);
  if (!shown.ok) return failed(context, shown.error);
  const isJson = flags.on('json');
  const goesOut = shown.value.hub !== undefined && shown.value.state === 'shown';
  if (!isJson && goesOut) for (const line of previewLines(shown.value, terminal)) terminal.out(line);
  if (flags.on('dry-run')) {
    if (isJson) terminal.out(JSON.stringify(shown.value, null, 2));
    else if (!goesOut) for (const line of outcomeLines({ ...shown.value, dry: true }, named.title, context)) terminal.out(line);
    return EXIT.done;
  }
  if (goesOut && !flags.on('yes')) {
    if (!terminal.canAsk) {
      terminal.note('Nothing was sent: there is nobody to ask. With --yes it is.');
      return EXIT.usage;
    }
    const agreed = await confirm({ message: 'Send this? (y/n)', initialValue: true });
    if (isCancel(agreed) || !agreed) {
      terminal.note('Nothing was sent.');
      return EXIT.interrupted;
    }
  }
  const done = await ask(true);
  if (!done.ok) return failed(context, done.error);
  if (isJson) terminal.out(JSON.stringify(done.value, null, 2));
  else for (const line of outcomeLines(done.value, named.title, context)) terminal.out(line);
  return done.value.state === 'waiting' || done.value.state === 'refused' || done.value.state === 'late' ? EXIT.failed : EXIT.done;
}

function whatIsAsked({ flags }: Context): Result<Omit<ReportAsked, 'send'> & { named: Product }, string> {
  const [word] = flags.words;
  const symptom = flags.text('symptom');
  if (word === undefined) return err('Which product? As you call it: understudy report claude.ai --symptom hangs');
  const named = productNamed(word);
  if (!named.ok) {
    const near = named.error.length > 0 ? ` Did you mean ${named.error.join(' or ')}?` : '';
    return err(`There is no product ${word}.${near} Name it as people do (claude.ai, chatgpt), or as provider/product.`);
  }
  if (symptom === undefined) return err(`What is it like? Add --symptom and one of: ${SYMPTOM_NAMES.join(', ')}.`);
  if (!isSymptom(symptom)) {
    const meant = nearest(symptom, SYMPTOM_NAMES);
    return err(
      `There is no symptom ${symptom}.${meant === undefined ? '' : ` Did you mean ${meant}?`} There are: ${SYMPTOM_NAMES.join(', ')}.`,
    );
  }
  const model = flags.text('model') ?? parseProductKey(word)?.model;
  const { provider, product } = named.value;
  return ok({ product: `${provider}/${product}`, symptom, ...(model !== undefined && { model }), named: named.value });
}

/** Only where one really runs: this command does without. */
function runningPlace(context: Context): Place | undefined {
  const { flags, deps } = context;
  const url = flags.text('url');
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return undefined;
  const { settings } = loaded.value.loaded;
  if (url !== undefined && URL.canParse(url)) {
    return { address: url, token: deps.surroundings.environment['UNDERSTUDY_TOKEN'] ?? settings.server.token };
  }
  const found = findRunning(context, loaded.value.loaded);
  const runs = found.by === 'announced' || (found.by === 'data folder' && whoHolds(settings.data!).held);
  return runs ? { address: found.address, token: found.token } : undefined;
}

async function overServer(place: Place, { product, model, symptom, send }: ReportAsked): Promise<Result<ReportAnswer, string>> {
  const body = { product, symptom, send, ...(model !== undefined && { model }) };
  const got = await askServer(place, '/api/reports', reportAnswer, body, PATIENCE);
  return got.ok ? ok(got.value.value as ReportAnswer) : err(got.error.message);
}

function newKey(context: Context, data: string): number {
  const made = replaceInstallKey(data);
  if (!made.ok) return failed(context, made.error);
  context.terminal.out(`There is a new key in ${installKeyPath(data)}. For a week a hub gives its reports less weight.`);
  return EXIT.done;
}

function failed({ terminal }: Context, message: string): number {
  terminal.note(message);
  return EXIT.failed;
}

function refused({ terminal }: Context, lines: readonly string[]): number {
  for (const line of lines) terminal.note(line);
  return EXIT.usage;
}
