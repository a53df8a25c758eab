import { expect, it } from 'vitest';
import { outagesOf, readIncidentFile } from './incident-file.ts';

const NOW = Date.UTC(2026, 5, 3);
const LINE = {
  provider: 'anthropic',
  product: 'claude.ai, API',
  start: '2026-06-02T06:04:59Z',
  end: '2026-06-02T11:49:06Z',
  severity: 'major',
  title: 'Elevated errors on Opus 4.6',
};

it('reads a line each, a list, and what our own command prints', () => {
  const whole = {
    title: LINE.title,
    models: ['claude-opus-4-6'],
    severity: 'major',
    from: Date.parse(LINE.start),
    to: Date.parse(LINE.end),
  };
  const products = [
    { provider: 'anthropic', product: 'chat' },
    { provider: 'anthropic', product: 'api' },
  ];
  expect(readIncidentFile(`${JSON.stringify(LINE)}\n\n`, NOW)).toEqual({ ok: true, value: [{ ...whole, products }] });
  expect(readIncidentFile(JSON.stringify([LINE]), NOW)).toMatchObject({ ok: true, value: [{ products }] });
  const own = {
    id: 'i_1',
    kind: 'incident' as const,
    title: 'Down',
    products: ['openai/api'],
    models: ['gpt-5.6'],
    severity: 'critical' as const,
    phase: 'investigating' as const,
    startedAt: 5,
    firstSeenAt: 5,
    updates: [],
    sources: [],
  };
  const read = readIncidentFile(JSON.stringify({ incidents: [own, { ...own, kind: 'maintenance' }] }), NOW);
  // What is not over lasts until now; planned work is no outage.
  expect(read).toEqual({
    ok: true,
    value: [
      { title: 'Down', products: [{ provider: 'openai', product: 'api' }], models: ['gpt-5.6'], severity: 'critical', from: 5, to: NOW },
    ],
  });
  expect(read).toEqual({ ok: true, value: outagesOf([own], NOW) });
});

it('takes all of a provider where no product is told, and none where it is one that nobody knows', () => {
  const read = (product: unknown): unknown => readIncidentFile(JSON.stringify({ ...LINE, product }), NOW);
  expect(read(null)).toMatchObject({ value: [{ products: [{ provider: 'anthropic' }] }] });
  expect(read('Playground')).toMatchObject({ value: [{ products: [] }] });
  expect(read('ChatGPT')).toMatchObject({ value: [{ products: [] }] });
});

it.each([
  ['', 'nothing in it'],
  ['{"a":', 'Line 1 is no JSON'],
  ['7', 'neither a list'],
  ['[7]', 'Entry 1: it is no object'],
  [JSON.stringify([LINE, { ...LINE, provider: undefined }]), 'Entry 2: `provider` is missing'],
  [JSON.stringify({ ...LINE, start: 'yesterday' }), '`start` is no time'],
  [JSON.stringify({ ...LINE, end: null }), '`end` is no time'],
  [JSON.stringify({ ...LINE, end: '2026-06-01T00:00:00Z' }), 'ends before it begins'],
  ['{"startedAt":"x"}', '`products` or `startedAt`'],
])('says what is wrong with %s', (text, why) => {
  const read = readIncidentFile(text, NOW);
  expect(read.ok ? '' : read.error).toContain(why);
});
