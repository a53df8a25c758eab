import { expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createFeed } from './feed.ts';

const notice = (message: string) => ({ type: 'notice', level: 'info', message }) as const;

test('keeps the newest, by place, and says where it begins', () => {
  const feed = createFeed(virtualClock(), () => undefined, 3);
  expect([feed.oldest(), feed.next(), feed.from(0)]).toEqual([0, 0, undefined]);
  for (const word of ['a', 'b', 'c', 'd']) feed.publish(notice(word));
  expect([feed.oldest(), feed.next()]).toEqual([1, 4]);
  expect(feed.from(0)).toMatchObject({ place: 1, signal: { version: 1, message: 'b' } });
  expect(feed.from(3)).toMatchObject({ place: 3, signal: { message: 'd' } });
  expect(feed.from(4)).toBeUndefined();
});

test('a listener that throws hurts nobody else', () => {
  const faults: unknown[] = [];
  const heard: number[] = [];
  const feed = createFeed(virtualClock(), (error) => faults.push(error));
  feed.subscribe(() => {
    throw new Error('deaf');
  });
  const stop = feed.subscribe(({ place }) => heard.push(place));
  feed.publish(notice('a'));
  stop();
  feed.publish(notice('b'));
  expect([heard, faults.length]).toEqual([[0], 2]);
});

test('no text makes it large', () => {
  const feed = createFeed(virtualClock(), () => undefined);
  const long = 'x'.repeat(100_000);
  feed.publish(notice(long));
  feed.publish({ type: 'switch', exchange: 'x', model: 'm', from: 'a', to: 'b', when: 'before-first-words', why: long });
  const state = { verdict: 'down', breaker: 'open' } as const;
  feed.publish({
    type: 'verdict',
    target: 't',
    credential: 'key',
    from: state,
    to: state,
    reasons: Array.from({ length: 100 }, () => long),
  });
  const size = [0, 1, 2].reduce((sum, place) => sum + JSON.stringify(feed.from(place)).length, 0);
  expect(size).toBeLessThan(6000);
});
