import { describe, expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createFeed } from './feed.ts';
import { journalSignals } from './journal-signals.ts';
import { logSignals } from './log-lines.ts';
import type { Signal } from './signal.ts';
import { told } from './testing.ts';

function heard() {
  const feed = createFeed(virtualClock(), (error) => {
    throw error;
  });
  const signals: Signal[] = [];
  const lines: { level: string; fields: object; message: string }[] = [];
  feed.subscribe(({ signal }) => signals.push(signal));
  const write = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  logSignals(feed, { enabled: () => true, info: write('info'), debug: write('debug') });
  return { signals, lines, exchange: (id?: string, save = true) => told(journalSignals(feed), id, { session: 's-1', save }) };
}

describe('a switch', () => {
  test('before the first words is told with its reason, once', () => {
    const { signals, exchange } = heard();
    const asked = exchange();
    asked.begins(0, 'lead');
    asked.fails(0, 'Overloaded\nand more');
    asked.begins(1, 'lead', 'retry');
    asked.fails(1);
    asked.begins(2, 'backup');
    asked.ends(2);
    asked.completes(1020);
    expect(signals.map(({ type }) => type)).toEqual([
      'exchange-opened',
      'attempt-begun',
      'attempt-ended',
      'attempt-begun',
      'attempt-ended',
      'attempt-begun',
      'attempt-ended',
      'switch',
      'exchange-ended',
    ]);
    expect(signals.filter(({ type }) => type === 'switch')).toEqual([
      expect.objectContaining({ from: 'lead/m', to: 'backup/m', when: 'before-first-words', why: 'Overloaded', session: 's-1' }),
    ]);
    expect(signals.at(-1)).toMatchObject({ version: 1, outcome: 'complete', target: 'backup/m', attempts: 3, seams: 0, took: 20 });
  });

  test('is told when somebody else answers, not when somebody is asked', () => {
    const { signals, exchange } = heard();
    const switches = (): Signal[] => signals.filter(({ type }) => type === 'switch');
    const failed = exchange('x_1');
    failed.begins(0, 'lead');
    failed.fails(0, 'Overloaded');
    failed.begins(1, 'second');
    expect(switches()).toEqual([]);
    failed.fails(1, 'down as well');
    failed.begins(2, 'third');
    failed.entry({ type: 'head', status: 503, headers: [] });
    failed.fails(2, 'and I');
    failed.fails(2);
    expect(switches()).toEqual([]);

    const answered = exchange('x_2');
    answered.begins(0, 'lead');
    answered.fails(0, 'Overloaded');
    answered.begins(1, 'second');
    answered.fails(1, 'down as well');
    answered.begins(2, 'third');
    answered.entry({ type: 'head', status: 200, headers: [], target: 'third/m' });
    expect(switches()).toEqual([expect.objectContaining({ from: 'lead/m', to: 'third/m', when: 'before-first-words', why: 'Overloaded' })]);
    answered.ends(2);
    expect(switches()).toHaveLength(1);
  });

  test('before a seam where the headers had gone out before anybody spoke, each with its own reason', () => {
    const { signals, exchange } = heard();
    const asked = exchange();
    asked.entry({ type: 'head', status: 200, headers: [] });
    asked.begins(0, 'lead');
    asked.fails(0, 'slow');
    asked.begins(1, 'second');
    asked.fails(1, 'cut');
    asked.begins(2, 'third', 'hop');
    asked.entry({ type: 'seam', from: 'second/m', to: 'third/m', delivered: 9, join: 'anchor' });
    asked.ends(2);
    expect(signals.filter(({ type }) => type === 'switch')).toEqual([
      expect.objectContaining({ from: 'lead/m', to: 'second/m', when: 'before-first-words', why: 'slow' }),
      expect.objectContaining({ from: 'second/m', to: 'third/m', when: 'after-first-words' }),
    ]);
  });

  test('after them has its seam, and a hop whose words do not fit is none', () => {
    const { signals, exchange } = heard();
    const asked = exchange();
    asked.begins(0, 'lead');
    asked.entry({ type: 'head', status: 200, headers: [], target: 'lead/m' });
    asked.fails(0);
    asked.begins(1, 'second', 'hop');
    asked.fails(1, 'diverged');
    asked.begins(2, 'third', 'hop');
    asked.entry({ type: 'seam', from: 'lead/m', to: 'third/m', delivered: 120, join: 'anchor' });
    asked.ends(2);
    asked.completes();
    expect(signals.filter(({ type }) => type === 'switch')).toEqual([
      expect.objectContaining({ from: 'lead/m', to: 'third/m', when: 'after-first-words', delivered: 120, join: 'anchor' }),
    ]);
    expect(signals.at(-1)).toMatchObject({ target: 'third/m', seams: 1 });
  });

  test('to a hedge is one when it wins, and only then', () => {
    for (const won of [true, false]) {
      const { signals, exchange } = heard();
      const asked = exchange();
      asked.begins(0, 'lead');
      asked.begins(1, 'backup', 'hedge');
      asked.entry({ type: 'attempt-end', ordinal: won ? 0 : 1, outcome: { type: 'cancelled' }, took: 5 });
      asked.ends(won ? 1 : 0);
      asked.completes();
      expect(signals.filter(({ type }) => type === 'switch')).toHaveLength(won ? 1 : 0);
      expect(signals.at(-1)).toMatchObject({ target: won ? 'backup/m' : 'lead/m' });
    }
  });
});

test('log lines have the fields of the feed, and no sentence of a provider', () => {
  const { lines, exchange } = heard();
  const asked = exchange('x_secret');
  asked.begins(0, 'lead');
  asked.fails(0, 'you said: MY QUESTION');
  asked.begins(1, 'backup');
  asked.ends(1);
  asked.completes();
  expect(JSON.stringify(lines)).not.toContain('MY QUESTION');
  expect(lines.filter(({ level }) => level === 'info').map(({ message }) => message)).toEqual([
    'lead/m was asked: failed (it answered 529 overloaded_error)',
    'backup/m was asked: whole',
    'backup/m stands in for lead/m',
    'the answer of backup/m is complete',
  ]);
  expect(lines[2]?.fields).toMatchObject({ event: 'attempt-ended', exchange: 'x_secret', target: 'lead/m', fault: { status: 529 } });
});

test('an exchange that was not seen to begin is passed over', () => {
  const { signals, exchange } = heard();
  const asked = exchange();
  asked.completes();
  asked.begins(0, 'late');
  expect(signals.map(({ type }) => type)).toEqual(['exchange-opened', 'exchange-ended']);
});

test('with save: off no sentence of a provider is told at all', () => {
  const { signals, exchange } = heard();
  const asked = exchange('x_1', false);
  asked.begins(0, 'lead');
  asked.fails(0, 'you said: MY QUESTION');
  asked.begins(1, 'backup');
  asked.ends(1);
  asked.completes();
  expect(signals.some(({ type }) => type === 'switch')).toBe(true);
  expect(JSON.stringify(signals)).not.toContain('MY QUESTION');
});
