import { existsSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readToolSettings, replaceFile, toolSettingsText } from '../../archive/protect/tool-settings.ts';
import { configFolder } from '../../config/paths.ts';
import { readinessAnswer } from '../../server/watch/schemas.ts';
import { isIll } from '../../watch/verdict.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readStdin } from '../read-stdin.ts';
import { desktopNotice } from '../../watch/alerts/channels/desktop-notice.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { askServer, quietPlaceOf } from '../watch/ask-server.ts';
import { lookHere } from '../watch/look-here.ts';
import { claudeHooks, hookedEvents, withHooks, withoutHooks } from './claude-hooks.ts';
import { hookEvent, onHookEvent } from './claude-event.ts';

/** Milliseconds for what is known of an outage: Claude Code waits for a session's first hook. */
const PATIENCE = 1500;

export const hooksCommand: Command = {
  name: 'hooks',
  summary: 'Lets Claude Code say what is wrong when a turn fails.',
  args: { ...CONFIG_ARGS, json: { type: 'boolean', description: 'With status: as JSON.' } },
  takesMany: true,
  examples: [
    ['understudy hooks', 'whether they are there'],
    ['understudy hooks install', 'puts them into Claude Code’s settings, which are backed up beside'],
    ['understudy hooks remove', 'takes them out again; a file that nobody has changed is as it was, byte for byte'],
  ],
  page: 'watch.md',
  more: [
    'For people who use Claude Code with a plan and without Understudy in between: nothing of what you write passes through here. Claude Code calls `understudy hooks run claude` when a session begins and when a turn has failed; the answer says what is known of an outage and offers `understudy rescue`.',
    'Exit code 0: done. 1: the settings could not be read or changed.',
  ],
  async run(context) {
    const [word = 'status', ...rest] = context.flags.words;
    if (word === 'run') return runHook(context);
    if (rest.length === 0 && word === 'install') return install(context);
    if (rest.length === 0 && word === 'remove') return remove(context);
    if (rest.length === 0 && word === 'status') return showStatus(context);
    context.terminal.note(`understudy hooks takes install, remove or status, not ${[word, ...rest].join(' ')}.`);
    return EXIT.usage;
  },
};

function settingsFile({ deps: { surroundings } }: Context): string {
  return join(surroundings.environment['CLAUDE_CONFIG_DIR'] || join(surroundings.home, '.claude'), 'settings.json');
}

function failedFile({ deps: { surroundings } }: Context): string {
  return join(configFolder(surroundings), 'claude-failed.json');
}

/** As hooks are to call it: they run in whatever folder Claude Code is in. */
function absoluteCall({ deps: { surroundings } }: Context): string {
  const { called = 'understudy', workingFolder } = surroundings;
  if (called === 'understudy' || called.startsWith('npx ')) return called;
  const path = called.replace(/^"(.*)"$/, '$1');
  return `"${join(path.startsWith('/') || /^[A-Za-z]:/.test(path) ? '' : workingFolder, path)}"`;
}

function install(context: Context): number {
  const { terminal, deps } = context;
  const file = settingsFile(context);
  const settings = readToolSettings(file);
  if (!settings.ok) {
    terminal.note(`${settings.error}. Take the comments out, or add the hooks by hand: see docs/watch.md.`);
    return EXIT.failed;
  }
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const hooks = claudeHooks(absoluteCall(context), failedFile(context), deps.surroundings.platform);
  const wanted = toolSettingsText(withHooks(settings.value, hooks), text);
  if (wanted === text) {
    terminal.out(`The hooks are in ${file} already.`);
    return EXIT.done;
  }
  const backup = backupOf(file);
  // An older backup is the one to go back to.
  if (text !== undefined && !existsSync(backup)) writeFileSync(backup, text, { mode: statSync(file).mode & 0o777 });
  replaceFile(file, wanted);
  terminal.out(`Claude Code calls Understudy now at: ${Object.keys(hooks).join(', ')}.`);
  terminal.out(`Changed: ${file}${text === undefined ? '' : ` (as it was: ${backup})`}`);
  terminal.out('Sessions that are open take it over when they are opened again. To undo it: understudy hooks remove');
  return EXIT.done;
}

function backupOf(file: string): string {
  return `${file}.before-understudy-hooks`;
}

function remove(context: Context): number {
  const { terminal } = context;
  const file = settingsFile(context);
  const settings = readToolSettings(file);
  if (!settings.ok) {
    terminal.note(`${settings.error}. Take out by hand what calls \`understudy hooks run claude\`.`);
    return EXIT.failed;
  }
  if (hookedEvents(settings.value).length === 0) {
    terminal.out(`There are no hooks of Understudy in ${file}.`);
    return EXIT.done;
  }
  const text = readFileSync(file, 'utf8');
  const backup = backupOf(file);
  const before = existsSync(backup) ? readFileSync(backup, 'utf8') : undefined;
  const bare = withoutHooks(settings.value);
  const untouched = before === undefined ? undefined : readToolSettings(backup);
  if (untouched?.ok && JSON.stringify(untouched.value) === JSON.stringify(bare)) replaceFile(file, before!);
  else if (before === undefined && Object.keys(bare).length === 0) rmSync(file);
  else replaceFile(file, toolSettingsText(bare, text));
  rmSync(backup, { force: true });
  rmSync(failedFile(context), { force: true });
  terminal.out(`Claude Code does not call Understudy any more; ${existsSync(file) ? `${file} has` : 'there are'} no hooks of it.`);
  return EXIT.done;
}

function showStatus(context: Context): number {
  const { terminal, flags } = context;
  const file = settingsFile(context);
  const settings = readToolSettings(file);
  if (!settings.ok) {
    terminal.note(`${settings.error}.`);
    return EXIT.failed;
  }
  const events = hookedEvents(settings.value);
  if (flags.on('json')) terminal.out(JSON.stringify({ file, events }));
  else if (events.length === 0) terminal.out(`Claude Code does not call Understudy (${file}). To let it: understudy hooks install`);
  else terminal.out(`Claude Code calls Understudy at: ${events.join(', ')} (${file}). To undo it: understudy hooks remove`);
  return EXIT.done;
}

/** What Claude Code calls. Whatever goes wrong here, it must not be disturbed: exit code 0, and nothing said. */
async function runHook(context: Context): Promise<number> {
  const { deps, terminal } = context;
  const event = hookEvent(await readStdin());
  if (!event) return EXIT.done;
  try {
    const message = await onHookEvent(event, {
      now: deps.clock.now(),
      failed: failedFile(context),
      call: deps.surroundings.called ?? 'understudy',
      known: (trouble) => knownOfClaudeCode(context, trouble),
      notify: desktopNotice(deps.surroundings.environment, deps.surroundings.platform),
    });
    if (message !== undefined) terminal.out(JSON.stringify({ systemMessage: message }));
  } catch {
    // A disk that is full, a folder that may not be written.
  }
  return EXIT.done;
}

/** From a running Understudy; where none runs, and it is worth the question, from Anthropic's own page. */
async function knownOfClaudeCode(context: Context, trouble: boolean): Promise<string | undefined> {
  const place = quietPlaceOf(context);
  const asked = place && (await askServer(place, '/api/check?products=anthropic%2Fcode', readinessAnswer, undefined, PATIENCE));
  const product = asked?.ok ? asked.value.value.products[0] : undefined;
  if (product && product.verdict !== 'unknown') return trouble && !isIll(product.verdict) ? undefined : product.summary;
  if (trouble) return undefined;
  const look = await lookHere(context, [{ provider: 'anthropic', product: 'code' }]);
  const judged = look?.board.judgements.find(({ key }) => key === 'anthropic/code');
  if (!look || !judged || judged.verdict === 'unknown') return undefined;
  const titles = look.board.incidents.filter(({ kind }) => kind === 'incident').map(({ title }) => title);
  return `Anthropic’s status page: ${judged.title} is ${judged.verdict}${titles.length === 0 ? '' : ` (${titles.join('; ')})`}.`;
}
