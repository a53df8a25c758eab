import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCancel, select } from '@clack/prompts';
import { transcriptStores } from '../../archive/protect/stores.ts';
import { catchUp } from '../../archive/rescue/catch-up.ts';
import { lastState, type LastState } from '../../archive/rescue/last-state.ts';
import type { SourceName } from '../../archive/conversation.ts';
import { openArchive, type Archive } from '../../archive/store/open.ts';
import { listConversations, messagesOf, type ConversationSummary } from '../../archive/store/read.ts';
import { shownBranch } from '../../archive/tree.ts';
import { inTokens } from '../../archive/handoff/budget.ts';
import { firstConfig } from '../../config/write.ts';
import { headerPath, isEncrypted, readHeader } from '../../journal/at-rest/header.ts';
import { whoHolds } from '../../journal/lock.ts';
import type { Client } from '../clients/client.ts';
import { CLIENTS } from '../clients/clients.ts';
import type { Command, Context, Flags } from '../command.ts';
import { readStatus } from '../control-api.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { talkFolder } from '../archive/talk-folder.ts';
import { handoffCommand } from '../archive/handoff-command.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS, PORT_ARG } from '../read-config.ts';
import { startClient } from '../run/run-command.ts';
import { findRunning } from '../running-address.ts';
import type { OneLook } from '../../watch/look-once.ts';
import type { ProductKey } from '../../watch/product.ts';
import { productOfPreset } from '../../watch/registry/known.ts';
import { lookHere } from '../watch/look-here.ts';
import { lookAtMachine } from '../local/look-at-machine.ts';
import { localPlaces } from '../../providers/local/places.ts';
import { standInServices } from './local-models.ts';
import { waysOn, type Way } from './ways.ts';
import { foundLines, outageLines, receiversText, wayText } from './words.ts';

/** Sources of sessions that a CLI here can go on with. */
const CLIENT_OF: Partial<Record<SourceName, string>> = {
  'claude-code': 'claude',
  codex: 'codex',
  'gemini-cli': 'gemini',
  opencode: 'opencode',
  'qwen-code': 'qwen',
  'copilot-cli': 'copilot',
  pi: 'pi',
};
/** CLIs that their vendor's page has a line of its own for. */
const OWN_PRODUCT: Partial<Record<string, ProductKey>> = {
  claude: { provider: 'anthropic', product: 'code' },
  codex: { provider: 'openai', product: 'codex' },
};
/** What is said for its user to a session that is resumed without anybody to type. */
const GO_ON = 'My connection was interrupted. Please go on where you stopped; check what of your last step has really happened.';

export const rescueCommand: Command = {
  name: 'rescue',
  summary: 'Your assistant failed here? Finds who can carry on.',
  args: {
    to: {
      type: 'string',
      alias: 't',
      valueHint: 'WHO',
      description: `same: the same CLI, with others standing in; or ${CLIENTS.map(({ name }) => name).join(', ')}, chatgpt, claude.ai, gemini.google.com. Default: you are asked.`,
    },
    session: {
      type: 'string',
      valueHint: 'ID',
      description: 'Another session than the newest of this folder: its id in its CLI, or in the archive.',
    },
    yes: { type: 'boolean', alias: 'y', description: 'Ask nothing: whoever is named as receiver may receive it.' },
    prompt: { type: 'string', valueHint: 'TEXT', description: 'What to say to it; default: to go on.' },
    once: { type: 'boolean', description: 'It answers and ends, instead of staying.' },
    json: { type: 'boolean', description: 'What was found, and the ways on; nothing is started.' },
    offline: { type: 'boolean', description: 'Do not ask the vendor’s status page.' },
    ...CONFIG_ARGS,
    ...PORT_ARG,
    quiet: { type: 'boolean', alias: 'q', description: 'Do not say what is in front.' },
    notify: { type: 'boolean', default: true, description: 'Tell of a switch on the desktop.', negativeDescription: 'Do not.' },
  },
  examples: [
    ['understudy rescue', 'in the folder where it happened'],
    ['understudy rescue --to codex', 'hands the session over to Codex'],
    ['understudy rescue --to same --yes', 'the same session in the same CLI, through others'],
  ],
  page: 'rescue.md',
  more: [
    'Sessions of Claude Code, Codex, Gemini CLI, opencode, Qwen Code, Copilot CLI and pi are found by their own transcripts, which are copied into your archive first and never changed by Understudy.',
    'With nothing configured, keys in your environment and models on this machine stand in, for this session only and only if you say yes.',
    'When its vendor is back, the session goes on without Understudy as before.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const read = readConfigAnyway(context);
    if (!read.ok) {
      for (const line of read.error) terminal.note(line);
      return EXIT.usage;
    }
    const places = localPlaces(read.value.loaded.settings.local, context.deps.surroundings.environment);
    if (!places.ok) {
      terminal.note(places.error);
      return EXIT.usage;
    }
    const { loaded } = read.value;
    const data = loaded.settings.data!;
    const key = await unlocked(data, context);
    if (!key.ok) {
      terminal.note(key.error);
      return EXIT.failed;
    }
    const opened = openArchive(data, key.value);
    if (!opened.ok) {
      terminal.note(`The archive can't be opened: ${opened.error.reason}. What to do: ${opened.error.action}.`);
      return EXIT.failed;
    }
    const archive = opened.value;
    let found: Found | undefined;
    try {
      found = await findSession(archive, context);
    } finally {
      archive.close();
    }
    if (!found) return EXIT.failed;
    const { session, client, state, tokens } = found;
    const ways = await tellWays(found, loaded, context);
    if (flags.on('json')) {
      terminal.out(JSON.stringify({ session, state, ways: ways.map((way) => described(way, tokens)) }, null, 2));
      return EXIT.done;
    }
    const way = await choose(ways, client, tokens, context);
    if (way === 'nobody') return EXIT.usage;
    if (way === undefined) return EXIT.done;
    return goOn(way, found, data, context);
  },
};

interface Found {
  session: ConversationSummary;
  client: Client | undefined;
  title: string;
  state: LastState;
  /** That a turn reads: as counted for the last answer, else estimated. */
  tokens: number;
}

/** What cannot be found has been said. */
async function findSession(archive: Archive, { flags, terminal, deps }: Context): Promise<Found | undefined> {
  const { surroundings, clock } = deps;
  const home = surroundings.environment['HOME'] ?? surroundings.home;
  const machine = { environment: surroundings.environment, home, platform: surroundings.platform };
  const report = await catchUp(archive, machine, () => clock.now());
  for (const { path, reason } of report.troubles) terminal.note(`${path}: ${reason}`);

  const wanted = flags.text('session');
  const known = listConversations(archive, { limit: 10_000 }).filter(
    ({ source, startedBy }) => CLIENT_OF[source] !== undefined && !startedBy,
  );
  const here = new Set([surroundings.workingFolder, realPath(surroundings.workingFolder)]);
  const session = known.find(({ id, key, session: its, project }) =>
    wanted === undefined ? project !== undefined && here.has(project) : [id, key, its].includes(wanted),
  );
  if (!session) {
    if (wanted !== undefined) terminal.note(`There is no session ${wanted} on this machine.`);
    else {
      const tools = [...new Set(transcriptStores(machine).map(({ title }) => title))].join(', ');
      terminal.note(
        `No session was found that was held in ${surroundings.workingFolder} (looked for ${tools}). Run it in the folder where it happened.`,
      );
      if (known.length === 0 && listConversations(archive, { limit: 1 }).length > 0)
        terminal.note('A web chat that you have imported is handed over with: understudy handoff --last --to clipboard');
      for (const { title, project, source, session: its, key } of known.slice(0, 5))
        terminal.note(`  ${source} in ${project ?? 'an unknown folder'}: “${title}”: understudy rescue --session ${its ?? key}`);
    }
    return undefined;
  }
  const messages = shownBranch([...messagesOf(archive, session.id)], session.current);
  const state = lastState(messages);
  const client = CLIENTS.find(({ name }) => name === CLIENT_OF[session.source]);
  const tokens = state.inputTokens ?? inTokens(JSON.stringify(messages.map(({ parts }) => parts)));
  return { session, client, title: client?.title ?? session.source, state, tokens };
}

async function tellWays(
  { session, client, title, state, tokens }: Found,
  loaded: Parameters<typeof waysOn>[0]['loaded'],
  context: Context,
): Promise<Way[]> {
  const { flags, terminal, deps } = context;
  const { surroundings, clock } = deps;
  const front = findRunning(context, loaded);
  const [local, official, running] = await Promise.all([
    lookAtMachine(loaded, surroundings, clock),
    flags.on('offline') ? undefined : officialLook(client, context),
    readStatus(front.address, front.token, 1000),
  ]);
  if (!flags.on('json')) {
    for (const line of foundLines(session, title, state, clock.now(), terminal)) terminal.note(line);
    const targets = running.ok ? running.value.report.targets : undefined;
    for (const line of outageLines(state, targets, official?.board, terminal)) terminal.note(line);
  }
  return waysOn({
    client,
    model: state.producer?.model,
    tokens,
    loaded,
    local: local.ok ? standInServices(local.value) : [],
    surroundings,
    read: readText,
  });
}

/** What the page of its vendor says of it and of the API. */
async function officialLook(client: Client | undefined, context: Context): Promise<OneLook | undefined> {
  const api = client && productOfPreset(client.vendor);
  const own = client && OWN_PRODUCT[client.name];
  const keys = [own ?? [], api ? { provider: api.provider, product: api.product } : []].flat();
  return keys.length === 0 ? undefined : lookHere(context, keys);
}

/** `undefined`: nobody, and it has been said what can be typed. `nobody`: who was named is not among the ways. */
async function choose(
  ways: readonly Way[],
  client: Client | undefined,
  tokens: number,
  { flags, terminal }: Context,
): Promise<Way | 'nobody' | undefined> {
  const to = flags.text('to');
  if (to !== undefined) {
    const way = ways.find((each) => nameOf(each) === to || (each.type === 'resume' && to === each.client.name));
    if (way) return agreed(way, { flags, terminal });
    terminal.note(
      to === 'same' || to === client?.name
        ? `Nobody can stand in: there is no route with a backup, no key in this terminal, and no model on this machine. Others: ${ways.map(nameOf).join(', ')}.`
        : `${to} is not among those who can go on here: ${ways.map(nameOf).join(', ')}.`,
    );
    return 'nobody';
  }
  const [first] = ways;
  if (flags.on('yes') && first?.type === 'resume') return first;
  if (!terminal.canAsk) {
    terminal.note('Who can carry on:');
    for (const way of ways) terminal.out(`understudy rescue --to ${nameOf(way)}    # ${wayText(way, tokens)}`);
    return undefined;
  }
  const chosen = await select({
    message: 'Who carries on?',
    options: [
      ...ways.map((way, index) => ({ value: String(index), label: wayText(way, tokens) })),
      { value: '', label: 'Nobody now; the session is kept' },
    ],
  });
  const way = isCancel(chosen) || chosen === '' ? undefined : ways[Number(chosen)];
  return way && agreed(way, { flags, terminal });
}

/** Whoever is not configured receives nothing before their user has said so. */
async function agreed(way: Way, { flags, terminal }: Pick<Context, 'flags' | 'terminal'>): Promise<Way | 'nobody' | undefined> {
  if (way.type !== 'resume' || way.config === undefined || flags.on('yes')) return way;
  const question = receiversText(way.standIns);
  if (!terminal.canAsk) {
    terminal.note(`${question} If they may have it: --yes.`);
    return 'nobody';
  }
  const answer = await select({
    message: `${question} May they?`,
    options: [
      { value: 'no', label: 'No' },
      { value: 'yes', label: 'Yes' },
    ],
  });
  return answer === 'yes' ? way : undefined;
}

async function goOn(way: Way, { session, state }: Found, data: string, context: Context): Promise<number> {
  const { flags, deps } = context;
  const folder = session.project ?? deps.surroundings.workingFolder;
  const there: Context = { ...context, deps: { ...deps, surroundings: { ...deps.surroundings, workingFolder: folder } } };
  if (way.type !== 'resume') {
    const to = way.type === 'chat' ? way.to : way.client.name;
    return handoffCommand.run({ ...there, flags: over(flags, { words: [session.id], text: { to, data } }) });
  }
  const wish = flags.text('prompt') ?? (flags.on('once') || state.type !== 'answered' ? GO_ON : undefined);
  const { environment, home } = deps.surroundings;
  const talked = talkFolder(folder, session.project, environment['HOME'] ?? home);
  const args = way.client.talk.resume(session.session ?? session.key, wish, flags.on('once'), talked);
  if (way.config === undefined) return startClient(way.client, args, there);

  // For this one process: removed when it ends, with no key in it, only names of variables.
  const run = join(data, 'run');
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const file = join(run, `rescue-${process.pid}.yaml`);
  writeFileSync(file, firstConfig(way.config), { mode: 0o600 });
  try {
    // One that runs already has a configuration of its own, without backups, and keeps it.
    const place = whoHolds(data).held ? likeItself(data, join(data, 'rescue'), deps.clock.now()) : data;
    return await startClient(way.client, args, { ...there, flags: over(flags, { text: { config: file, data: place } }) });
  } finally {
    rmSync(file, { force: true });
  }
}

function keyNameOf(folder: string): string | undefined {
  const header = readHeader(folder);
  return header.ok ? header.value.id : undefined;
}

/** A data folder of its own for one session; encrypted with the same key, where the other is. */
function likeItself(data: string, place: string, now: number): string {
  // One from before the other was encrypted, or no longer was, steps aside.
  if (existsSync(place) && keyNameOf(place) !== keyNameOf(data)) renameSync(place, `${place}-before-${now}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  if (isEncrypted(data)) copyFileSync(headerPath(data), headerPath(place));
  return place;
}

function nameOf(way: Way): string {
  return way.type === 'resume' ? 'same' : way.type === 'chat' ? way.to : way.client.name;
}

function described(way: Way, tokens: number): Record<string, unknown> {
  return {
    to: nameOf(way),
    says: wayText(way, tokens),
    ...(way.type === 'resume' && { standIns: way.standIns, needsConsent: way.config !== undefined }),
  };
}

function over(flags: Flags, { words, text }: { words?: string[]; text: Record<string, string> }): Flags {
  return { words: words ?? [], text: (name) => text[name] ?? flags.text(name), on: (name) => flags.on(name) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
