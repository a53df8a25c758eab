import { afterEach, expect, it } from 'vitest';
import { type AlertBench, alertBench, judged } from './testing/bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hook = { type: 'webhook' as const, url: 'https://hooks.example.org/x' };

let bench: AlertBench | undefined;
afterEach(() => bench?.close());

function made(...given: Parameters<typeof alertBench>): AlertBench {
  bench = alertBench(...given);
  return bench;
}

it('is opened again by what comes back soon, and disturbs nobody with it unless it stays or is worse', async () => {
  const { say, pass, got, clock } = made(
    { channels: { team: hook }, rules: [{ channels: ['team', 'desktop'] }] },
    { quiet: { team: 'edits' } },
  );
  const turn = async (verdict: 'down' | 'operational', minutes: number, ...more: string[]): Promise<void> => {
    await say(['anthropic/api', ...more].map((key) => judged(key, verdict, clock.now())));
    await pass(minutes * MINUTE);
  };
  const heard = (name: string): [string, boolean][] =>
    got.filter(({ channel }) => channel === name).map(({ message: { kind, loud } }) => [kind, loud]);
  await turn('down', 40);
  await turn('operational', 5);
  await turn('down', 5);
  await turn('operational', 5);
  expect(heard('team')).toEqual([
    ['new', true],
    ['over', true],
    ['again', false],
    ['over', false],
  ]);
  expect(heard('desktop')).toHaveLength(2);
  expect(new Set(got.map(({ message }) => message.alert)).size).toBe(1);
  // Something else fails as well.
  await turn('down', 5, 'anthropic/chat');
  expect(heard('desktop').at(-1)).toEqual(['again', true]);
  await turn('operational', 5, 'anthropic/chat');
  // It stays.
  await turn('down', 20);
  expect(heard('desktop').at(-1)).toEqual(['over', true]);
  await pass(15 * MINUTE);
  expect(heard('desktop').at(-1)).toEqual(['again', true]);
});

it('of what lasted for hours waits longer for its all-clear, and says when it really ended', async () => {
  const { say, pass, told, got, clock } = made({});
  await say([judged('anthropic/api', 'down', clock.now())]);
  await pass(6 * HOUR + 3);
  const end = clock.now();
  await say([judged('anthropic/api', 'operational', end)]);
  await pass(15 * MINUTE);
  expect(told('desktop')).toHaveLength(1);
  await pass(5 * MINUTE);
  expect(told('desktop')).toEqual(['new: Claude API is down', 'over: Claude API is well again']);
  expect(got.at(-1)!.message.ended).toBe(end);
});

it('whom it is about, and which models of a product that fails, is no news that disturbs', async () => {
  const { say, pass, got, clock } = made({ channels: { team: hook }, rules: [{ channels: ['team'] }] }, { quiet: { team: 'edits' } });
  const now = clock.now();
  await say([judged('anthropic/api', 'down', now, 'model')]);
  await pass(5 * MINUTE);
  await say([judged('anthropic/api', 'down', now, 'everyone'), judged('anthropic/api/claude-haiku-5', 'down', now, 'everyone')]);
  await pass(5 * MINUTE);
  expect(got.map(({ message: { kind, loud } }) => [kind, loud])).toEqual([['new', true]]);
});
