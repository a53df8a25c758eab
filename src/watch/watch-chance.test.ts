import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { err } from '../exchange/result.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { watchSettings } from './settings.ts';
import { openWatchInMemory } from './store/open.ts';
import { createWatch } from './watch.ts';

it('when a hub is asked is decided by the randomness that the watch was given', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'understudy-watch-chance-'));
  const clock = virtualClock();
  const hub = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const watch = createWatch(
    {
      folder,
      version: '0.1.0',
      environment: {},
      platform: 'linux',
      plan: {
        settings: watchSettings.parse({ hub, alerts: { enabled: false } }),
        providers: [],
        routes: [],
        address: 'http://127.0.0.1:1',
      },
    },
    {
      database: openWatchInMemory(),
      clock,
      random: () => 0,
      fetchPage: () => Promise.resolve(err({ type: 'connect', message: 'nobody is there' })),
      reach: () => Promise.resolve({ type: 'answered' }),
      say() {},
      broken(error) {
        throw error;
      },
    },
  );
  try {
    // The earliest of its moments: one to five seconds after the start.
    await clock.advance(1000);
    for (const began = performance.now(); asked.length === 0 && performance.now() - began < 5000;) await setImmediate();
    expect(asked.length).toBeGreaterThan(0);
  } finally {
    await watch.close();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
});
