import Anthropic from '@anthropic-ai/sdk';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { type SimServer, startSim } from './sim/serve.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-bridge-'));
let sim: SimServer;
let app: App;

beforeAll(async () => {
  sim = await startSim({ name: 'lead', key: 'sk-bridge-canary' });
  const built = await buildApp(
    configSettings.parse({
      server: { port: 0 },
      data: join(home, 'data'),
      providers: {
        down: { dialect: 'anthropic-messages', baseUrl: 'http://127.0.0.1:9', apiKey: 'k' },
        tail: { sdk: '@ai-sdk/google', options: { baseURL: `${sim.url}/v1beta`, apiKey: 'sk-bridge-canary' } },
        gone: { sdk: '@ai-sdk/nobody-has-this' },
      },
      routes: { both: ['down/a-model', 'tail/a-model'], missing: ['gone/a-model'] },
    }),
    { version: '0.0.0', surroundings: { environment: {}, home, platform: 'linux', workingFolder: home } },
  );
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await app.close();
  await sim.close();
  rmSync(home, { recursive: true });
});

function ask(model: string) {
  const client = new Anthropic({ baseURL: app.address, apiKey: 'client', maxRetries: 0 });
  return client.messages.stream({ model, max_tokens: 500, messages: [{ role: 'user', content: 'Hello [sim words=9]' }] }).finalMessage();
}

describe('a service that only a package of the AI SDK speaks to', () => {
  test('answers in another’s place', async () => {
    const message = await ask('both');
    expect(message.stop_reason).toBe('end_turn');
    expect(message.content).toMatchObject([{ type: 'text', text: expect.stringContaining('simulated answer') }]);
    expect(sim.requests().at(-1)?.path).toContain(':streamGenerateContent');
  });

  test('that is not installed says how to get it', async () => {
    await expect(ask('missing')).rejects.toThrow('npm install @ai-sdk/nobody-has-this');
  });

  test('keeps its key out of what is said to be in force', async () => {
    const config = await (await fetch(`${app.address}/api/config`)).text();
    expect(config).not.toContain('sk-bridge-canary');
  });
});
