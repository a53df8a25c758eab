import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../exchange/virtual-clock.ts';
import { JOB } from './job.fixtures.ts';
import { createNotifier, type Notifier, notifyUrl } from './notify.ts';
import { type QueueSettings, queueSettings } from './settings.ts';
import { type JobStore, openJobStore } from './store.ts';

const HOOK = 'http://127.0.0.1:9/told';
const DAY = 24 * 3_600_000;

let folder: string;
let clock: VirtualClock;
let store: JobStore;
let settings: QueueSettings;
let posts: { url: string; headers: Record<string, string>; body: string }[];
let status: () => number;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-notify-'));
  clock = virtualClock();
  const opened = openJobStore(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  store = opened.value;
  settings = queueSettings.parse({});
  [posts, warnings] = [[], []];
  status = () => 204;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function notifier(): Notifier {
  return createNotifier({
    store,
    clock,
    settings: () => settings,
    address: () => 'http://127.0.0.1:4141',
    warn: (message) => warnings.push(message),
    post: (url, headers, body) => {
      posts.push({ url, headers: { ...headers }, body });
      return Promise.resolve({ status: status() });
    },
  });
}

function over(state: 'answered' | 'expired', notify = HOOK): void {
  store.add({ ...JOB, notify });
  store.over(JOB.exchange, state, clock.now(), state === 'expired' ? 'overloaded' : undefined);
}

it('tells this machine, and hosts that the settings name, and nobody else', () => {
  const named = { notifyHosts: ['hooks.example.com'] };
  for (const url of [HOOK, 'http://localhost:1/', 'http://[::1]:1/', 'https://hooks.example.com/x'])
    expect(notifyUrl(url, named)).toEqual({ ok: true, value: url });
  for (const url of [
    'https://example.com/',
    'https://hooks.example.com.evil.test/',
    'http://127.0.0.1.evil.test/',
    'http://169.254.169.254/',
    'http://user:word@127.0.0.1/',
    'file:///etc/passwd',
    'nothing',
  ])
    expect(notifyUrl(url, named).ok).toBe(false);
});

it('says what became of it, once, and signs it where there is a secret', async () => {
  settings = queueSettings.parse({ notifySecret: 'a secret of enough letters' });
  over('answered');
  const one = notifier();
  await clock.advance(DAY);
  expect(posts.map(({ url }) => url)).toEqual([HOOK]);
  const { body, headers } = posts[0]!;
  expect(JSON.parse(body)).toMatchObject({
    exchange: JOB.exchange,
    state: 'answered',
    answer: `http://127.0.0.1:4141/api/exchanges/${JOB.exchange}/answer`,
  });
  const digest = createHmac('sha256', 'a secret of enough letters').update(body).digest('hex');
  expect(headers['x-understudy-signature']).toBe(`sha256=${digest}`);
  await one.close();
});

it('gives the reason where there is no answer, and no signature without a secret', async () => {
  over('expired');
  const one = notifier();
  await clock.advance(0);
  expect(JSON.parse(posts[0]!.body)).toMatchObject({ state: 'expired', reason: 'overloaded' });
  expect(posts[0]!.headers).toEqual({});
  await one.close();
});

it('tells it again until it is taken', async () => {
  status = () => (posts.length < 3 ? 503 : 204);
  over('answered');
  const one = notifier();
  await clock.advance(DAY);
  expect(posts).toHaveLength(3);
  expect(warnings).toEqual([]);
  await one.close();
});

it('gives up after eleven tellings, and says so', async () => {
  status = () => 500;
  over('answered');
  const one = notifier();
  await clock.advance(DAY);
  expect(posts).toHaveLength(11);
  expect(warnings).toHaveLength(1);
  await one.close();
});

it('tells what a process that died had not told', async () => {
  status = () => 503;
  over('answered');
  await notifier().close();
  const before = posts.length;
  status = () => 204;
  const one = notifier();
  await clock.advance(DAY);
  expect(posts).toHaveLength(before + 1);
  await one.close();
});

it('does not tell a host that is no longer allowed', async () => {
  over('answered', 'https://hooks.example.com/x');
  const one = notifier();
  await clock.advance(DAY);
  expect(posts).toEqual([]);
  await one.close();
});
