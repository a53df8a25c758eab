import { join } from 'node:path';
import type { JsonObject } from '../../exchange/json.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { at, merged, readJson } from './json-file.ts';
import { loginSentence, routable, STORED, routedSentence, type Kept, type OwnProvider } from './own-providers.ts';

const PROVIDERS: readonly OwnProvider[] = [
  { name: 'anthropic', title: 'Anthropic', keyVariables: ['ANTHROPIC_API_KEY'], path: '/v1', usualModel: 'claude-sonnet-5-5' },
  { name: 'openai', title: 'OpenAI', keyVariables: ['OPENAI_API_KEY'], path: '/v1', usualModel: 'gpt-5.6-sol' },
  {
    name: 'google',
    title: 'Google',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    path: '/v1beta',
    usualModel: 'gemini-3.1-pro-preview',
  },
];

const talk: Talk = {
  begin: (prompt, once) => (once ? ['run', prompt] : ['--prompt', prompt]),
  resume: (session, prompt, once) => [
    ...(once ? ['run'] : []),
    '--session',
    session,
    ...said(prompt).flatMap((text) => (once ? [text] : ['--prompt', text])),
  ],
};

/** opencode. `OPENCODE_CONFIG_CONTENT` is merged over every configuration file (opencode.ai/docs/config). */
export const opencode: Client = {
  name: 'opencode',
  title: 'opencode',
  programs: ['opencode'],
  install: 'npm install -g opencode-ai',
  vendor: 'anthropic',
  login: 'a login of its own (opencode auth login)',
  keyVariables: PROVIDERS.map(({ keyVariables }) => keyVariables[0]!),
  dialect: 'anthropic-messages',
  usualModel: 'claude-sonnet-5-5',
  ownModelsOnly: true,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args, token } = situation;
  const data = environment['XDG_DATA_HOME'] ?? join(situation.home, '.local', 'share');
  const logins = readJson(situation, join(data, 'opencode', 'auth.json'));
  const kept = (name: string): Kept => {
    const type = at(logins, name, 'type');
    return type === 'api' ? 'key' : type === undefined ? undefined : 'login';
  };
  const { routed, logins: left } = routable(situation, PROVIDERS, kept);
  const notes = left.map((provider) => loginSentence('opencode', provider));
  if (routed.length === 0) return { type: 'no-key', found: notes };

  const provider: JsonObject = {};
  for (const { provider: own, shown } of routed) {
    const options: JsonObject = { baseURL: `${address}${own.path}` };
    if (shown.type === 'stand-in') options['apiKey'] = shown.value;
    // opencode finds a provider by any of its variables, and then reads only one of them for the key.
    else if (shown.place !== STORED) options['apiKey'] = `{env:${shown.place}}`;
    if (token !== undefined) options['headers'] = { 'x-understudy-token': token };
    provider[own.name] = { options };
  }
  const given = parseObject(environment['OPENCODE_CONFIG_CONTENT'] ?? '') ?? {};
  return {
    type: 'ready',
    environment: { OPENCODE_CONFIG_CONTENT: JSON.stringify(merged(given, { provider })) },
    args: [...args],
    files: [],
    key: routedSentence(routed),
    warnings: [...notes, ...pastUnderstudy(situation, provider)],
  };
}

/** A provider that is asked for and does not go through. */
function pastUnderstudy({ args }: Situation, routed: JsonObject): string[] {
  const [named] = (optionIn(args, ['--model', '-m']) ?? '').split('/');
  if (named === undefined || named === '' || isObject(routed[named])) return [];
  return [`The provider ${named} goes past Understudy: only ${Object.keys(routed).join(', ')} are behind it here.`];
}
