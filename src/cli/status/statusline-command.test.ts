import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Board } from '../../watch/questions.ts';

const bin = resolve(import.meta.dirname, '../../../bin/understudy');
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What the program itself prints, beside a server whose board is this; `undefined`: it never says. */
async function line(board: Board | 'broken' | undefined): Promise<string> {
  server = createServer((request, response) => {
    if (request.url?.startsWith('/api/exchanges')) return void response.end('{"exchanges":[]}');
    if (board === 'broken') return void response.writeHead(503).end('{}');
    if (board !== undefined) response.end(JSON.stringify(board));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server!.once('listening', done));
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    NO_COLOR: '1',
    UNDERSTUDY_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  return new Promise((done) => {
    const child = execFile(process.execPath, [bin, 'statusline'], { env, cwd: '/' }, (_error, out) => done(out.trim()));
    child.stdin!.end('{}');
  });
}

const AT = Date.UTC(2026, 5, 2, 6, 17);
const board = (verdict: 'down' | 'operational'): Board => ({
  at: AT,
  judgements: [{ key: 'anthropic/api', title: 'Claude API', verdict, since: AT - 720_000, score: 4, evidence: [], summary: '' }],
  incidents: [],
  pages: [],
});

it('names what is down at its end, and nothing where all is well or the board says nothing', async () => {
  expect(await line(board('down'))).toBe('● Understudy ▲ Claude API down 12 min');
  server!.close();
  expect(await line(board('operational'))).toBe('● Understudy');
  server!.close();
  expect(await line('broken')).toBe('● Understudy');
  server!.close();
  expect(await line(undefined)).toBe('● Understudy');
}, 30_000);
