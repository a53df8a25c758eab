import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { questionOf } from '../matrix/question.ts';
import type { Heard } from './listener.ts';
import { whatIsKept } from './kept.ts';

// The judge of the kills has to find what is lost.

const END = { type: 'end', outcome: { type: 'interrupted' } };
const SAID = ['event: a\ndata: {}\n\n', 'event: b\ndata: {}\n\n'];
const piece = (text: string): object => ({ type: 'bytes', attempt: 0, events: [], text, terminated: false });

let told: object[] | undefined;
const server = createServer((_request, response) => {
  if (!told) return void response.writeHead(404).end('{}');
  response.end(told.map((entry, seq) => `id: ${seq}\ndata: ${JSON.stringify({ seq, ...entry })}\n\n`).join(''));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

async function kept(entries: object[] | undefined, body = SAID.join(''), more: Partial<Heard> = {}): Promise<[string, number, number]> {
  told = entries;
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { path, body: question } = questionOf('anthropic-messages', true, 'text', 'm');
  const heard = { dialect: 'anthropic-messages' as const, stream: true, path, question, status: 200, ended: false, ...more };
  const found = await whatIsKept(address, { ...heard, exchange: `x_${'0'.repeat(26)}`, body: Buffer.from(body) });
  return [found.state, found.lost, found.wrong.length];
}

test('what is there is not lost, and more than the client had is no loss', async () => {
  expect(await kept([...SAID.map(piece), END])).toEqual(['interrupted', 0, 0]);
  expect(await kept([...SAID.map(piece), piece('event: c\n\n'), END])).toEqual(['interrupted', 0, 0]);
  expect(await kept([...SAID.map(piece), END], SAID[0])).toEqual(['interrupted', 0, 0]);
});

test('what is missing, changed, out of order or open is found', async () => {
  const bytes = Buffer.byteLength(SAID.join(''));
  expect(await kept([piece(SAID[0]!), END])).toEqual(['interrupted', SAID[1]!.length, 0]);
  expect(await kept([piece(SAID[1]!), piece(SAID[0]!), END])).toEqual(['interrupted', bytes - 'event: '.length, 0]);
  expect(await kept([piece(SAID[0]!), piece('event: b\ndata: {x\n\n'), END])).toEqual(['interrupted', '}\n\n'.length, 0]);
  expect(await kept(undefined)).toEqual(['missing', bytes, 1]);
  expect(await kept(SAID.map(piece))).toEqual(['open', bytes, 1]);
});

test('an answer that the client has to its end may not be called interrupted', async () => {
  expect(await kept([...SAID.map(piece), END], SAID.join(''), { ended: true })).toEqual(['interrupted', 0, 1]);
});
