import { expect, it } from 'vitest';
import { virtualClock } from './virtual-clock.ts';

/** As the engine waits for what is left of a span: again, until nothing is left. */
function waitOut(clock: ReturnType<typeof virtualClock>, span: number): { tries: number; over: boolean } {
  const waited = { tries: 0, over: false };
  const began = clock.monotonic();
  function look(): void {
    const left = span - (clock.monotonic() - began);
    if (left <= 0 || ++waited.tries > 100) waited.over = left <= 0;
    else clock.after(left, look);
  }
  look();
  return waited;
}

it('a span with a fraction is waited out, however long the clock has run', async () => {
  for (const span of [0.1, 0.3, 500 * (1 + 77 / 256), 1000 / 3, 1e-13, 4503.7]) {
    const clock = virtualClock();
    await clock.advance(123_456_789.123);
    clock.after(0.7, () => undefined);
    await clock.advance(0.7);
    const waited = waitOut(clock, span);
    await clock.drain(10_000);
    expect(waited).toEqual({ tries: 1, over: true });
  }
});

it('whole milliseconds stay whole, and what is due earlier runs earlier', async () => {
  const clock = virtualClock(1000);
  const seen: [string, number][] = [];
  clock.after(20, () => seen.push(['twenty', clock.now()]));
  clock.after(0.5, () => seen.push(['half', clock.now()]));
  clock.after(-3, () => seen.push(['at once', clock.now()]));
  await clock.advance(20);
  expect(seen).toEqual([
    ['at once', 1000],
    ['half', 1000.5],
    ['twenty', 1020],
  ]);
  expect(clock.monotonic()).toBe(20);
});

it('an endless span ends nothing', async () => {
  const clock = virtualClock();
  clock.after(Infinity, () => expect.unreachable());
  expect(await clock.drain(1_000_000)).toBe(0);
});
