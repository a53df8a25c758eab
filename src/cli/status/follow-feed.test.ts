import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve, stage } from '../../server/testing/scripted-ports.ts';
import { createFeed } from '../../telemetry/feed.ts';
import type { Signal } from '../../telemetry/signal.ts';
import { followFeed } from './follow-feed.ts';
import { signalText } from './signal-text.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const notice = (message: string) => ({ type: 'notice', level: 'warning', message }) as const;

function heardFrom(address: string, more: Partial<Parameters<typeof followFeed>[0]> = {}) {
  const heard: string[] = [];
  const stop = followFeed({
    address,
    token: undefined,
    clock: { ...systemClock, after: (delay, task) => systemClock.after(delay / 100, task) },
    heard: (signal) => heard.push(signal.type === 'notice' ? signal.message : signal.type),
    reset: () => heard.push('reset'),
    connected: (there) => heard.push(there ? 'there' : 'gone'),
    ...more,
  });
  ending.push(stop);
  return { heard, stop };
}

test('hears what happens, and goes on where it was after the server was away', async () => {
  const feed = createFeed(systemClock, (error) => void expect.unreachable(String(error)));
  const on = stage({ ports: { feed } });
  const first = await serve(on, { closeWait: 0 });
  const { heard } = heardFrom(first.address);
  await vi.waitFor(() => expect(heard).toEqual(['there']));
  feed.publish(notice('one'));
  await vi.waitFor(() => expect(heard).toEqual(['there', 'one']));
  await first.close();
  await vi.waitFor(() => expect(heard.at(-1)).toBe('gone'));
  feed.publish(notice('meanwhile'));
  const again = await serve(on, { closeWait: 0, port: first.port });
  ending.push(() => again.close());
  await vi.waitFor(() => expect(heard).toEqual(['there', 'one', 'gone', 'there', 'meanwhile']));
});

test('is told where events were missed, and asks only for its types', async () => {
  const feed = createFeed(systemClock, (error) => void expect.unreachable(String(error)));
  const on = stage({ ports: { feed } });
  const first = await serve(on, { closeWait: 0 });
  const { heard } = heardFrom(first.address, { types: ['switch', 'notice'] });
  await vi.waitFor(() => expect(heard).toEqual(['there']));
  await first.close();
  // Another process at the same address.
  const other = createFeed({ ...systemClock, now: () => 1 }, (error) => void expect.unreachable(String(error)));
  other.publish({ type: 'journal', state: 'saving' });
  other.publish(notice('new'));
  const second = await serve(stage({ ports: { feed: other } }), { closeWait: 0, port: first.port });
  ending.push(() => second.close());
  await vi.waitFor(() => expect(heard.slice(1)).toEqual(['gone', 'there', 'reset', 'new']));
});

test('a stranger that answers is no feed, and is not believed', async () => {
  let asked = 0;
  const stranger: Server = createServer((_request, response) => {
    asked += 1;
    response
      .writeHead(asked % 2 === 0 ? 404 : 200, { 'content-type': 'text/html' })
      .end('event: notice\ndata: <b>\n\ndata: {"version":9}\n\n');
  });
  await new Promise<void>((resolve) => void stranger.listen(0, '127.0.0.1', resolve));
  ending.push(() => stranger.close());
  const { heard, stop } = heardFrom(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}`);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3));
  stop();
  expect(new Set(heard)).toEqual(new Set(['there', 'gone']));
});

test('a line for people says what is not as it should be, and nothing of what is', () => {
  const told = (signal: object): string | undefined => signalText({ version: 1, at: 0, ...signal } as Signal);
  const well = { verdict: 'operational', breaker: 'closed' };
  const down = { verdict: 'down', breaker: 'open' };
  const verdict = { type: 'verdict', target: 'a/m', credential: 'key', reasons: ['5 of 6 failed'] };
  expect(told({ ...verdict, from: well, to: down })).toBe('a/m is down: 5 of 6 failed');
  expect(told({ ...verdict, from: down, to: well })).toBe('a/m is operational');
  expect(told({ ...verdict, from: well, to: { ...well, setAside: 'a: 401' } })).toBe('a/m is set aside: a: 401');
  expect(told({ ...verdict, from: { ...well, setAside: 'a: 401' }, to: well })).toBe('a/m is used again');
  expect(told({ type: 'exchange-ended', outcome: 'complete', model: 'm' })).toBeUndefined();
  expect(told({ type: 'exchange-ended', outcome: 'failed', model: 'm', fault: { class: 'quota', symptom: 'status' } })).toBe(
    'nobody could answer m (one of those asked answered with an error)',
  );
  expect(told({ type: 'spend', scope: 'failover.backupSpend', spent: 4.2, cap: '5/day', state: 'near' })).toBe(
    '$4.20 of $5 a day is spent (failover.backupSpend)',
  );
});
