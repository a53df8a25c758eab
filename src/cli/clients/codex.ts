import { join } from 'node:path';
import { isObject } from '../../exchange/json.ts';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';
import { readJson } from './json-file.ts';

const USUAL_MODEL = 'gpt-6.1-sol';
/** A variable of our own, so that none of the user's is changed. */
const STAND_IN_VARIABLE = 'UNDERSTUDY_CODEX_KEY';

const talk: Talk = {
  begin: (prompt, once) => (once ? ['exec', prompt] : [prompt]),
  resume: (session, prompt, once) => [...(once ? ['exec'] : []), 'resume', session, ...said(prompt)],
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
  const shown = whatToShow(situation, model, own, foreign);
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
  const settings = [`model_providers.understudy={${provider.join(',')}}`, 'model_provider="understudy"'];
  return {
    type: 'ready',
    environment: {
      ...(shown.type === 'stand-in' ? { [STAND_IN_VARIABLE]: shown.value } : {}),
      ...(token === undefined ? {} : { UNDERSTUDY_TOKEN: token }),
    },
    args: [...settings.flatMap((setting) => ['-c', setting]), ...args],
    files: [],
    key: keySentence(shown, 'OpenAI'),
    warnings: [...chatgptWarning(withChatgpt), ...otherProvider(args)],
  };
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
