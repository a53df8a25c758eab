import { dirname, join } from 'node:path';
import type { JsonObject } from '../../exchange/json.ts';
import { optionIn } from './arguments.ts';
import type { Client, Ready, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';
import { at, merged, readJson } from './json-file.ts';

/** The login by a key, as its settings call it. */
const KEY_LOGIN = 'gemini-api-key';
/** Where it keeps its sessions, by project. They belong to the user and must outlive this process. */
const SESSIONS = ['tmp', 'history'];
const USUAL_MODEL = 'gemini-3.1-pro-preview';

/** It takes a place in its own list of a folder's sessions in place of an id; the newest is the one that there is reason to go on with. */
const talk: Talk = {
  begin: (prompt, once) => [once ? '--prompt' : '--prompt-interactive', prompt],
  resume: (_session, prompt, once) => [
    '--resume',
    'latest',
    ...said(prompt).flatMap((text) => [once ? '--prompt' : '--prompt-interactive', text]),
  ],
};

/**
 * Gemini CLI. Which login it uses stands in its settings alone (with none chosen, 0.61 takes `gateway` for a base URL and refuses
 * it), and settings of the system are read from folders of root's only. So where the user's settings do not say `gemini-api-key`,
 * this process gets a home of its own: the user's `.gemini`, linked, with that one setting changed.
 */
export const gemini: Client = {
  name: 'gemini',
  title: 'Gemini CLI',
  programs: ['gemini'],
  install: 'npm install -g @google/gemini-cli',
  vendor: 'google',
  login: 'a Google account (login with Google)',
  keyVariables: ['GEMINI_API_KEY'],
  dialect: 'gemini',
  usualModel: USUAL_MODEL,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args } = situation;
  const folder = join(environment['GEMINI_CLI_HOME'] ?? situation.home, '.gemini');
  const settings = readJson(situation, join(folder, 'settings.json'));
  const chosen = at(settings, 'security', 'auth', 'selectedType');
  const own = keyIn(environment, ['GEMINI_API_KEY', 'GOOGLE_API_KEY']) ?? keyInEnvFile(situation);
  const foreign = leadsElsewhere(environment['GOOGLE_GEMINI_BASE_URL'], 'generativelanguage.googleapis.com');
  const model = optionIn(args, ['--model', '-m']) ?? environment['GEMINI_MODEL'] ?? USUAL_MODEL;
  const shown = whatToShow(situation, model, own, foreign, chosen === 'oauth-personal');
  if (shown.type === 'none') {
    const login = chosen === 'oauth-personal' ? ['Gemini CLI is signed in with a Google account; that login stays where it is.'] : [];
    return { type: 'no-key', found: login };
  }

  const enforced = [settings, readJson(situation, systemSettings(situation))].map((each) => at(each, 'security', 'auth', 'enforcedType'));
  const other = enforced.find((type) => type !== undefined && type !== KEY_LOGIN);
  const home = chosen === KEY_LOGIN ? undefined : ownHome(situation, folder, settings ?? {});
  return {
    type: 'ready',
    environment: {
      GOOGLE_GEMINI_BASE_URL: address,
      ...(shown.value === undefined ? {} : { GEMINI_API_KEY: shown.value }),
      ...(situation.token === undefined ? {} : { GEMINI_CLI_CUSTOM_HEADERS: `x-understudy-token: ${situation.token}` }),
      ...(home === undefined ? {} : { GEMINI_CLI_HOME: home.path }),
      // Each of these would choose another service than the one that the key is for.
      GOOGLE_GENAI_USE_VERTEXAI: undefined,
      GOOGLE_GENAI_USE_GCA: undefined,
    },
    args: [...args],
    files: home?.files ?? [],
    links: home?.links ?? [],
    // It replaces its files (projects.json, trustedFolders.json) as a whole: a link there becomes a file, and what is new is one.
    ...(home && { home: { from: join(home.path, '.gemini'), to: folder, except: ['settings.json'] } }),
    key: keySentence(shown, 'Google'),
    warnings: other === undefined ? [] : [`Its settings allow only ${JSON.stringify(other)} as login: Gemini CLI will refuse a key.`],
  };
}

function ownHome(
  { scratch, list }: Situation,
  folder: string,
  settings: JsonObject,
): { path: string; files: { path: string; text: string }[]; links: NonNullable<Ready['links']> } {
  const path = join(scratch, 'gemini-home');
  const inside = join(path, '.gemini');
  const text = JSON.stringify(merged(settings, { security: { auth: { selectedType: KEY_LOGIN } } }), null, 2);
  const others = list(folder).filter((name) => name !== 'settings.json' && !SESSIONS.includes(name));
  return {
    path,
    files: [{ path: join(inside, 'settings.json'), text }],
    links: [
      ...others.map((name) => ({ path: join(inside, name), to: join(folder, name) })),
      ...SESSIONS.map((name) => ({ path: join(inside, name), to: join(folder, name), folder: true as const })),
    ],
  };
}

function systemSettings({ platform, environment }: Situation): string {
  const named = environment['GEMINI_CLI_SYSTEM_SETTINGS_PATH'];
  if (named !== undefined) return named;
  if (platform === 'darwin') return '/Library/Application Support/GeminiCli/settings.json';
  if (platform === 'win32') return 'C:\\ProgramData\\gemini-cli\\settings.json';
  return '/etc/gemini-cli/settings.json';
}

/** Gemini CLI reads the first `.gemini/.env` or `.env` from the working folder upwards, then those in the home folder. */
function keyInEnvFile(situation: Situation): { place: string } | undefined {
  const folders: string[] = [];
  for (let folder = situation.workingFolder; !folders.includes(folder); folder = dirname(folder)) folders.push(folder);
  for (const folder of [...folders, situation.home]) {
    for (const file of [join(folder, '.gemini', '.env'), join(folder, '.env')]) {
      const text = situation.read(file);
      if (text !== undefined) return /^\s*(?:export\s+)?GEMINI_API_KEY\s*=\s*\S/m.test(text) ? { place: file } : undefined;
    }
  }
  return undefined;
}
