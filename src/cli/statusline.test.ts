import { describe, expect, it } from 'vitest';
import type { ExchangeSummary } from '../journal/journal.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { statuslineText } from './statusline.ts';
import { switchIn } from './switch-seen.ts';
import { watchSwitches } from './switch-watch.ts';
import { terminal } from './terminal.ts';

const { paint } = terminal({ stdin: {}, stdout: { write: () => true }, stderr: { write: () => true } }, {});

/** `lead!` failed, `backup` answered. */
function exchange(ordinal: number, targets: string[], more: Partial<ExchangeSummary> = {}): ExchangeSummary {
  return {
    id: `x_${ordinal}`,
    at: new Date(2026, 5, 2, 6, ordinal).getTime(),
    dialect: 'anthropic-messages',
    model: 'm',
    route: 'default',
    stream: true,
    session: 'mine',
    state: 'complete',
    attempts: targets.map((target, index) => {
      const failed = target.endsWith('!');
      const common = { ordinal: index, kind: index === 0 ? 'first' : 'next', target: target.replace('!', '') };
      return failed ? { ...common, outcome: 'failed', fault: 'overloaded/status', message: 'Overloaded' } : { ...common, outcome: 'whole' };
    }),
    seams: 0,
    entries: 1,
    ...more,
  };
}

describe('the status line', () => {
  it('says nothing of anybody before the first answer', () => {
    expect(statuslineText([], 'mine', paint)).toBe('● Understudy');
    expect(statuslineText([exchange(1, [])], 'mine', paint)).toBe('● Understudy');
  });

  it('says who answers and since when', () => {
    const calm = [exchange(9, ['lead/a']), exchange(8, ['lead/a']), exchange(7, ['lead/b'])];
    expect(statuslineText(calm, 'mine', paint)).toBe('● lead/a answers since 06:07');
  });

  it('says who stands in, since when, and why', () => {
    const out = [exchange(9, ['lead/a!', 'backup/x']), exchange(8, ['lead/a!', 'backup/x']), exchange(7, ['lead/a'])];
    expect(statuslineText(out, 'mine', paint)).toBe('● backup/x stands in since 06:08 · 06:09 lead/a → backup/x: Overloaded');
  });

  it('keeps the last switch in sight when the lead is back', () => {
    const back = [exchange(9, ['lead/a']), exchange(8, ['lead/a!', 'backup/x']), exchange(7, ['lead/a'])];
    expect(statuslineText(back, 'mine', paint)).toBe('● lead/a answers since 06:09 · 06:08 lead/a → backup/x: Overloaded');
  });

  it('does not mix sessions, and says when nobody could answer', () => {
    const others = exchange(9, ['lead/a!', 'backup/x'], { session: 'other' });
    expect(statuslineText([others, exchange(8, ['lead/a'])], 'mine', paint)).toBe('● lead/a answers since 06:08');
    expect(statuslineText([exchange(9, ['lead/a!'], { state: 'failed' })], 'mine', paint)).toContain('nobody could answer at 06:09');
  });
});

describe('a switch', () => {
  it('is somebody else than the first one asked, with the end of the answer', () => {
    expect(switchIn(exchange(1, ['lead/a']))).toBeUndefined();
    expect(switchIn(exchange(1, ['lead/a!', 'lead/a']))).toBeUndefined();
    expect(switchIn(exchange(1, ['lead/a!']))).toBeUndefined();
    expect(switchIn(exchange(1, ['lead/a!', 'backup/x'], { seams: 1 }))).toMatchObject({ from: 'lead/a', to: 'backup/x', continued: true });
  });
});

describe('notices', () => {
  function watched(speaks = true) {
    const clock = virtualClock();
    const said: string[] = [];
    let recent: ExchangeSummary[] | undefined;
    const stop = watchSwitches({
      exchanges: async () => recent,
      speaks: () => speaks,
      notice: (title, text) => said.push(`${title}: ${text}`),
      clock,
    });
    const later = (ordinal: number): ExchangeSummary => ({ ...exchange(ordinal, ['lead/a!', 'backup/x']), at: clock.now() });
    const pass = (span: number): Promise<void> => clock.advance(span);
    return { said, stop, later, pass, tell: (value: ExchangeSummary[] | undefined) => (recent = value) };
  }

  it('one for a switch, and no more than one a minute', async () => {
    const { said, later, pass, tell, stop } = watched();
    tell(undefined);
    await pass(6000);
    const first = later(1);
    tell([first]);
    await pass(30_000);
    expect(said).toEqual(['backup/x stands in for lead/a: Overloaded']);
    tell([later(3), later(2), first]);
    await pass(20_000);
    expect(said).toHaveLength(1);
    await pass(30_000);
    expect(said.slice(1)).toEqual(['backup/x stands in for lead/a (2 answers): Overloaded']);
    stop();
  });

  it('none of what was before, none from those who leave it to another, none after the end', async () => {
    for (const [speaks, old] of [
      [true, true],
      [false, false],
    ] as const) {
      const { said, later, pass, tell, stop } = watched(speaks);
      tell([old ? { ...later(1), at: later(1).at - 1 } : later(1)]);
      await pass(10_000);
      expect(said).toEqual([]);
      stop();
      tell([later(2)]);
      await pass(10_000);
      expect(said).toEqual([]);
    }
  });
});
