import { describe, expect, it } from 'vitest';
import type { Client, Ready, SetUp, Situation } from './client.ts';
import { CLIENTS } from './clients.ts';

const ADDRESS = 'http://127.0.0.1:4141';

interface Stage {
  environment?: Record<string, string>;
  files?: Record<string, string>;
  args?: string[];
  token?: string;
  /** Someone in Understudy's configuration has a key. */
  configured?: boolean;
  /** There is a model on this machine, and nothing else that needs no key. */
  here?: boolean;
  /** The configuration says `subscription: pass-through`. */
  agreed?: boolean;
}

function setUp(
  name: string,
  { environment = {}, files = {}, args = [], token, configured = false, here = false, agreed = false }: Stage = {},
): SetUp {
  const client = CLIENTS.find((each) => each.name === name) as Client;
  const situation: Situation = {
    address: ADDRESS,
    ...(token === undefined ? {} : { token }),
    args,
    environment,
    home: '/home/user',
    workingFolder: '/work',
    platform: 'linux',
    scratch: '/scratch',
    read: (path) => files[path],
    list: (path) =>
      Object.keys(files)
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1)),
    answersWithoutKey: () => configured || here,
    answersHereAlone: () => here,
    passesLogin: () => agreed,
    statusline: 'understudy statusline',
  };
  return client.setUp(situation);
}

function ready(name: string, stage?: Stage): Ready {
  const result = setUp(name, stage);
  if (result.type !== 'ready') throw new Error(`${name} is not ready: ${result.found.join(' ')}`);
  return result;
}

const CHATGPT = { '/home/user/.codex/auth.json': '{"OPENAI_API_KEY":null,"tokens":{"access_token":"subscription"}}' };

const KEYS: Record<string, string> = {
  claude: 'ANTHROPIC_API_KEY',
  codex: 'OPENAI_API_KEY',
  gemini: 'GEMINI_API_KEY',
  opencode: 'OPENAI_API_KEY',
  qwen: 'OPENAI_API_KEY',
  copilot: 'OPENAI_API_KEY',
  pi: 'ANTHROPIC_API_KEY',
};

const SIGNED_IN: Record<string, Record<string, string>> = {
  claude: { '/home/user/.claude.json': '{"oauthAccount":{"emailAddress":"a@b.c"}}' },
  codex: CHATGPT,
  gemini: { '/home/user/.gemini/settings.json': '{"security":{"auth":{"selectedType":"oauth-personal"}}}' },
};

describe.each(Object.keys(SIGNED_IN))('%s, signed in', (name) => {
  it('is not led past its own login to a model that merely happens to be on this machine', () => {
    const files = SIGNED_IN[name]!;
    expect(setUp(name, { here: true, files })).toMatchObject({ type: 'no-key' });
    expect(setUp(name, { here: true })).toMatchObject({ type: 'ready' });
    expect(setUp(name, { configured: true, files })).toMatchObject({ type: 'ready' });
  });
});

describe.each(CLIENTS.map(({ name }) => name))('%s', (name) => {
  it('is not started without a key while nobody answers without one', () => {
    expect(setUp(name)).toMatchObject({ type: 'no-key' });
  });

  it('gets no key that it did not have: a stand-in where the configuration has keys', () => {
    const { environment, files, args } = ready(name, { configured: true });
    expect(JSON.stringify([environment, files, args])).toContain(ADDRESS);
    const keys = Object.entries(environment).filter(([variable, value]) => /KEY|TOKEN/.test(variable) && value);
    for (const [, value] of keys) expect(value).toBe('understudy');
  });

  it('passes all that the user typed on, in its order and last', () => {
    const typed = ['exec', '-p', 'say "hi"', '--', '--model'];
    const { args } = ready(name, { configured: true, args: typed });
    expect(args.slice(-typed.length)).toEqual(typed);
  });

  it('keeps the user’s own key where it is', () => {
    const { key, environment } = ready(name, { environment: { [KEYS[name]!]: 'own-key' } });
    expect(key).toMatch(/^Your key/);
    const shown = Object.entries(environment).flatMap(([variable, value]) => (/KEY/.test(variable) && value ? [value] : []));
    expect(shown.filter((value) => value !== 'own-key')).toEqual([]);
  });

  it('writes nothing outside of its own folder', () => {
    const { files, links = [] } = ready(name, { configured: true, files: { '/home/user/.gemini/trustedFolders.json': '{}' } });
    for (const { path } of [...files, ...links]) expect(path).toMatch(/^\/scratch\//);
  });
});

describe('claude', () => {
  const settings = (result: Ready): Record<string, unknown> => JSON.parse(result.files[0]!.text) as Record<string, unknown>;

  it('beats the env of a settings file, by --settings', () => {
    const result = ready('claude', {
      files: { '/home/user/.claude/settings.json': '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:9","ANTHROPIC_API_KEY":"own"}}' },
    });
    expect(result.args.slice(0, 2)).toEqual(['--settings', result.files[0]!.path]);
    expect(settings(result)['env']).toEqual({ ANTHROPIC_BASE_URL: ADDRESS });
  });

  it('merges the user’s own --settings, inline or a file, and wraps the status line', () => {
    const inline = ready('claude', { configured: true, args: ['--settings={"model":"x","env":{"A":"b"}}', '-p', 'hi'] });
    expect(settings(inline)).toMatchObject({ model: 'x', env: { A: 'b', ANTHROPIC_BASE_URL: ADDRESS } });
    expect(inline.args.slice(2)).toEqual(['-p', 'hi']);
    const file = ready('claude', {
      configured: true,
      args: ['--settings', 'mine.json'],
      files: { '/work/mine.json': '{"statusLine":{"type":"command","command":"my line"}}' },
    });
    expect(settings(file)).toMatchObject({ statusLine: { command: 'understudy statusline' } });
    expect(file.environment['UNDERSTUDY_STATUSLINE']).toBe('my line');
  });

  it('does not route a subscription: a login alone is no key, and its token is taken away', () => {
    const account = { '/home/user/.claude.json': '{"oauthAccount":{"emailAddress":"a@b.c"}}' };
    const alone = setUp('claude', { files: account, environment: { CLAUDE_CODE_OAUTH_TOKEN: 'subscription' } });
    expect(alone).toMatchObject({ type: 'no-key', found: [expect.stringContaining('stays where it is')] });
    const beside = ready('claude', { files: account, environment: { CLAUDE_CODE_OAUTH_TOKEN: 'subscription' }, configured: true });
    expect(beside.environment).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: undefined, ANTHROPIC_AUTH_TOKEN: 'understudy' });
  });

  it('leaves the login to Claude Code where its user has agreed that it goes along', () => {
    const stage = { files: { '/home/user/.claude.json': '{"oauthAccount":{}}' }, configured: true, agreed: true };
    const { environment, key } = ready('claude', stage);
    expect(Object.keys(environment)).toEqual(['ANTHROPIC_BASE_URL', 'UNDERSTUDY_URL']);
    expect(key).toContain('login goes along to Anthropic');
    expect(ready('claude', { ...stage, files: {} }).environment['ANTHROPIC_AUTH_TOKEN']).toBe('understudy');
    expect(ready('codex', { ...stage, files: CHATGPT }).args.join(' ')).not.toContain('requires_openai_auth');
  });

  it('does not use a key that Claude Code was told not to use: it would show its login instead', () => {
    const rejected = '{"oauthAccount":{},"customApiKeyResponses":{"rejected":["0123456789abcdefghij"]}}';
    const stage = { environment: { ANTHROPIC_API_KEY: 'sk-ant-0123456789abcdefghij' }, files: { '/home/user/.claude.json': rejected } };
    expect(setUp('claude', stage)).toMatchObject({ type: 'no-key' });
  });

  it('never shows another service’s key to Anthropic', () => {
    const stage = { environment: { ANTHROPIC_BASE_URL: 'https://gateway.example', ANTHROPIC_AUTH_TOKEN: 'theirs' } };
    expect(setUp('claude', stage)).toMatchObject({ type: 'no-key', found: [expect.stringContaining('gateway.example')] });
    expect(ready('claude', { ...stage, configured: true }).environment).toMatchObject({ ANTHROPIC_AUTH_TOKEN: 'understudy' });
  });

  it('warns of what goes past Understudy', () => {
    const cloud = ready('claude', { configured: true, environment: { CLAUDE_CODE_USE_BEDROCK: '1' } });
    expect(cloud.warnings.join(' ')).toContain('CLAUDE_CODE_USE_BEDROCK');
    const managed = { '/etc/claude-code/managed-settings.json': '{"env":{"ANTHROPIC_BASE_URL":"https://corp.example"}}' };
    expect(ready('claude', { configured: true, files: managed }).warnings.join(' ')).toContain('managed');
  });

  it('carries the access token beside the user’s own key', () => {
    const { environment } = ready('claude', { token: 'secret-token', environment: { ANTHROPIC_API_KEY: 'own' } });
    expect(environment['ANTHROPIC_CUSTOM_HEADERS']).toBe('x-understudy-token: secret-token');
  });
});

describe('codex', () => {
  it('never takes a ChatGPT login for a key, and says what may go past', () => {
    expect(setUp('codex', { files: CHATGPT })).toMatchObject({ type: 'no-key', found: [expect.stringContaining('ChatGPT')] });
    const beside = ready('codex', { files: CHATGPT, configured: true });
    expect(beside.warnings.join(' ')).toContain('#37245');
    expect(beside.args.join(' ')).not.toContain('requires_openai_auth');
    expect(JSON.stringify(beside)).not.toContain('subscription');
  });

  it('uses a key that `codex login` keeps without reading it out', () => {
    const { args, environment } = ready('codex', { files: { '/home/user/.codex/auth.json': '{"OPENAI_API_KEY":"own-key"}' } });
    expect(args.join(' ')).toContain('requires_openai_auth=true');
    expect(JSON.stringify([args, environment])).not.toContain('own-key');
  });
});

describe('codex exec', () => {
  it('is told to work outside a repository only there, and only when nobody sits at it', () => {
    const { talk } = CLIENTS.find(({ name }) => name === 'codex')!;
    const unversioned = { unversioned: true };
    expect(talk.begin('x', true, unversioned)).toEqual(['exec', '--skip-git-repo-check', 'x']);
    expect(talk.resume('s', 'x', true, unversioned)).toEqual(['exec', '--skip-git-repo-check', 'resume', 's', 'x']);
    expect([talk.begin('x', true), talk.begin('x', true, { unversioned: false })]).toEqual([
      ['exec', 'x'],
      ['exec', 'x'],
    ]);
    expect(talk.begin('x', false, unversioned)).toEqual(['x']);
  });
});

describe('gemini', () => {
  it('gets a home of its own only where its settings say another login', () => {
    const own = ready('gemini', {
      environment: { GEMINI_API_KEY: 'own' },
      files: { '/home/user/.gemini/settings.json': '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' },
    });
    expect(own.files).toEqual([]);
    expect(own.environment['GEMINI_CLI_HOME']).toBeUndefined();
    const other = ready('gemini', {
      environment: { GEMINI_API_KEY: 'own' },
      files: {
        '/home/user/.gemini/settings.json':
          '{ "ui": { "theme": "x" }, // mine\n "security": { "auth": { "selectedType": "oauth-personal" } } }',
        '/home/user/.gemini/trustedFolders.json': '{}',
      },
    });
    expect(JSON.parse(other.files[0]!.text)).toEqual({ ui: { theme: 'x' }, security: { auth: { selectedType: 'gemini-api-key' } } });
    expect(other.links).toEqual([
      { path: '/scratch/gemini-home/.gemini/trustedFolders.json', to: '/home/user/.gemini/trustedFolders.json' },
      // Its sessions lie in the user's own folder, also where it has never run before.
      { path: '/scratch/gemini-home/.gemini/tmp', to: '/home/user/.gemini/tmp', folder: true },
      { path: '/scratch/gemini-home/.gemini/history', to: '/home/user/.gemini/history', folder: true },
    ]);
    expect(other.home).toEqual({ from: '/scratch/gemini-home/.gemini', to: '/home/user/.gemini', except: ['settings.json'] });
    expect(own.home).toBeUndefined();
  });

  it('finds a key in a .env file without reading it out', () => {
    const result = ready('gemini', { files: { '/work/.env': 'A=1\nexport GEMINI_API_KEY="own-key"\n' } });
    expect(result.key).toContain('/work/.env');
    expect(JSON.stringify(result.environment)).not.toContain('own-key');
  });
});

describe('clients of many providers', () => {
  it('opencode keeps what OPENCODE_CONFIG_CONTENT says, and leaves a login alone', () => {
    const { environment, warnings } = ready('opencode', {
      environment: { OPENAI_API_KEY: 'own', OPENCODE_CONFIG_CONTENT: '{"provider":{"openai":{"options":{"timeout":5}}},"theme":"x"}' },
      files: { '/home/user/.local/share/opencode/auth.json': '{"anthropic":{"type":"oauth","access":"subscription"}}' },
      configured: true,
    });
    expect(JSON.parse(environment['OPENCODE_CONFIG_CONTENT']!)).toEqual({
      theme: 'x',
      provider: {
        openai: { options: { timeout: 5, baseURL: `${ADDRESS}/v1`, apiKey: '{env:OPENAI_API_KEY}' } },
        google: { options: { baseURL: `${ADDRESS}/v1beta`, apiKey: 'understudy' } },
      },
    });
    expect(warnings.join(' ')).toContain('Anthropic');
  });

  it('pi leaves a subscription alone, in its file or in the environment', () => {
    const oauth = { '/home/user/.pi/agent/auth.json': '{"anthropic":{"type":"oauth"}}' };
    for (const stage of [{ files: oauth }, { environment: { ANTHROPIC_OAUTH_TOKEN: 'subscription' } }]) {
      const { files } = ready('pi', { ...stage, configured: true });
      expect(files[0]!.text).not.toContain('anthropic');
      expect(files[0]!.text).toContain('openai');
    }
  });

  it('qwen never shows another service’s key to OpenAI', () => {
    const environment = { OPENAI_API_KEY: 'theirs', OPENAI_BASE_URL: 'https://dashscope.example/v1' };
    expect(setUp('qwen', { environment })).toMatchObject({ type: 'no-key', found: [expect.stringContaining('dashscope')] });
    expect(ready('qwen', { environment, configured: true }).environment['OPENAI_API_KEY']).toBe('understudy');
  });
});
