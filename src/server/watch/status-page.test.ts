import { afterEach, expect, it } from 'vitest';
import type { RunningServer } from '../listen.ts';
import { call } from '../testing/raw-client.ts';
import { serve, stage } from '../testing/scripted-ports.ts';
import { oneOutage } from '../testing/watched.ts';

let server: RunningServer | undefined;

afterEach(() => server?.close());

it('is there with the slash at its end, and without it says where', async () => {
  server = await serve(stage({ ports: { watch: oneOutage() } }), { closeWait: 0 });
  const without = await call(server.port, '/status');
  expect([without.status, without.headers['location']]).toEqual([308, '/status/']);
  for (const path of ['/status/', '/status/?seen=1']) {
    const page = await call(server.port, path);
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
  }
  expect((await call(server.port, '/status/nothing')).status).toBe(404);
});
