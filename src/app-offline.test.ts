/** Nobody answers any more: what lies on this machine does, in every dialect, and is taken for nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { END_LABEL, LABEL } from './offline/label.ts';
import { call } from './server/testing/raw-client.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const QUESTION = 'How do I restore the kestrel database from its nightly backup?';
const ANSWER = 'Stop the server, then run kestrel-restore with the newest file.';

const home = mkdtempSync(join(tmpdir(), 'understudy-offline-'));
let service: Server;
let isDown = false;
let asked = 0;
let app: App;

beforeAll(async () => {
  service = createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => {
      const failed = { error: { message: 'Overloaded', type: 'server_error' } };
      const message = { role: 'assistant', content: ANSWER };
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const head = { id: 'c', created: 1, model: 'm' };
      response.setHeader('content-type', 'application/json');
      if (isDown) return response.writeHead(503).end(JSON.stringify(failed));
      response.setHeader('content-type', 'text/event-stream');
      const chunk = (delta: object, finish: string | null): string =>
        `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }], usage })}\n\n`;
      response.end(`${chunk(message, null)}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
  });
  await new Promise<void>((done) => void service.listen(0, '127.0.0.1', done));
  mkdirSync(join(home, 'notes'));
  writeFileSync(
    join(home, 'notes', 'kestrel.md'),
    '# Kestrel\n\n## Where backups lie\n\nThe nightly backup of the kestrel database lies on the vault.\n',
  );
  const built = await buildApp(
    configSettings.parse({
      server: { port: 0 },
      data: join(home, 'data'),
      providers: {
        wall: { dialect: 'openai-chat', baseUrl: `http://127.0.0.1:${(service.address() as AddressInfo).port}/v1`, apiKey: 'k' },
      },
      routes: { default: ['wall/m', 'offline/desk'], only: ['wall/m'], gemini: ['wall/m', 'offline/desk'] },
      deadlines: { patience: 0 },
      watch: { enabled: 'off' },
      offline: { notes: ['./notes'] },
    }),
    { version: '0.0.0', surroundings: { environment: {}, home, platform: 'linux', workingFolder: home } },
  );
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await app.close();
  await new Promise((done) => service.close(done));
  rmSync(home, { recursive: true });
});

function chat(body: object, headers: Record<string, string> = {}) {
  return call(Number(new URL(app.address).port), '/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: QUESTION }], ...body }),
  });
}

function textOf(body: string): string {
  return (JSON.parse(body) as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
}

function isLabelled(text: string): void {
  const lines = text.split('\n');
  expect([lines[0], lines.at(-1)]).toEqual([LABEL, END_LABEL]);
}

/** An answer is in the archive a second after it ended. */
async function archived(): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await call(Number(new URL(app.address).port), `/api/offline?q=${encodeURIComponent(QUESTION)}`);
      expect((JSON.parse(found.text) as { answers: unknown[] }).answers).toHaveLength(1);
    },
    { timeout: 30_000, interval: 200 },
  );
}

test('as long as somebody answers, nobody hears of it', async () => {
  const reply = await chat({});
  expect(textOf(reply.text)).toBe(ANSWER);
  expect(reply.headers['x-understudy-target']).toBe('wall/m');
  await archived();
});

describe('when nobody does', () => {
  test('the earlier answer and the note are shown word for word, with where they are from', async () => {
    isDown = true;
    const reply = await chat({ messages: [{ role: 'user', content: 'restore kestrel from the nightly backup' }] });
    expect(reply.status).toBe(200);
    expect(reply.headers['x-understudy-target']).toBe('offline/desk');
    const text = textOf(reply.text);
    isLabelled(text);
    expect(text).toContain(`> ${QUESTION}`);
    expect(text).toContain(`> ${ANSWER}`);
    expect(text).toMatch(/answered by «m», «wall»/);
    expect(text).toContain('kestrel.md:3»');
    expect(text).toContain('> The nightly backup of the kestrel database lies on the vault.');
  });

  test('each dialect gets it, streamed and whole', async () => {
    const anthropic = new Anthropic({ baseURL: app.address, apiKey: 'k', maxRetries: 0 });
    const openai = new OpenAI({ baseURL: `${app.address}/v1`, apiKey: 'k', maxRetries: 0 });
    const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: app.address } });
    const messages = [{ role: 'user' as const, content: QUESTION }];
    const first = (content: Anthropic.ContentBlock[]): string => (content[0]?.type === 'text' ? content[0].text : '');
    let streamed = '';
    for await (const chunk of await google.models.generateContentStream({ model: 'gemini', contents: QUESTION }))
      streamed += chunk.text ?? '';
    const chatted = openai.chat.completions.stream({ model: 'm', messages, tools: [TOOL] });
    const texts = [
      first((await anthropic.messages.create({ model: 'm', max_tokens: 99, messages })).content),
      first((await anthropic.messages.stream({ model: 'm', max_tokens: 99, messages }).finalMessage()).content),
      (await openai.responses.create({ model: 'm', input: QUESTION })).output_text,
      (await openai.responses.stream({ model: 'm', input: QUESTION }).finalResponse()).output_text,
      (await google.models.generateContent({ model: 'gemini', contents: QUESTION })).text ?? '',
      streamed,
      (await chatted.finalChatCompletion()).choices[0]?.message.content ?? '',
    ];
    for (const text of texts) isLabelled(text);
    expect(texts).toHaveLength(7);
  });

  test('asked for by its name, it answers, also who could have waited', async () => {
    const reply = await chat({ model: 'offline/desk' }, { 'x-understudy-queue': 'allow' });
    expect(reply.status).toBe(200);
    isLabelled(textOf(reply.text));
  });

  test('a question to which nothing is similar gets the honest text', async () => {
    const text = textOf((await chat({ messages: [{ role: 'user', content: 'Which cheese goes with quinces?' }] })).text);
    isLabelled(text);
    expect(text).toContain('Nothing similar was found');
    expect(text).toContain('What can be done now:');
  });

  test('a client that wants JSON gets an error, and one that can wait is kept', async () => {
    const json = await chat({ response_format: { type: 'json_object' } });
    expect(json.status).toBeGreaterThanOrEqual(400);
    expect(json.text).not.toContain(LABEL);
    const kept = await chat({}, { 'x-understudy-queue': 'allow' });
    expect(kept.status).toBeGreaterThanOrEqual(400);
    expect(kept.text).toContain('is kept');
  });

  test('it is never quoted itself, and never counted as a model', async () => {
    const { answers } = JSON.parse(
      (await call(Number(new URL(app.address).port), `/api/offline?q=${encodeURIComponent(QUESTION)}`)).text,
    ) as { answers: { answer: { text: string } }[] };
    expect(answers.map(({ answer }) => answer.text)).toEqual([ANSWER]);
    const { targets, away } = app.status();
    expect(targets.map(({ target }) => target)).not.toContainEqual(expect.stringContaining('offline'));
    expect(away).not.toHaveProperty('offline/desk');
  });

  test('who is back is asked first again, in the same conversation too', async () => {
    isDown = false;
    const before = asked;
    const history = [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: LABEL },
      { role: 'user', content: 'And then?' },
    ];
    await vi.waitFor(async () => expect((await chat({ messages: history })).headers['x-understudy-target']).toBe('wall/m'), {
      timeout: 45_000,
      interval: 500,
    });
    expect(asked).toBeGreaterThan(before);
  });
});

const TOOL = { type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } };
