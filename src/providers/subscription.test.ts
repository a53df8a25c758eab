import { describe, expect, test } from 'vitest';
import type { Provider } from './provider.ts';
import { resolveProviders } from './resolve.ts';
import type { ProvidersSettings } from './settings.ts';
import { type AskingClient, CLAUDE_API, clientCredential, passThroughRefusal } from './subscription.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

function resolve(settings: ProvidersSettings, environment: Record<string, string> = {}): ReturnType<typeof resolveProviders> {
  return resolveProviders(settings, { environment, home: '/home/user', platform: 'linux' });
}

describe('what a client shows', () => {
  test.each([
    ['none', []],
    ['none', [['authorization', 'Bearer ']]],
    ['none', [['user-agent', 'sk-ant-oat01-x']]],
    ['key', [['x-api-key', 'sk-ant-api03-x']]],
    ['key', [['authorization', 'Bearer sk-proj-x']]],
    ['key', [['x-goog-api-key', 'AIza']]],
    // A signed token of some company's own gateway, not of a ChatGPT account.
    ['key', [['authorization', `Bearer ${JWT}`]]],
    [
      'key',
      [
        ['authorization', 'Bearer sk-proj-x'],
        ['chatgpt-account-id', 'a'],
      ],
    ],
    ['subscription', [['authorization', 'Bearer sk-ant-oat01-x']]],
    ['subscription', [['authorization', 'bearer  sk-ant-oat01-x']]],
    ['subscription', [['x-api-key', 'sk-ant-oat01-x']]],
    [
      'subscription',
      [
        ['x-api-key', 'sk-ant-api03-x'],
        ['authorization', 'Bearer sk-ant-oat01-x'],
      ],
    ],
    [
      'subscription',
      [
        ['authorization', `Bearer ${JWT}`],
        ['chatgpt-account-id', 'a'],
      ],
    ],
  ] as [string, [string, string][]][])('%s: %j', (kind, headers) => expect(clientCredential(headers)).toBe(kind));
});

describe('a plan’s login', () => {
  const agreed = resolve({ anthropic: { subscription: 'pass-through' } }, { ANTHROPIC_API_KEY: 'sk-ant-api03-x' });
  const provider = (agreed.ok && agreed.value.providers[0]) as Provider;
  const client: AskingClient = { credential: 'subscription', userAgent: 'claude-cli/2.1.330 (external, cli)', alone: true };

  test('goes along with Claude Code, however its user has started it', () => {
    for (const kind of ['cli', 'sdk-cli', 'claude-vscode'])
      expect(passThroughRefusal(provider, { ...client, userAgent: `claude-cli/2.1.330 (external, ${kind})` }, CLAUDE_API)).toBeUndefined();
  });

  test.each([
    ['no client that says so', { userAgent: 'anthropic-sdk/1.0 claude-cli/2.1' }],
    ['no name', {}],
    ['others can reach the server', { alone: false }],
  ])('does not where there is: %s', (_name, more) => {
    const { userAgent: _, ...bare } = client;
    expect(passThroughRefusal(provider, { ...('alone' in more ? client : bare), ...more }, CLAUDE_API)).toContain('only');
  });

  test('takes the place of a key in the environment, and says so', () => {
    expect(provider.credential).toEqual({ type: 'client', subscription: 'pass-through' });
    expect(agreed.ok && agreed.value.notices.join()).toContain('ANTHROPIC_API_KEY is not used here');
  });

  test.each([
    ['subscription', { openai: { subscription: 'pass-through' } }],
    ['subscription', { anthropic: { subscription: 'pass-through', apiKey: 'sk-ant-api03-x' } }],
    ['subscription', { anthropic: { subscription: 'pass-through', auth: 'none' } }],
    ['headers', { anthropic: { subscription: 'pass-through', headers: { 'x-more': '1' } } }],
    ['baseUrl', { anthropic: { subscription: 'pass-through', baseUrl: 'https://proxy.example' } }],
    ['apiKey', { anthropic: { apiKey: 'sk-ant-oat01-x' } }],
    ['apiKey', { mine: { dialect: 'anthropic-messages', baseUrl: 'https://mine.example', apiKey: 'sk-ant-oat01-x' } }],
    ['apiKey', { chatgpt: { apiKey: 'x' } }],
    ['baseUrl', { chatgpt: { baseUrl: 'https://elsewhere.example/v1' } }],
    ['baseUrl', { chatgpt: { also: { 'openai-chat': 'https://elsewhere.example/v1' } } }],
  ] as [string, ProvidersSettings][])('is refused at %s: %j', (field, settings) => {
    expect(resolve(settings)).toMatchObject({ ok: false, error: [{ field }] });
  });

  test('is refused as a key of the environment too', () => {
    expect(resolve({ anthropic: {} }, { ANTHROPIC_API_KEY: 'sk-ant-oat01-x' })).toMatchObject({ ok: false, error: [{ field: 'apiKey' }] });
  });
});
