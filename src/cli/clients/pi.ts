import { join } from 'node:path';
import { optionIn } from './arguments.ts';
import type { Client, SetUp, Situation, Talk } from './client.ts';
import { said } from './said.ts';
import { at, readJson } from './json-file.ts';
import { loginSentence, routable, routedSentence, type Kept, type OwnProvider } from './own-providers.ts';

const PROVIDERS: readonly OwnProvider[] = [
  { name: 'anthropic', title: 'Anthropic', keyVariables: ['ANTHROPIC_API_KEY'], path: '', usualModel: 'claude-sonnet-5-5' },
  { name: 'openai', title: 'OpenAI', keyVariables: ['OPENAI_API_KEY'], path: '/v1', usualModel: 'gpt-5.6-sol' },
  { name: 'google', title: 'Google', keyVariables: ['GEMINI_API_KEY'], path: '/v1beta', usualModel: 'gemini-3.1-pro-preview' },
];

const talk: Talk = {
  begin: (prompt, once) => [...(once ? ['--print'] : []), prompt],
  resume: (session, prompt, once) => [...(once ? ['--print'] : []), '--session', session, ...said(prompt)],
};

/** pi. An extension of one line moves the built-in providers to another base URL, for one process (pi's docs/custom-provider.md). */
export const pi: Client = {
  name: 'pi',
  title: 'pi',
  programs: ['pi'],
  install: 'npm install -g @mariozechner/pi-coding-agent',
  vendor: 'anthropic',
  login: 'a subscription of its own (/login)',
  keyVariables: PROVIDERS.map(({ keyVariables }) => keyVariables[0]!),
  dialect: 'anthropic-messages',
  usualModel: 'claude-sonnet-5-5',
  ownModelsOnly: true,
  talk,
  setUp,
};

function setUp(situation: Situation): SetUp {
  const { environment, address, args, scratch, token } = situation;
  const agent = environment['PI_CODING_AGENT_DIR'] ?? join(situation.home, '.pi', 'agent');
  const stored = readJson(situation, join(agent, 'auth.json'));
  const kept = (name: string): Kept => {
    // This token of a subscription beats a key (pi-ai, env-api-keys).
    if (name === 'anthropic' && (environment['ANTHROPIC_OAUTH_TOKEN'] ?? '') !== '') return 'login';
    const type = at(stored, name, 'type');
    return type === 'api_key' ? 'key' : type === undefined ? undefined : 'login';
  };
  const { routed, logins } = routable(situation, PROVIDERS, kept);
  const notes = logins.map((provider) => loginSentence('pi', provider));
  if (routed.length === 0) return { type: 'no-key', found: notes };

  const headers = token === undefined ? {} : { headers: { 'x-understudy-token': token } };
  const lines = routed.map(({ provider }) => {
    const settings = { baseUrl: `${address}${provider.path}`, ...headers };
    return `  pi.registerProvider(${JSON.stringify(provider.name)}, ${JSON.stringify(settings)});`;
  });
  const file = join(scratch, 'understudy.ts');
  const standIns = routed.flatMap(({ provider, shown }) =>
    shown.type === 'stand-in' ? [[provider.keyVariables[0]!, shown.value] as const] : [],
  );
  const named = optionIn(args, ['--provider']) ?? providerOf(optionIn(args, ['--model']));
  return {
    type: 'ready',
    environment: Object.fromEntries(standIns),
    args: ['--extension', file, ...args],
    files: [{ path: file, text: ['export default function (pi) {', ...lines, '}', ''].join('\n') }],
    key: routedSentence(routed),
    warnings: [
      ...notes,
      ...(named === undefined || routed.some(({ provider }) => provider.name === named)
        ? []
        : [
            `The provider ${named} goes past Understudy: only ${routed.map(({ provider }) => provider.name).join(', ')} are behind it here.`,
          ]),
    ],
  };
}

/** `anthropic/claude-x` names its provider. */
function providerOf(model: string | undefined): string | undefined {
  return model?.includes('/') ? model.slice(0, model.indexOf('/')) : undefined;
}
