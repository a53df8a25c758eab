import { join } from 'node:path';
import type { JsonObject } from '../../exchange/json.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import { optionIn, withoutOption } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, type LoginShown, type Shown, whatToShow } from './credential.ts';
import { at, merged, readJson } from './json-file.ts';

const USUAL_MODEL = 'claude-opus-5-5';
/** Any of these makes Claude Code ask that cloud itself, whatever the base URL says. */
const CLOUDS = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];

const talk: Talk = {
  begin: (prompt, once) => (once ? ['-p', prompt] : [prompt]),
  resume: (session, prompt, once) => [...(once ? ['-p'] : []), '--resume', session, ...said(prompt)],
};

/**
 * Claude Code. A settings file's `env` beats the shell, so everything is passed by `--settings` as well, which beats all files
 * but an administrator's (code.claude.com/docs/en/settings, "Settings precedence").
 */
export const claude: Client = {
  name: 'claude',
  title: 'Claude Code',
  programs: ['claude'],
  install: 'npm install -g @anthropic-ai/claude-code',
  vendor: 'anthropic',
  login: 'a Claude subscription (claude.ai login)',
  keyVariables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  dialect: 'anthropic-messages',
  usualModel: USUAL_MODEL,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, token } = situation;
  const files = settingsFiles(situation);
  const inFiles = files.all.reduce<JsonObject>((env, settings) => ({ ...env, ...(isObject(settings['env']) ? settings['env'] : {}) }), {});
  const inForce: Record<string, string | undefined> = { ...environment };
  for (const [name, value] of Object.entries(inFiles)) if (typeof value === 'string') inForce[name] = value;

  const account = readJson(situation, join(environment['CLAUDE_CONFIG_DIR'] ?? situation.home, '.claude.json')) ?? {};
  const found = ownKey(inForce, files.all, account);
  const foreign = leadsElsewhere(inForce['ANTHROPIC_BASE_URL'], 'api.anthropic.com');
  const model = optionIn(situation.args, ['--model']) ?? inForce['ANTHROPIC_MODEL'] ?? USUAL_MODEL;
  const login = found.signedIn && found.key === undefined && !foreign && situation.passesLogin(model);
  const shown: Shown | LoginShown = login ? { type: 'login' } : whatToShow(situation, model, found.key, foreign, found.signedIn);
  if (shown.type === 'none') {
    const elsewhere = foreign
      ? [`ANTHROPIC_BASE_URL leads to ${inForce['ANTHROPIC_BASE_URL']}: the key beside it is for that service.`]
      : [];
    return { type: 'no-key', found: [...elsewhere, ...found.notes] };
  }

  const set: Record<string, string> = { ANTHROPIC_BASE_URL: address };
  if (shown.type === 'stand-in') {
    // As a bearer token it also keeps a claude.ai login from being shown. Empty, because a file's env would come back otherwise.
    set['ANTHROPIC_AUTH_TOKEN'] = shown.value;
    set['ANTHROPIC_API_KEY'] = '';
  } else if (token !== undefined) {
    set['ANTHROPIC_CUSTOM_HEADERS'] = [inForce['ANTHROPIC_CUSTOM_HEADERS'], `x-understudy-token: ${token}`].filter(Boolean).join('\n');
  }
  const { settings, args, file } = commandLineSettings(situation, files.statusLine, set);
  return {
    type: 'ready',
    environment: {
      ...set,
      UNDERSTUDY_URL: address,
      ...(token === undefined ? {} : { UNDERSTUDY_TOKEN: token }),
      ...(files.statusLine === undefined ? {} : { UNDERSTUDY_STATUSLINE: files.statusLine }),
      // A subscription's token is not routed unless its user has agreed to it.
      ...(shown.type === 'login' ? {} : { CLAUDE_CODE_OAUTH_TOKEN: undefined }),
    },
    args: ['--settings', file, ...args],
    files: [{ path: file, text: JSON.stringify(settings, null, 2) }],
    key: keySentence(shown, 'Anthropic'),
    warnings: [...warnings(inForce, files.managed), ...(shown.type === 'own' ? found.notes : [])],
  };
}

interface SettingsFiles {
  /** Least important first. */
  all: JsonObject[];
  managed: JsonObject | undefined;
  /** The status line's command that would be in force. */
  statusLine: string | undefined;
}

function settingsFiles(situation: Situation): SettingsFiles {
  const { environment, home, workingFolder } = situation;
  const user = environment['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude');
  const managed = readJson(situation, join(managedFolder(situation), 'managed-settings.json'));
  const all = [
    readJson(situation, join(user, 'settings.json')),
    readJson(situation, join(workingFolder, '.claude', 'settings.json')),
    readJson(situation, join(workingFolder, '.claude', 'settings.local.json')),
    givenSettings(situation),
    managed,
  ].filter((settings) => settings !== undefined);
  const command = all.map((settings) => at(settings, 'statusLine', 'command')).findLast((each) => typeof each === 'string');
  return { all, managed, statusLine: typeof command === 'string' ? command : undefined };
}

/** code.claude.com/docs/en/settings, "Managed settings". */
function managedFolder({ platform, environment }: Situation): string {
  if (platform === 'darwin') return '/Library/Application Support/ClaudeCode';
  if (platform === 'win32') return join(environment['ProgramFiles'] ?? 'C:\\Program Files', 'ClaudeCode');
  return '/etc/claude-code';
}

/** What the user gives as `--settings`: JSON, or the name of a file. */
function givenSettings(situation: Situation): JsonObject | undefined {
  const given = optionIn(situation.args, ['--settings']);
  if (given === undefined) return undefined;
  return given.trimStart().startsWith('{') ? parseObject(given) : readJson(situation, join(situation.workingFolder, given));
}

/** The user's own `--settings` with ours on top, since Claude Code takes one. It may hold secrets, so it travels as a file. */
function commandLineSettings(
  situation: Situation,
  statusLine: string | undefined,
  env: Record<string, string>,
): { settings: JsonObject; args: string[]; file: string } {
  // A status line that Understudy has put there before is not wrapped again.
  const wanted = statusLine === situation.statusline ? {} : { statusLine: { type: 'command', command: situation.statusline } };
  const settings = merged(givenSettings(situation) ?? {}, { env, ...wanted });
  return { settings, args: withoutOption(situation.args, '--settings'), file: join(situation.scratch, 'claude-settings.json') };
}

function ownKey(
  inForce: Situation['environment'],
  files: readonly JsonObject[],
  account: JsonObject,
): { key: { place: string; value?: string } | undefined; signedIn: boolean; notes: string[] } {
  const signedIn = isObject(account['oauthAccount']) || inForce['CLAUDE_CODE_OAUTH_TOKEN'] !== undefined;
  const login = signedIn ? ['Claude Code is signed in with a claude.ai account; that login stays where it is.'] : [];
  const token = keyIn(inForce, ['ANTHROPIC_AUTH_TOKEN']);
  if (token) return { key: token, signedIn, notes: [] };
  const key = keyIn(inForce, ['ANTHROPIC_API_KEY']);
  if (key) {
    // Claude Code keeps the last 20 characters of a key that the user has said yes or no to.
    const end = key.value.slice(-20);
    const said = (answer: string): boolean => {
      const list = at(account, 'customApiKeyResponses', answer);
      return Array.isArray(list) && list.includes(end);
    };
    if (signedIn && said('rejected'))
      return {
        key: undefined,
        signedIn,
        notes: [...login, `It was told not to use the key in ${key.place}; /config in Claude Code changes that.`],
      };
    const asked = signedIn && !said('approved');
    return {
      key,
      signedIn,
      notes: asked ? [`Claude Code may ask whether to use the key in ${key.place}. With No it shows its claude.ai login instead.`] : [],
    };
  }
  if (files.some((settings) => typeof settings['apiKeyHelper'] === 'string'))
    return { key: { place: 'apiKeyHelper' }, signedIn, notes: [] };
  if (typeof account['primaryApiKey'] === 'string') return { key: { place: 'made by /login for the Console' }, signedIn, notes: [] };
  return { key: undefined, signedIn, notes: login };
}

function warnings(inForce: Situation['environment'], managed: JsonObject | undefined): string[] {
  const said: string[] = [];
  const cloud = CLOUDS.find((name) => inForce[name] !== undefined && !['', '0', 'false'].includes(inForce[name]));
  if (cloud !== undefined)
    said.push(`${cloud} is set: Claude Code asks that cloud itself, not Understudy. Unset it for this to take effect.`);
  if (at(managed, 'env', 'ANTHROPIC_BASE_URL') !== undefined)
    said.push('Your administrator’s managed settings set ANTHROPIC_BASE_URL, which beats Understudy’s.');
  return said;
}
