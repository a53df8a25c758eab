import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { TransportError } from '../../providers/call.ts';
import { createCall } from '../../providers/http-call.ts';
import { createNetworkCheck, networkState, type Reached, reachOver } from './network.ts';

const ANSWERED: Reached = { type: 'answered' };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function un(symptom: TransportError['symptom'], local = false): Reached {
  return { type: 'unreached', error: { symptom, local, message: '' } };
}

describe('what several hosts say together', () => {
  it.each<[string, Reached[]]>([
    ['online', [un('refused'), ANSWERED]],
    ['captive', [un('tls'), un('tls')]],
    ['offline', [un('dns'), un('connect-timeout')]],
    ['offline', [un('dns', true)]],
    ['unknown', [un('tls')]],
    ['unknown', [un('connect-timeout')]],
    ['unknown', []],
  ])('%s', (state, all) => {
    expect(networkState(all)).toBe(state);
  });
});

it('asks nobody unbidden, each once, and not again within half a minute', async () => {
  const clock = virtualClock();
  const asked: string[] = [];
  const states: string[] = [];
  const check = createNetworkCheck({
    clock,
    reach: (origin) => {
      asked.push(origin);
      return Promise.resolve(ANSWERED);
    },
    origins: () => ['https://a.test', 'https://a.test', 'https://b.test', 'https://c.test', 'https://d.test'],
    onState: (state) => states.push(state),
  });
  await clock.advance(3_600_000);
  expect(asked).toEqual([]);
  check.check();
  check.check();
  await clock.advance(10_000);
  check.check();
  await clock.advance(10_000);
  expect(asked).toEqual(['https://a.test', 'https://b.test', 'https://c.test']);
  await clock.advance(20_000);
  check.check();
  await clock.advance(1000);
  expect(states).toEqual(['online', 'online']);
  check.close();
});

it('over real connections: any status is an answer, no credential goes along; nobody there, and somebody without a certificate, are none', async () => {
  const http = createCall({ environment: {} });
  const seen: { path: string; names: string[] }[] = [];
  const host = createServer((request, response) => {
    seen.push({ path: request.url!, names: Object.keys(request.headers) });
    response.writeHead(404).end('no');
  });
  const plain = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 302 Found\r\nlocation: http://login.test\r\n\r\n');
  });
  for (const server of [host, plain]) await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
  closing.push(
    () => void http.close(),
    () => host.close(),
    () => plain.close(),
  );
  const reach = reachOver(http.call, systemClock, '1');
  expect(await reach(`http://127.0.0.1:${port(host)}`)).toEqual(ANSWERED);
  expect(seen).toHaveLength(1);
  expect(seen[0]!.names.filter((name) => /auth|key|cookie/.test(name))).toEqual([]);
  expect(await reach(`https://127.0.0.1:${port(plain)}`)).toMatchObject({ type: 'unreached' });
  const gone = createServer();
  await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening));
  const free = port(gone);
  await new Promise((closed) => gone.close(closed));
  expect(await reach(`http://127.0.0.1:${free}`)).toMatchObject({ type: 'unreached', error: { symptom: 'refused', local: false } });
});
