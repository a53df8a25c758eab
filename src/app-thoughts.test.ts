/** What a client is not told of a backup's thoughts reaches the backup again, also across a restart; and the lead takes the client back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { type JsonObject, parseObject } from './exchange/json.ts';
import { isOwnSignature } from './sim/signature.ts';
import { type SimServer, startSim } from './sim/serve.ts';

let home: string;
let lead: SimServer;
let backup: SimServer;
let app: App | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'understudy-thoughts-'));
  [lead, backup] = await Promise.all([startSim({ name: 'lead', strict: true }), startSim({ name: 'backup', strict: true })]);
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await Promise.all([lead.close(), backup.close()]);
  rmSync(home, { recursive: true });
});

/** Providers by name, the lead first; of which vendor's own interface the backup is, is its own matter. */
async function start(providers: JsonObject = MESSAGES(), save = 'on'): Promise<App> {
  await app?.close();
  app = undefined;
  const settings = configSettings.parse({
    server: { port: 0 },
    data: join(home, 'data'),
    providers,
    routes: { default: { targets: ['lead/claude-opus-5', 'backup/gpt-5.6'], save } },
  });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
  return app;
}

const MESSAGES = (): JsonObject => ({
  lead: { preset: 'anthropic', baseUrl: lead.url, apiKey: 'one' },
  backup: { preset: 'openai', baseUrl: `${backup.url}/v1`, apiKey: 'two' },
});
const RESPONSES = (): JsonObject => ({
  lead: { preset: 'openai', baseUrl: `${lead.url}/v1`, apiKey: 'one' },
  backup: { dialect: 'openai-responses', baseUrl: `${backup.url}/v1`, apiKey: 'two' },
});

async function ask(address: string, messages: JsonObject[]): Promise<{ status: number; body: JsonObject }> {
  const response = await fetch(`${address}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'one' },
    body: JSON.stringify({
      model: 'claude-opus-5',
      max_tokens: 4000,
      thinking: { type: 'adaptive' },
      tools: [{ name: 'look_up', input_schema: { type: 'object', properties: { topic: { type: 'string' } } } }],
      messages,
    }),
  });
  return { status: response.status, body: parseObject(await response.text()) ?? {} };
}

test('a thought that was not told survives a restart in the journal, and the lead by itself takes the history', async () => {
  lead.setFaults([{ fault: '529' }]);
  const messages: JsonObject[] = [{ role: 'user', content: 'Look it up. [sim thinking tools=2 rounds=1 words=20]' }];
  const first = await ask((await start()).address, messages);
  const content = first.body.content as JsonObject[];
  expect(content.map(({ type }) => type)).toEqual(expect.arrayContaining(['tool_use']));
  expect(JSON.stringify(content)).not.toMatch(/thinking|understudy\.v1/);
  const results = content.flatMap(({ type, id }) =>
    type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: id!, content: 'found' }] : [],
  );
  messages.push({ role: 'assistant', content }, { role: 'user', content: results });

  const restarted = await start();
  // It is read in the background; a request that comes too early goes without it.
  await expect
    .poll(async () => {
      await ask(restarted.address, messages);
      const input = (parseObject(backup.requests().at(-1)!.body)?.input ?? []) as JsonObject[];
      return input.some(({ encrypted_content: secret }) => typeof secret === 'string' && isOwnSignature('openai-responses', secret));
    })
    .toBe(true);

  lead.setFaults([]);
  expect(await ask(lead.url, messages)).toMatchObject({ status: 200 });
});

test.each([
  ['its thoughts are back in their places', 'on', true],
  // With `save: off` there is no journal that they could be read from after a restart.
  ['where they are lost, nothing is left that it would miss them by', 'off', false],
])('a backup of the lead’s own dialect takes the next turn: %s', async (_case, save, back) => {
  lead.setFaults([{ fault: '529' }]);
  const { address } = await start(RESPONSES(), save);
  const input: JsonObject[] = [{ role: 'user', content: 'Look it up. [sim thinking tools=2 rounds=1 words=20]' }];
  const respond = async (to: string): Promise<{ status: number; body: JsonObject }> => {
    const tools = [{ type: 'function', name: 'look_up', strict: false, parameters: { type: 'object', properties: {} } }];
    const response = await fetch(`${to}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer one' },
      body: JSON.stringify({ model: 'gpt-5.6', input, tools, reasoning: { effort: 'high' } }),
    });
    return { status: response.status, body: parseObject(await response.text()) ?? {} };
  };
  const output = (await respond(address)).body.output as JsonObject[];
  expect(output.map(({ type }) => type)).not.toContain('reasoning');
  const results = output.flatMap(({ type, call_id: id }) =>
    type === 'function_call' ? [{ type: 'function_call_output', call_id: id!, output: 'found' }] : [],
  );
  expect(results).toHaveLength(2);
  input.push(...output, ...results);

  const again = back ? address : (await start(RESPONSES(), save)).address;
  expect(await respond(again)).toMatchObject({ status: 200 });
  const sent = (parseObject(backup.requests().at(-1)!.body)?.input ?? []) as JsonObject[];
  expect(sent.some(({ type }) => type === 'reasoning')).toBe(back);

  lead.setFaults([]);
  expect(await respond(lead.url)).toMatchObject({ status: 200 });
});
