/** Cases 7, 14 and 15 of research/dialects.md 3.2, which only a real connection shows. */
import Anthropic from '@anthropic-ai/sdk';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import { DIALECTS } from '../matrix/cell.ts';
import type { RawQuestion } from '../matrix/question.ts';
import { settingsOf } from '../sockets/house.ts';
import { startUnderstudy, type Understudy } from '../sockets/understudy.ts';
import { SPEAKERS } from './speakers.ts';

let folder: string;
let broken: SimServer;
let sound: SimServer;
let understudy: Understudy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-cases-'));
  broken = await startSim({ faults: [{ fault: 'reset-edge', position: 'text-middle' }] });
  sound = await startSim({});
  understudy = await startUnderstudy({
    folder,
    config: {
      server: { slowReader: '1s', closeWait: '1s' },
      failover: { continuation: 'off' },
      providers: {
        broken: settingsOf('anthropic-messages', broken.url, 'k'),
        sound: settingsOf('openai-chat', sound.url, 'k'),
      },
      routes: { broken: { targets: ['broken/m'] }, sound: { targets: ['sound/m'] } },
    },
  });
}, 60_000);

afterAll(async () => {
  await understudy.stop();
  await Promise.all([broken.close(), sound.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Heard {
  text: string;
  /** The body came to its proper end. */
  complete: boolean;
}

function ask({ path, headers, body }: RawQuestion): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, understudy.address), { method: 'POST', headers: Object.fromEntries(headers) }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', () => undefined);
      response.on('close', () => resolve({ text, complete: response.complete }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function questionTo(client: ClientDialect, model: string, text: string): RawQuestion {
  return SPEAKERS[client].question(SPEAKERS[client].user(text), { model, stream: true });
}

describe('an answer that cannot be finished', () => {
  const ERRORS: Record<ClientDialect, RegExp> = {
    'anthropic-messages': /event: error\ndata: \{"type":"error"/,
    'openai-chat': /data: \{"error":\{/,
    'openai-responses': /event: response\.failed\n/,
    gemini: /data: \{"error":\{"code":5\d\d/,
  };
  test.each(DIALECTS)('case 15: ends for %s with an error and a connection that is gone', async (client) => {
    const { text, complete } = await ask(questionTo(client, 'broken', 'Hello. [sim words=40]'));
    expect(text).toMatch(ERRORS[client]);
    expect(text).not.toMatch(/message_stop|\[DONE\]|response\.completed|finishReason/);
    // Codex and Gemini's clients take the error from the stream; Anthropic's and chat's ask again only where the connection breaks.
    expect(complete && (client === 'anthropic-messages' || client === 'openai-chat')).toBe(false);
  });

  test('case 7: Codex, which waits for the end of the stream after response.failed, gets it', async () => {
    const { text } = await ask(questionTo('openai-responses', 'broken', 'Hello. [sim words=40]'));
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(/^event: response\.failed\n/);
  });

  test("case 15: Anthropic's SDK does not take it for an answer", async () => {
    const client = new Anthropic({ baseURL: understudy.address, apiKey: 'k', maxRetries: 0, logLevel: 'off' });
    const stream = client.messages.stream({
      model: 'broken',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'Hello. [sim words=40]' }],
    });
    await expect(stream.finalMessage()).rejects.toThrow();
  });
});

test(
  'case 14: a client that stops reading is let go, and holds up neither the provider nor anybody else',
  { timeout: 30_000 },
  async () => {
    // Megabytes: more than the buffers of both sides hold.
    const { path, headers, body } = questionTo('openai-chat', 'sound', 'A long one. [sim words=60000]');
    const lines = [`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', ...headers.map(([name, value]) => `${name}: ${value}`)];
    const socket = await connected(understudy.port);
    socket.write(`${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body);
    await eventually(async () => sound.requests().at(0)?.state === 'done');
    const other = await ask(questionTo('openai-chat', 'sound', 'A short one. [sim words=10]'));
    expect(other.complete).toBe(true);
    await eventually(async () => (await running()) === 0);
    socket.destroy();
  },
);

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
    socket.once('error', reject);
    socket.pause();
  });
}

/** Answers under way. */
async function running(): Promise<unknown> {
  const response = await fetch(`${understudy.address}/api/status`);
  return ((await response.json()) as Record<string, unknown>)['running'];
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came to be');
}
