import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { INCIDENT } from '../../server/testing/watched.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

let folder: string;
let server: Server;
let asked: { path: string | undefined; body: unknown }[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-by-hand-'));
  writeFileSync(join(folder, 'understudy.yaml'), '{}\n');
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      asked.push({ path: request.url, body: JSON.parse(text) });
      if (text.includes('clod'))
        response
          .writeHead(400)
          .end(JSON.stringify({ error: { code: 'unknown-product', message: 'There is no product.', hint: 'Did you mean claude?' } }));
      else response.writeHead(201).end(JSON.stringify(INCIDENT));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
});

const run = (...words: string[]): Promise<Ran> =>
  runIn(folder, ['incidents', ...words, '--data', folder, '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
const POST = ['post', '--title', 'No answers', '--product', 'claude.ai, openai/api', '--text', 'We look into it.'];

it('posts an incident, and planned work where it has an end', async () => {
  const ran = await run(...POST, '--severity', 'major', '--models', 'a,b');
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(INCIDENT.id) as string });
  await run(...POST, '--from', '2026-12-01T06:00Z', '--to', '2026-12-01T07:00Z', '--by', 'ops');
  const base = { title: 'No answers', products: ['claude.ai', 'openai/api'], text: 'We look into it.' };
  const from = Date.UTC(2026, 11, 1, 6);
  expect(asked).toEqual([
    { path: '/api/incidents', body: { ...base, severity: 'major', models: ['a', 'b'] } },
    { path: '/api/incidents', body: { ...base, kind: 'maintenance', from, to: from + 3_600_000, by: 'ops' } },
  ]);
});

it('adds an update', async () => {
  expect((await run('update', 'i_1', '--phase', 'resolved', '--text', 'It works.')).code).toBe(0);
  expect(asked).toEqual([{ path: '/api/incidents/i_1/updates', body: { text: 'It works.', phase: 'resolved' } }]);
});

it.each([
  [['post', '--title', 'x'], '--product, --text'],
  [['post', 'No answers', '--title', 'x'], 'one word too many'],
  [[...POST, '--from', 'soon'], '--from soon is no time'],
  [['update', '--text', 'x'], 'update ID'],
  [['update', 'i_1', '--text', 'x', '--title', 'y'], 'An update has no --title'],
  [['--title', 'y'], '--title goes with'],
])('refuses %j without asking anybody', async (words, why) => {
  const ran = await run(...words);
  expect([ran.code, asked]).toEqual([2, []]);
  expect(ran.note.replaceAll(/\s+/g, ' ')).toContain(why);
});

it('says what the server does not take', async () => {
  expect(await run('post', '--title', 'x', '--product', 'clod', '--text', 'y')).toMatchObject({
    code: 1,
    note: expect.stringContaining('Did you mean claude?') as string,
  });
});
