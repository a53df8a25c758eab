import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { keyIn, keySentence, leadsElsewhere, whatToShow } from './credential.ts';

const USUAL_MODEL = 'gpt-5.6-terra';

const talk: Talk = {
  begin: (prompt, once) => [once ? '--prompt' : '--interactive', prompt],
  resume: (session, prompt, once) => [
    `--resume=${session}`,
    ...said(prompt).flatMap((text) => [once ? '--prompt' : '--interactive', text]),
  ],
};

/** Copilot CLI with a provider of the user's own (`copilot help providers`): GitHub's models and login have no part in it. */
export const copilot: Client = {
  name: 'copilot',
  title: 'Copilot CLI',
  programs: ['copilot'],
  install: 'npm install -g @github/copilot',
  vendor: 'openai',
  login: 'a GitHub Copilot plan',
  keyVariables: ['COPILOT_PROVIDER_API_KEY', 'OPENAI_API_KEY'],
  dialect: 'openai-chat',
  usualModel: USUAL_MODEL,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args, token } = situation;
  const anthropic = environment['COPILOT_PROVIDER_TYPE'] === 'anthropic';
  const vendor = anthropic ? 'Anthropic' : 'OpenAI';
  const own = keyIn(environment, ['COPILOT_PROVIDER_API_KEY', anthropic ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY']);
  const base = environment[own?.place === 'OPENAI_API_KEY' ? 'OPENAI_BASE_URL' : 'COPILOT_PROVIDER_BASE_URL'];
  const foreign = leadsElsewhere(base, anthropic ? 'api.anthropic.com' : 'api.openai.com');
  const named = optionIn(args, ['--model']) ?? environment['COPILOT_MODEL'] ?? environment['COPILOT_PROVIDER_MODEL_ID'];
  const model = named ?? (anthropic ? 'claude-sonnet-5-5' : USUAL_MODEL);
  const shown = whatToShow(situation, model, own, foreign);
  if (shown.type === 'none') {
    const found = foreign ? [`Your key is for ${base}, another service. Add it to Understudy’s providers.`] : [];
    return { type: 'no-key', found };
  }
  return {
    type: 'ready',
    environment: {
      COPILOT_PROVIDER_TYPE: anthropic ? 'anthropic' : 'openai',
      COPILOT_PROVIDER_BASE_URL: anthropic ? address : `${address}/v1`,
      COPILOT_PROVIDER_API_KEY: shown.value ?? '',
      // Each of them would be shown instead of the key.
      COPILOT_PROVIDER_BEARER_TOKEN: undefined,
      COPILOT_PROVIDER_API_KEY_COMMAND: undefined,
      ...(named === undefined ? { COPILOT_MODEL: model } : {}),
      ...(token === undefined ? {} : { COPILOT_PROVIDER_HEADERS: `x-understudy-token: ${token}` }),
    },
    args: [...args],
    files: [],
    key: keySentence(shown, vendor),
    warnings: [
      'This is Copilot CLI with a provider of your own: models of your Copilot plan are not asked and not billed.',
      ...(named === undefined ? [`No model is chosen, so it asks for ${model}; choose with --model or COPILOT_MODEL.`] : []),
    ],
  };
}
