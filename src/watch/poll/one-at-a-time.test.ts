import { expect, it } from 'vitest';
import { err } from '../../exchange/result.ts';
import type { FetchPage } from './fetch-page.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** Fetches that end when they are told to. */
function held(): { fetchPage: FetchPage; begun: string[]; end(): Promise<void>; fail(): Promise<void> } {
  const begun: string[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const rest = () => new Promise<void>((done) => setImmediate(done));
  return {
    begun,
    fetchPage: ({ url }) => {
      begun.push(url);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve: () => resolve(err({ type: 'timeout', message: url })), reject });
      });
    },
    async end() {
      waiting.shift()!.resolve();
      await rest();
    },
    async fail() {
      waiting.shift()!.reject(new Error('broken'));
      await rest();
    },
  };
}

const { signal } = new AbortController();

it('asks a host for one thing at a time, in order, and other hosts meanwhile', async () => {
  const { fetchPage, begun, end } = held();
  const polite = oneAtATime(fetchPage);
  const asked = ['https://a.example/1', 'https://a.example/2', 'https://b.example/1', 'https://a.example/3'].map((url) =>
    polite({ url }, signal),
  );
  await new Promise<void>((done) => setImmediate(done));
  expect(begun).toEqual(['https://a.example/1', 'https://b.example/1']);
  await end();
  expect(begun.slice(2)).toEqual(['https://a.example/2']);
  await end();
  await end();
  expect(begun.slice(3)).toEqual(['https://a.example/3']);
  await end();
  const answers = await Promise.all(asked);
  expect(answers.map((answer) => (answer.ok ? '' : answer.error.message))).toEqual([
    'https://a.example/1',
    'https://a.example/2',
    'https://b.example/1',
    'https://a.example/3',
  ]);
});

it('goes on after one that broke', async () => {
  const { fetchPage, begun, fail, end } = held();
  const polite = oneAtATime(fetchPage);
  const broken = polite({ url: 'https://a.example/1' }, signal).catch((error: Error) => error.message);
  const next = polite({ url: 'https://a.example/2' }, signal);
  await new Promise<void>((done) => setImmediate(done));
  await fail();
  expect(await broken).toBe('broken');
  expect(begun).toHaveLength(2);
  await end();
  expect(await next).toMatchObject({ ok: false });
});
