import { join } from 'node:path';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';
import { at, readJson } from './json-file.ts';

/** Qwen Code sends `max_tokens`, which OpenAI's reasoning models refuse. */
const USUAL_MODEL = 'gpt-4.1';

const talk: Talk = {
  begin: (prompt, once) => (once ? [prompt] : ['--prompt-interactive', prompt]),
  resume: (session, prompt, once) => [
    '--resume',
    session,
    ...said(prompt).flatMap((text) => (once ? [text] : ['--prompt-interactive', text])),
  ],
};

/** Qwen Code, as a client of OpenAI's chat dialect. Flags beat its settings files. */
export const qwen: Client = {
  name: 'qwen',
  title: 'Qwen Code',
  programs: ['qwen'],
  install: 'npm install -g @qwen-code/qwen-code',
  vendor: 'openai',
  login: 'a Qwen account (qwen-oauth)',
  keyVariables: ['OPENAI_API_KEY'],
  dialect: 'openai-chat',
  usualModel: USUAL_MODEL,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args } = situation;
  const settings = readJson(situation, join(situation.home, '.qwen', 'settings.json'));
  const own = keyIn(environment, ['OPENAI_API_KEY']);
  const foreign = leadsElsewhere(environment['OPENAI_BASE_URL'], 'api.openai.com');
  const named = optionIn(args, ['--model', '-m']) ?? environment['OPENAI_MODEL'] ?? at(settings, 'model', 'name');
  const model = typeof named === 'string' ? named : USUAL_MODEL;
  const shown = whatToShow(situation, model, own, foreign);
  if (shown.type === 'none') {
    const found = [];
    if (foreign)
      found.push(
        `OPENAI_BASE_URL leads to ${environment['OPENAI_BASE_URL']}: the key beside it is for that service. Add it to Understudy’s providers.`,
      );
    if (at(settings, 'security', 'auth', 'selectedType') === 'qwen-oauth')
      found.push('Qwen Code is signed in with a Qwen account; that login stays where it is.');
    return { type: 'no-key', found };
  }
  return {
    type: 'ready',
    environment: {
      OPENAI_BASE_URL: `${address}/v1`,
      // It has no place for a further header, so an access token takes the key's place.
      OPENAI_API_KEY: situation.token ?? shown.value ?? '',
      ...(named === undefined ? { OPENAI_MODEL: model } : {}),
    },
    args: [...defaults(args, { '--auth-type': 'openai', '--openai-base-url': `${address}/v1` }), ...args],
    files: [],
    key: keySentence(shown, 'OpenAI'),
    warnings: named === undefined ? [`No model is chosen, so it asks for ${model}; choose with --model or OPENAI_MODEL.`] : [],
  };
}

/** Options that the user has not given. */
function defaults(args: readonly string[], options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => (optionIn(args, [name]) === undefined ? [name, value] : []));
}
