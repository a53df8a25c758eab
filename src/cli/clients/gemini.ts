import { dirname, join } from 'node:path';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation } from './client.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';
import { at, merged, readJson } from './json-file.ts';

const USUAL_MODEL = 'gemini-3.1-pro-preview';

/**
 * Gemini CLI. Which login it uses stands in its settings; the system's settings beat the user's, and their place is a variable
 * (geminicli.com/docs/reference/configuration), so one process can be told otherwise without editing a file.
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
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args, scratch } = situation;
  const settings = readJson(situation, join(situation.home, '.gemini', 'settings.json'));
  const chosen = at(settings, 'security', 'auth', 'selectedType');
  const own = keyIn(environment, ['GEMINI_API_KEY', 'GOOGLE_API_KEY']) ?? keyInEnvFile(situation);
  const foreign = leadsElsewhere(environment['GOOGLE_GEMINI_BASE_URL'], 'generativelanguage.googleapis.com');
  const model = optionIn(args, ['--model', '-m']) ?? environment['GEMINI_MODEL'] ?? USUAL_MODEL;
  const shown = whatToShow(situation, model, own, foreign);
  if (shown.type === 'none') {
    const login = chosen === 'oauth-personal' ? ['Gemini CLI is signed in with a Google account; that login stays where it is.'] : [];
    return { type: 'no-key', found: login };
  }

  const system = environment['GEMINI_CLI_SYSTEM_SETTINGS_PATH'] ?? systemSettings(situation);
  const file = join(scratch, 'gemini-settings.json');
  const existing = readJson(situation, system) ?? {};
  const enforced = at(existing, 'security', 'auth', 'enforcedType');
  const text = JSON.stringify(merged(existing, { security: { auth: { selectedType: 'gemini-api-key' } } }), null, 2);
  return {
    type: 'ready',
    environment: {
      GOOGLE_GEMINI_BASE_URL: address,
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: file,
      ...(shown.value === undefined ? {} : { GEMINI_API_KEY: shown.value }),
      ...(situation.token === undefined ? {} : { GEMINI_CLI_CUSTOM_HEADERS: `x-understudy-token: ${situation.token}` }),
      // Each of these would choose another service than the one that the key is for.
      GOOGLE_GENAI_USE_VERTEXAI: undefined,
      GOOGLE_GENAI_USE_GCA: undefined,
    },
    args: [...args],
    files: [{ path: file, text }],
    key: keySentence(shown, 'Google'),
    warnings:
      enforced !== undefined && enforced !== 'gemini-api-key'
        ? [`Your administrator’s settings (${system}) allow only ${JSON.stringify(enforced)}: Gemini CLI will refuse a key.`]
        : [],
  };
}

function systemSettings({ platform }: Situation): string {
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
