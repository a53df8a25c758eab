import { nearest } from '../config/nearest.ts';
import type { Command, Context } from './command.ts';
import { EXIT } from './exit-code.ts';
import { freeWays } from './free-ways.ts';
import { loginChatGpt, logoutChatGpt } from './login-chatgpt.ts';
import { loginClaude, logoutClaude } from './login-claude.ts';
import { CONFIG_ARGS } from './read-config.ts';
import { table } from './table.ts';
import { wrapped } from './wrap.ts';

interface Kind {
  name: string;
  does: string;
  login(context: Context): Promise<number>;
  logout(context: Context): Promise<number> | number;
}

const KINDS: readonly Kind[] = [
  {
    name: 'chatgpt',
    does: 'your ChatGPT plan answers, by OpenAI’s own sign-in for programs that you run yourself',
    login: loginChatGpt,
    logout: logoutChatGpt,
  },
  {
    name: 'claude-code',
    does: 'the login of your own Claude Code goes along to Anthropic, untouched; shows the terms and asks first',
    login: loginClaude,
    logout: logoutClaude,
  },
];

/** What people look for here and does not need it. */
const ELSEWHERE: readonly [string, string][] = [
  ['API keys', 'no login: ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY … or the configuration'],
  ['Google account', 'the login of Gemini CLI is for Gemini CLI alone; a free key does: https://aistudio.google.com/apikey'],
  ['GitHub Copilot', 'its login is for GitHub’s own programs alone; with a key, Understudy can stand in front of Copilot CLI'],
  ['AWS, Google Cloud, Azure', 'their own tools’ logins are found: aws sso login, gcloud auth application-default login, az login'],
  ['local models', 'no account: Ollama, LM Studio, llama.cpp, vLLM'],
];

const KIND_ARG = { type: 'positional', required: false, description: KINDS.map(({ name }) => name).join(' or ') } as const;

export const loginCommand: Command = {
  name: 'login',
  summary: 'Signs in with an account: chatgpt, claude-code.',
  args: {
    kind: KIND_ARG,
    config: CONFIG_ARGS.config,
    list: { type: 'boolean', description: 'Which kinds of accounts there are, and what becomes of others.' },
    browser: { type: 'boolean', default: true, description: 'Open the page.', negativeDescription: 'Only print its address.' },
    'accept-terms': { type: 'boolean', description: 'claude-code: you have read the terms that are shown, and agree.' },
  },
  examples: [
    ['understudy login chatgpt', 'in the browser; then a route may name chatgpt/gpt-5.6'],
    ['understudy login claude-code', 'shows Anthropic’s terms, and asks'],
    ['understudy login --list', 'what is possible with which account'],
  ],
  page: 'accounts.md',
  more: [
    'Without either of them nothing is missing: keys and local models need no login, and subscriptions stay with their own programs. docs/accounts.md',
    'Exit code 0: done, or you said no. 1: the sign-in failed. 2: nothing was changed.',
  ],
  async run(context) {
    if (context.flags.on('list')) return list(context);
    const kind = kindOf(context, 'login');
    return kind ? kind.login(context) : EXIT.usage;
  },
};

export const logoutCommand: Command = {
  name: 'logout',
  summary: 'Undoes a login, here and at its vendor.',
  args: { kind: KIND_ARG, config: CONFIG_ARGS.config },
  examples: [
    ['understudy logout chatgpt', 'deletes the tokens and tells OpenAI'],
    ['understudy logout claude-code', 'the login stays with Claude Code alone again'],
  ],
  page: 'accounts.md',
  more: ['Exit code 0: done, or there was nothing to do. 1: it failed. 2: nothing was changed.'],
  async run(context) {
    const kind = kindOf(context, 'logout');
    return kind ? kind.logout(context) : EXIT.usage;
  },
};

function kindOf({ flags, terminal }: Context, command: string): Kind | undefined {
  const [word] = flags.words;
  const names = KINDS.map(({ name }) => name);
  const kind = KINDS.find(({ name }) => name === word);
  if (word === undefined)
    terminal.note(`Which one? understudy ${command} ${names.join(`, understudy ${command} `)}. See understudy login --list.`);
  else if (!kind) {
    const near = nearest(word, names);
    terminal.note(
      `\`${word}\` is no kind of login here${near === undefined ? '.' : `; did you mean ${near}?`} There are: ${names.join(', ')}. See understudy login --list.`,
    );
  }
  return kind;
}

function list({ terminal }: Context): number {
  const rows = KINDS.map(({ name, does }) => [`login ${name}`, does]);
  for (const line of table([{ title: 'command' }, { title: 'what it does' }], rows, terminal.width)) terminal.out(line);
  terminal.out('');
  for (const line of table(
    [{ title: 'without a login here' }, { title: '' }],
    ELSEWHERE.map((row) => [...row]),
    terminal.width,
  ))
    terminal.out(line);
  terminal.out('');
  for (const line of freeWays()) for (const part of wrapped(line, terminal.width, '    ')) terminal.out(part);
  return EXIT.done;
}
