import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import type { RunningServer } from '../../server/listen.ts';
import { serve, stage } from '../../server/testing/scripted-ports.ts';
import { createFeed, type Feed } from '../../telemetry/feed.ts';
import type { Context } from '../command.ts';
import { watchStatus } from './status-watch.ts';
import { terminal as makeTerminal } from '../terminal.ts';

let server: RunningServer;
afterEach(() => server.close());

/** Someone who watches, on a screen or not, until `end`. */
async function watching(screen: boolean, json: boolean) {
  const feed: Feed = createFeed(systemClock, (error) => {
    throw error;
  });
  server = await serve(stage({ ports: { feed } }), { closeWait: 0 });
  const written: string[] = [];
  const stdout = { isTTY: screen, columns: 80, write: (text: string) => written.push(text) };
  const streams = { stdin: {}, stdout, stderr: { write: (text: string) => written.push(text) } };
  let end = (): void => undefined;
  const deps = {
    clock: systemClock,
    surroundings: {
      onSignal(signal: string, heard: () => void) {
        if (signal === 'SIGINT') end = heard;
        return () => undefined;
      },
    },
  } as unknown as Context['deps'];
  const done = watchStatus(
    { address: server.address, token: undefined, json },
    { terminal: makeTerminal(streams, { NO_COLOR: '1' }), deps },
  );
  return { feed, text: () => written.join(''), finish: () => (end(), done) };
}

const switched = {
  type: 'switch',
  exchange: 'x_1',
  model: 'm',
  from: 'a/m',
  to: 'b/m',
  when: 'before-first-words',
  why: 'Overloaded',
} as const;

/** Publishes until a reader that is still being connected has heard it. */
async function until(feed: Feed, shown: () => void): Promise<void> {
  await vi.waitFor(
    () => {
      feed.publish(switched);
      shown();
    },
    { timeout: 4000, interval: 100 },
  );
}

describe('status --watch', () => {
  test('draws the status on a screen, anew when something happens, with what happened below, until Ctrl-C', async () => {
    const { feed, text, finish } = await watching(true, false);
    await vi.waitFor(() => expect(text()).toContain('Understudy 0.1.0 at'));
    await until(feed, () => expect(text()).toContain('b/m stands in for a/m: Overloaded'));
    await finish();
    const before = text();
    feed.publish(switched);
    expect(text()).toBe(before);
    expect(text().startsWith('\u001b[2J')).toBe(true);
  });

  test('is a line for what does not go as it should where there is no screen', async () => {
    const { feed, text, finish } = await watching(false, false);
    await until(feed, () => expect(text()).toMatch(/^\d\d:\d\d:\d\d {2}b\/m stands in for a\/m: Overloaded\n/));
    feed.publish({ type: 'attempt-begun', exchange: 'x_1', attempt: 0, kind: 'first', target: 'a/m', native: true });
    await finish();
    expect(text()).not.toContain('\u001b');
    expect(text()).not.toContain('attempt');
  });

  test('is every event as a line of JSON with --json', async () => {
    const { feed, text, finish } = await watching(true, true);
    await until(feed, () => expect(text()).toContain('\n'));
    await finish();
    expect(JSON.parse(text().split('\n')[0]!)).toMatchObject({ version: 1, ...switched });
  });
});
