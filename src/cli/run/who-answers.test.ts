import { describe, expect, it } from 'vitest';
import { resolveProviders } from '../../providers/resolve.ts';
import type { StatusReport } from '../../server/ports.ts';
import { answerersText, answersHereAlone, answersWithoutKey, passesLogin, whoAnswers } from './who-answers.ts';

const surroundings = { environment: {}, home: '/home/user', platform: 'linux' as const };

function providersOf(settings: Parameters<typeof resolveProviders>[0]) {
  const resolved = resolveProviders(settings, surroundings);
  if (!resolved.ok) throw new Error(resolved.error.map(({ message }) => message).join(' '));
  return resolved.value.providers;
}

const never: string[] = [];
const report: Pick<StatusReport, 'routes' | 'targets'> = {
  routes: [
    { pattern: 'sim/claude', targets: ['sim/claude'], never, save: true },
    { pattern: 'claude-*', targets: ['anthropic/*', 'openai/gpt-5.6'], never, save: true },
    { pattern: 'mine', targets: ['anthropic/*'], never, save: true },
  ],
  targets: [],
};
const providers = providersOf({ anthropic: {}, openai: { apiKey: 'sk-1' } });

describe('who would answer', () => {
  it('is the route’s targets in order, with those that are down', () => {
    const targets = [{ target: 'anthropic/claude-x', verdict: 'down' }] as StatusReport['targets'];
    const answerers = whoAnswers({ ...report, targets }, 'claude-x');
    expect(answerersText(answerers, 'claude-x', 'anthropic')).toBe(
      'claude-x → anthropic/claude-x (down), then openai/gpt-5.6 (route claude-*)',
    );
  });

  it('is the vendor alone where nothing is written', () => {
    const text = answerersText(whoAnswers({ routes: [], targets: [] }, 'claude-x'), 'claude-x', 'anthropic');
    expect(text).toContain('Anthropic (Claude) only: no backup');
  });

  it('ends with a model on this machine, which needs no key', () => {
    const local = { services: [], routes: [{ route: "each client's own vendor", targets: ['ollama/qwen3:8b', 'ollama/x'] }] };
    const bare = { routes: [], targets: [], local };
    expect(answersWithoutKey(bare, [], 'claude-x')).toBe(true);
    expect(answersHereAlone(bare, [], 'claude-x')).toBe(true);
    expect(answersHereAlone({ ...report, local }, providers, 'claude-x')).toBe(false);
    const who = whoAnswers(bare, 'claude-x');
    expect(answerersText(who, 'claude-x', 'anthropic')).toBe('claude-x → Anthropic (Claude), then ollama/qwen3:8b on this machine');
    expect(answerersText(who, 'claude-x', 'anthropic', true)).toBe('claude-x → ollama/qwen3:8b on this machine');
    const written = { ...report, local: { services: [], routes: [{ route: 'claude-*', targets: ['ollama/qwen3:8b'] }] } };
    expect(answerersText(whoAnswers(written, 'claude-x'), 'claude-x', 'anthropic')).toBe(
      'claude-x → anthropic/claude-x, then openai/gpt-5.6, then ollama/qwen3:8b on this machine (route claude-*)',
    );
    expect(whoAnswers(written, 'mine').here).toEqual([]);
    const found = {
      ...bare,
      local: { ...local, services: [{ provider: 'ollama', title: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1', models: 2 }] },
    };
    expect(whoAnswers(found, 'ollama/x')).toEqual({ route: 'ollama/x', targets: [{ target: 'ollama/x', down: false }], here: [] });
  });

  it('needs no key of the client’s where someone on the route has one or is simulated', () => {
    expect(answersWithoutKey(report, providers, 'claude-x')).toBe(true);
    expect(answersWithoutKey(report, providers, 'sim/claude')).toBe(true);
    expect(answersWithoutKey(report, providers, 'mine')).toBe(false);
    expect(answersWithoutKey({ routes: [], targets: [] }, providers, 'claude-x')).toBe(false);
  });

  it('lets a login go along only where the configuration says so, and to who is on the route', () => {
    const agreed = providersOf({ anthropic: { subscription: 'pass-through' } });
    expect(passesLogin(report, providers, 'claude-x')).toBe(false);
    expect(passesLogin(report, agreed, 'claude-x')).toBe(true);
    expect(passesLogin({ routes: [], targets: [] }, agreed, 'claude-x')).toBe(true);
    expect(passesLogin(report, agreed, 'sim/claude')).toBe(false);
  });
});
