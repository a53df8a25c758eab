import { describe, expect, it } from 'vitest';
import type { ExchangeSummary } from '../../journal/journal.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { statuslineText } from './statusline.ts';
import { switchIn } from '../run/switch-seen.ts';
import type { Signal, Switch } from '../../telemetry/signal.ts';
import { watchSwitches } from '../run/switch-watch.ts';
import { terminal } from '../terminal.ts';

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
    const listeners = new Set<(signal: Signal) => void>();
    const stop = watchSwitches({
      follow(heard) {
        listeners.add(heard);
        return () => listeners.delete(heard);
      },
      speaks: () => speaks,
      notice: (title, text) => said.push(`${title}: ${text}`),
      clock,
    });
    const tell = (exchange: string, more: Partial<Switch> & { at?: number } = {}): void => {
      const when = 'before-first-words' as const;
      const happened = { type: 'switch' as const, exchange, model: 'm', from: 'lead/a', to: 'backup/x', when, why: 'Overloaded' };
      for (const heard of listeners) heard({ version: 1, at: clock.now(), ...happened, ...more });
    };
    return { said, stop, tell, clock, listeners };
  }

  it('one for a switch at once, and no more than one a minute', async () => {
    const { said, clock, tell, stop } = watched();
    tell('x_1');
    expect(said).toEqual(['backup/x stands in for lead/a: Overloaded']);
    await clock.advance(30_000);
    tell('x_1', { from: 'backup/x', to: 'third/y' });
    tell('x_2');
    tell('x_2', { from: 'backup/x', to: 'third/y' });
    tell('x_3', { when: 'after-first-words' });
    await clock.advance(20_000);
    expect(said).toHaveLength(1);
    await clock.advance(30_000);
    expect(said.slice(1)).toEqual(['third/y stands in for backup/x (2 answers): Overloaded']);
    await clock.advance(120_000);
    tell('x_4', { when: 'after-first-words', why: '' });
    expect(said.slice(2)).toEqual(['backup/x carries on for lead/a: Understudy']);
    stop();
  });

  it('none of what was before, none from those who leave it to another, none after the end', async () => {
    const { said, clock, tell, stop, listeners } = watched();
    tell('x_1', { at: clock.now() - 1 });
    const silent = watched(false);
    silent.tell('x_1');
    expect([...said, ...silent.said]).toEqual([]);
    tell('x_2');
    tell('x_3');
    stop();
    expect(listeners.size).toBe(0);
    await clock.advance(120_000);
    expect(said).toHaveLength(1);
    silent.stop();
  });
});
