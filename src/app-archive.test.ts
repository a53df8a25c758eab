import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { buildApp, type App } from './app.ts';
import type { ConversationDetail } from './archive/questions.ts';
import type { ConversationPage } from './archive/store/read.ts';
import { configSettings } from './config/settings.ts';
import { startSim, type SimServer } from './sim/serve.ts';

// An archive that could not be used is tried again after five seconds.
vi.setConfig({ testTimeout: 30_000 });

const FAST = { headers: 0, firstToken: 0, perToken: 0, scale: 0 };
const ending: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'understudy-app-archive-'));
  ending.push(() => rmSync(path, { recursive: true }));
  return path;
}

async function sim(options: Parameters<typeof startSim>[0]): Promise<SimServer> {
  const server = await startSim({ pace: FAST, ...options });
  ending.push(() => server.close());
  return server;
}

async function start(home: string, more: object): Promise<App> {
  const built = await buildApp(configSettings.parse({ server: { port: 0 }, data: join(home, 'data'), ...more }), {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  ending.push(() => built.value.close());
  return built.value;
}

async function get<Answer>(app: App, path: string): Promise<{ status: number; body: Answer }> {
  const reply = await fetch(`${app.address}${path}`);
  return { status: reply.status, body: (await reply.json()) as Answer };
}

/** Reading takes a moment after an exchange has ended. */
async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it has not come');
}

const first = (app: App) => async (): Promise<ConversationPage['conversations'][number] | undefined> =>
  (await get<ConversationPage>(app, '/api/conversations')).body.conversations?.[0];

describe('the archive of a server', () => {
  test('shows the seam and both who wrote an answer that was carried on', async () => {
    const home = folder();
    const lead = await sim({ name: 'lead', faults: [{ fault: 'cut-inside', position: 'text-middle', schedule: { type: 'ever' } }] });
    const backup = await sim({ name: 'backup' });
    const provider = (url: string): object => ({ dialect: 'anthropic-messages', baseUrl: url, apiKey: 'k' });
    const app = await start(home, {
      providers: { lead: provider(lead.url), backup: provider(backup.url) },
      routes: { default: ['lead/claude-opus-5-5', 'backup/claude-opus-5-5'] },
    });
    const asked = await fetch(`${app.address}/v1/messages`, {
      method: 'POST',
      headers: { 'user-agent': 'tester/1', 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'claude-opus-5-5',
        max_tokens: 2000,
        stream: true,
        messages: [{ role: 'user', content: 'Please say your lines. [sim lines=12]' }],
      }),
    });
    const stream = await asked.text();
    const { id } = await until(first(app));
    const { body } = await get<ConversationDetail>(app, `/api/conversations/${id}`);
    expect(body).toMatchObject({ source: 'understudy', status: 'complete', messages: 2, branches: 1 });
    const answer = body.said[1]!;
    expect(answer.producer?.provider).toBe('lead');
    // First its own provider once more, then the backup.
    const [again, seam] = answer.seams ?? [];
    expect([again, seam]).toMatchObject([{ to: 'lead/claude-opus-5-5' }, { from: 'lead/claude-opus-5-5', to: 'backup/claude-opus-5-5' }]);
    const { part, offset } = seam!;
    const text = answer.parts[part]!;
    if (text.type !== 'text') throw new Error('the seam is in a text');
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThan(text.text.length);
    const told = [...stream.matchAll(/"type":"text_delta","text":("(?:[^"\\]|\\.)*")/g)]
      .map(([, json]) => JSON.parse(json!) as string)
      .join('');
    expect(text.text).toBe(told);
    expect(body.shown).toEqual(body.said.map(({ key }) => key));
  });

  test('knows what goes on from a kept response, by its id alone', async () => {
    const home = folder();
    const lead = await sim({ name: 'lead' });
    const app = await start(home, {
      providers: { lead: { dialect: 'openai-responses', baseUrl: `${lead.url}/v1`, apiKey: 'k' } },
      routes: { default: ['lead/gpt-5.6'] },
    });
    const ask = async (input: string, previous?: string): Promise<string> => {
      const reply = await fetch(`${app.address}/v1/responses`, {
        method: 'POST',
        body: JSON.stringify({ model: 'gpt-5.6', input, ...(previous !== undefined && { previous_response_id: previous }) }),
      });
      expect(reply.status).toBe(200);
      return ((await reply.json()) as { id: string }).id;
    };
    const id = await ask('Please say your lines.');
    await ask('And once more?', id);
    const found = await until(async () => {
      const conversation = await first(app)();
      return conversation?.messages === 4 ? conversation : undefined;
    });
    expect(found).toMatchObject({ title: 'Please say your lines.', branches: 1, status: 'complete' });
    expect((await get<ConversationPage>(app, '/api/conversations?everything=true')).body.conversations).toHaveLength(1);
  });

  test('refuses what it does not know, and pages', async () => {
    const app = await start(folder(), {});
    await until(async () => ((await get(app, '/api/conversations')).status === 200 ? true : undefined));
    expect(await get(app, '/api/conversations')).toEqual({ status: 200, body: { conversations: [] } });
    expect(await get(app, '/api/conversations/c_0000000000000000')).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown-conversation' } },
    });
    expect(await get(app, '/api/conversations?source=nobody')).toMatchObject({ status: 400 });
    expect(await get(app, '/api/conversations?from=yesterday')).toMatchObject({ status: 400 });
    expect((await fetch(`${app.address}/api/conversations`, { method: 'POST' })).status).toBe(405);
  });

  test('is no reason not to start and serve, whatever is wrong with it; the status says so', async () => {
    const home = folder();
    const app = await start(home, {});
    await app.close();
    ending.pop();
    writeFileSync(join(home, 'data', 'archive.db'), 'this is no database, and was one');
    for (const beside of ['-wal', '-shm']) rmSync(join(home, 'data', `archive.db${beside}`), { force: true });
    const again = await start(home, {});
    await until(() => Promise.resolve(again.status().notices.find((notice) => notice.includes('is not a database'))));
    const answer = await fetch(`${again.address}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ model: 'sim/claude', max_tokens: 200, messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(answer.status).toBe(200);
    expect(await get(again, '/api/conversations')).toMatchObject({ status: 503, body: { error: { code: 'archive-unavailable' } } });
    // Once it is out of the way, everything is read anew from the record.
    rmSync(join(home, 'data', 'archive.db'));
    const conversation = await until(first(again));
    expect(conversation).toMatchObject({ title: 'hi', status: 'complete' });
    expect(again.status().notices.join('\n')).not.toContain('archive');
  });
});
