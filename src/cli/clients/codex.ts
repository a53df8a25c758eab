import { join } from 'node:path';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk, TalkFolder } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';
import { readJson } from './json-file.ts';

const USUAL_MODEL = 'gpt-6.1-sol';
/** A variable of our own, so that none of the user's is changed. */
const STAND_IN_VARIABLE = 'UNDERSTUDY_CODEX_KEY';

/** `codex exec` refuses to work where nothing could be undone (0.169: "Not inside a trusted directory"), unless it is told to. */
const exec = (folder: TalkFolder | undefined): string[] => ['exec', ...(folder?.unversioned === true ? ['--skip-git-repo-check'] : [])];

const talk: Talk = {
  begin: (prompt, once, folder) => (once ? [...exec(folder), prompt] : [prompt]),
  resume: (session, prompt, once, folder) => [...(once ? exec(folder) : []), 'resume', session, ...said(prompt)],
};

/** Codex. A provider of our own by `-c` flags, which beat config.toml and its profiles; `OPENAI_BASE_URL` is not read any more. */
export const codex: Client = {
  name: 'codex',
  title: 'Codex',
  programs: ['codex'],
  install: 'npm install -g @openai/codex',
  vendor: 'openai',
  login: 'a ChatGPT plan (codex login)',
  keyVariables: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
  dialect: 'openai-responses',
  usualModel: USUAL_MODEL,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args, token } = situation;
  const folder = environment['CODEX_HOME'] ?? join(situation.home, '.codex');
  const login = readJson(situation, join(folder, 'auth.json'));
  const withChatgpt = isObject(login?.['tokens']);
  // `codex login --with-api-key` keeps the key in its own file; Codex shows it where a provider asks for OpenAI's login.
  const storedKey = !withChatgpt && typeof login?.['OPENAI_API_KEY'] === 'string';
  const own = keyIn(environment, ['CODEX_API_KEY', 'OPENAI_API_KEY']) ?? (storedKey ? { place: 'codex login' } : undefined);
  const foreign = leadsElsewhere(environment['OPENAI_BASE_URL'], 'api.openai.com') && own?.place === 'OPENAI_API_KEY';
  const model = optionIn(args, ['--model', '-m']) ?? USUAL_MODEL;
  const shown = whatToShow(situation, model, own, foreign, withChatgpt);
  const chatgpt = withChatgpt ? ['Codex is signed in with ChatGPT; that login stays where it is.'] : [];
  if (shown.type === 'none') return { type: 'no-key', found: chatgpt };

  const byLogin = shown.type === 'own' && shown.value === undefined;
  const variable = shown.type === 'own' ? shown.place : STAND_IN_VARIABLE;
  const provider = [
    'name="Understudy"',
    `base_url="${address}/v1"`,
    'wire_api="responses"',
    byLogin ? 'requires_openai_auth=true' : `env_key="${variable}"`,
    ...(token !== undefined && shown.type === 'own' ? ['env_http_headers={"x-understudy-token"="UNDERSTUDY_TOKEN"}'] : []),
  ];
  const earlier = args.some((word) => word === 'resume' || word === 'fork') ? earlierSession(situation, folder) : undefined;
  const name = earlier ? earlier.provider : 'understudy';
  const settings = [
    `model_providers.${name === undefined || BUILT_IN.has(name) ? 'understudy' : name}={${provider.join(',')}}`,
    // One that is not known is left as its session has it.
    ...(name === undefined || BUILT_IN.has(name) ? [] : [`model_provider="${name}"`]),
    ...(earlier && !withChatgpt ? [`openai_base_url="${address}/v1"`] : []),
  ];
  return {
    type: 'ready',
    environment: {
      ...(earlier && !withChatgpt && shown.value !== undefined ? { CODEX_API_KEY: shown.value } : {}),
      ...(shown.type === 'stand-in' ? { [STAND_IN_VARIABLE]: shown.value } : {}),
      ...(token === undefined ? {} : { UNDERSTUDY_TOKEN: token }),
    },
    args: [...settings.flatMap((setting) => ['-c', setting]), ...args],
    files: [],
    key: keySentence(shown, 'OpenAI'),
    warnings: [...chatgptWarning(withChatgpt), ...otherProvider(args), ...(earlier && withChatgpt ? [STAYS] : [])],
  };
}

const STAYS =
  'Codex keeps a session at the provider that it was begun with: one that was begun with your ChatGPT login goes to OpenAI, past Understudy. ' +
  'To go on elsewhere: understudy handoff --cwd --to codex --behind';
/** Codex' own providers can't be given another definition. */
const BUILT_IN = new Set(['openai', 'ollama', 'lmstudio', 'oss', 'amazon-bedrock']);

/**
 * A session that is gone on with asks the provider that it was begun with, whatever `model_provider` says (Codex 0.169: "This chat uses
 * model provider …"), so that one leads here too: `openai_base_url` for its own, a definition of that name for another.
 */
function earlierSession(situation: Situation, folder: string): { provider: string | undefined } {
  const id = situation.args.find((word) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}$/i.test(word));
  if (id === undefined) return { provider: undefined };
  // Of version 7: its first 48 bits are when it was begun. Folders go by local time.
  const began = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  for (const at of [began, began - DAY, began + DAY]) {
    const date = new Date(at);
    const place = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
    const day = join(folder, 'sessions', ...place);
    const name = situation.list(day).find((each) => each.endsWith(`-${id}.jsonl`));
    const text = name === undefined ? undefined : situation.read(join(day, name));
    if (text === undefined) continue;
    const provider = providerIn(parseObject(text.slice(0, Math.max(text.indexOf('\n'), 0))));
    return { provider: provider !== undefined && /^[\w-]+$/.test(provider) ? provider : undefined };
  }
  return { provider: undefined };
}

const DAY = 24 * 3600 * 1000;

function providerIn(meta: JsonObject | undefined): string | undefined {
  const provider = isObject(meta?.['payload']) ? meta['payload']['model_provider'] : undefined;
  return typeof provider === 'string' ? provider : undefined;
}

/** https://github.com/openai/codex/issues/37245 */
function chatgptWarning(withChatgpt: boolean): string[] {
  if (!withChatgpt) return [];
  return [
    'Codex is signed in with ChatGPT, and some versions then go past every other provider (openai/codex #37245). If `understudy status` ' +
      'counts nothing, use a folder of its own: CODEX_HOME=~/.codex-understudy understudy run codex',
  ];
}

function otherProvider(args: readonly string[]): string[] {
  const named = args.some((word) => /^(?:-c|--config=?)?\s*model_provider\s*=/.test(word));
  if (!named && !args.includes('--oss')) return [];
  return ['Your own arguments choose another provider, which goes past Understudy.'];
}
