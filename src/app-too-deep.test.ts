/** Requests that are nested too deeply: told so in the client's own dialect, or answered; never a fault of ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-deep-'));
let app: App;

beforeAll(async () => {
  const built = await buildApp(configSettings.parse({ server: { port: 0 }, data: join(home, 'data') }), {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await app.close();
  rmSync(home, { recursive: true });
});

const LEVELS = 20_000;
const DEEP = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;
const SCHEMA = `{"type":"object","properties":${DEEP}}`;
const TOOL = `"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":${SCHEMA}}}]`;

const ENDLESS = '[{"type":"message","role":"user","content":"hi"}]';

// An answer repeats all of these.
test.each(['', '"stream":true,', '"background":true,'])('Responses {%s…}: told what is wrong, before anybody is asked', async (how) => {
  for (const member of [`"metadata":${DEEP}`, `"tools":[{"type":"function","name":"t","parameters":${SCHEMA}}]`]) {
    for (const body of [
      `{"model":"sim/claude",${how}"input":${ENDLESS},${member}}`,
      `{"model":"sim/claude",${how}${member},"input":"hi"}`,
    ]) {
      const answer = await fetch(`${app.address}/v1/responses`, { method: 'POST', body });
      expect([answer.status, await answer.json()]).toEqual([
        400,
        {
          error: {
            message: expect.stringContaining('nested too deeply') as string,
            type: 'invalid_request_error',
            code: 'invalid_value',
            param: null,
          },
        },
      ]);
    }
  }
  expect(await (await fetch(`${app.address}/api/exchanges`)).json()).toEqual({ exchanges: [] });
});

test.each([
  ['/v1/chat/completions', `{"model":"sim/claude",${TOOL}}`],
  ['/v1/messages/count_tokens', `{"model":"sim/chatgpt","messages":[],"tools":[{"name":"t","input_schema":${SCHEMA}}]}`],
  ['/v1/messages', `{"model":"sim/chatgpt","max_tokens":9,"messages":[{"role":"user","content":${DEEP}}]}`],
  ['/v1beta/models/sim/claude:countTokens', `{"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"functionDeclarations":${DEEP}}]}`],
])('%s: answered, or told that it is bad', async (path, body) => {
  const answer = await fetch(`${app.address}${path}`, { method: 'POST', body });
  const text = await answer.text();
  expect([200, 400]).toContain(answer.status);
  expect(text).not.toContain('report');
});

test('and nothing goes on behind its back', () => {
  expect(app.status().running).toBe(0);
});
