/** Those that come along, those of the user, and their ticks. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIn } from '../../cli/testing/run-in.ts';
import type { Incident } from '../../watch/incident.ts';
import { productNamed } from '../../watch/registry/known.ts';
import { PRODUCTS } from '../../watch/registry/products.ts';
import { fittingRunbooks } from '../../watch/runbooks.ts';
import { loadRunbooks } from './load-runbooks.ts';
import { runbookBook, runbookNamed, type ShownRunbook } from './runbook-book.ts';

const NOW = Date.UTC(2026, 5, 2, 9);
const HOUR = 3_600_000;
let home: string;
let mine: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-runbooks-'));
  mine = join(home, 'mine');
  mkdirSync(mine);
});
afterEach(() => rmSync(home, { recursive: true }));

function write(name: string, content: string): void {
  writeFileSync(join(mine, name), content);
}

function incident(id: string, more: Partial<Incident> = {}): Incident {
  return {
    id,
    kind: 'incident',
    title: `Incident ${id}`,
    products: ['anthropic/api'],
    models: [],
    severity: 'major',
    phase: 'investigating',
    startedAt: NOW - HOUR,
    firstSeenAt: NOW - HOUR,
    updates: [],
    sources: [],
    ...more,
  };
}

function one(incidents: Incident[], name = 'claude-api-down', at = NOW): ShownRunbook {
  const found = runbookNamed(runbookBook(home, [mine]).list(incidents, at).runbooks, name);
  if (!found.ok) throw new Error(name);
  return found.value;
}

function done(shown: ShownRunbook): boolean[] {
  return shown.items.map(({ doneAt }) => doneAt !== undefined);
}

function tick(incidents: Incident[], item: number, name = 'claude-api-down', wanted?: string): void {
  const changed = runbookBook(home, [mine]).change(
    { name, change: { type: 'tick', item }, ...(wanted !== undefined && { incident: wanted }) },
    incidents,
    NOW,
  );
  expect(changed.ok).toBe(true);
}

describe('those that come along', () => {
  const { runbooks, problems } = loadRunbooks([]);

  it('can all be read, and each has something to tick', () => {
    expect(problems).toEqual([]);
    expect(runbooks.length).toBeGreaterThanOrEqual(8);
    expect(runbooks.filter(({ items }) => items.length < 5)).toEqual([]);
  });

  it('name only products that are known', () => {
    const providers = new Set(PRODUCTS.map(({ provider }) => provider));
    const named = runbooks.flatMap(({ products }) => products).filter((name) => name !== 'everything');
    expect(named.filter((name) => !providers.has(name) && !productNamed(name).ok)).toEqual([]);
  });

  it.each([
    ['anthropic/chat', 'down', undefined, 'claude-web-down'],
    ['anthropic/code', 'degraded', undefined, 'claude-code-down'],
    ['anthropic/api', 'down', 'everyone', 'claude-api-down'],
    ['openai/chat', 'down', undefined, 'openai-down'],
    ['google/vertex', 'down', undefined, 'gemini-down'],
    ['openai/api', 'down', 'account', 'your-account'],
    ['anthropic/api', 'down', 'network', 'your-network'],
    ['xai/api', 'over', undefined, 'after-it-is-over'],
  ] as const)('%s %s (%s): %s', (product, verdict, scope, wanted) => {
    const fit = fittingRunbooks(runbooks, [{ product, verdict, ...(scope && { scope }) }], false);
    expect(fit[0]?.name).toBe(wanted);
  });

  it('point at commands and at each other by names that are there', async () => {
    const help = await runIn(home, ['--help']);
    const commands = new Set([...help.out.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name));
    const used = runbooks.flatMap(({ text }) => [...text.matchAll(/`understudy ([a-z]+)/g)].map(([, name]) => name));
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((name) => !commands.has(name))).toEqual([]);
    const shown = runbooks.flatMap(({ text }) => [...text.matchAll(/runbook (?:show|reset) ([a-z-]+)/g)].map(([, name]) => name));
    expect(shown.filter((name) => !runbooks.some((runbook) => runbook.name === name))).toEqual([]);
  });
});

describe('those of the user', () => {
  it('stand beside ours, or take the place of one; one that is wrong keeps nobody from the others', () => {
    write('Own List.md', '---\ntitle: Mine\n---\n- [ ] One');
    write('prepare.md', '---\ntitle: Mine too\n---\n- [ ] One');
    write('bad.md', '---\ntitle: A\nwhen: { verdict: x }\n---\n');
    write('large.md', 'x'.repeat(70_000));
    write('README.md', 'About these');
    mkdirSync(join(mine, 'folder.md'));
    const { runbooks, problems } = runbookBook(home, [mine, join(home, 'none')]).list([], NOW);
    expect(runbooks.find(({ name }) => name === 'own-list')).toMatchObject({ title: 'Mine', isOurs: false });
    expect(runbooks.find(({ name }) => name === 'prepare')).toMatchObject({ title: 'Mine too', isOurs: false });
    expect(runbooks.some(({ isOurs }) => isOurs)).toBe(true);
    expect(problems).toEqual([
      `${join(mine, 'bad.md')}, line 3: when.verdict is none of down, degraded, over`,
      expect.stringContaining('folder.md: it is no file'),
      expect.stringContaining('large.md: it is larger than 64 KiB'),
      expect.stringContaining(`${join(home, 'none')}: it can't be read`),
    ]);
  });

  it('are found by a part of a name that only one has', () => {
    const { runbooks } = loadRunbooks([]);
    expect(runbookNamed(runbooks, 'Claude-Code')).toMatchObject({ ok: true, value: { name: 'claude-code-down' } });
    expect(runbookNamed(runbooks, 'claude')).toMatchObject({
      ok: false,
      error: ['claude-api-down', 'claude-code-down', 'claude-web-down'],
    });
    expect(runbookNamed(runbooks, 'nope')).toEqual({ ok: false, error: [] });
  });
});

describe('ticks', () => {
  it('outlive the process, and say when', () => {
    tick([incident('i_1')], 2);
    const shown = one([incident('i_1')]);
    expect(done(shown).slice(0, 3)).toEqual([false, true, false]);
    expect(shown.items[1]?.doneAt).toBe(NOW);
    expect(shown.incident).toEqual({ id: 'i_1', title: 'Incident i_1' });
  });

  it('are an incident’s: the next one begins with a fresh list', () => {
    tick([incident('i_1')], 1);
    const over = incident('i_1', { phase: 'resolved', endedAt: NOW });
    expect(done(one([over])).includes(true)).toBe(false);
    expect(done(one([over, incident('i_2')])).includes(true)).toBe(false);
    expect(one([over, incident('i_2')]).incident?.id).toBe('i_2');
  });

  it('stay where a second one begins meanwhile, and while the first one goes on', () => {
    tick([incident('i_1')], 1);
    const both = [incident('i_1'), incident('i_2', { startedAt: NOW })];
    expect(one(both).incident?.id).toBe('i_1');
    expect(done(one(both))[0]).toBe(true);
  });

  it('are of no incident that the runbook is not about', () => {
    const elsewhere = [incident('i_1', { products: ['openai/api'] }), incident('i_2', { kind: 'maintenance' })];
    expect(one(elsewhere).incident).toBeUndefined();
    expect(one(elsewhere, 'openai').incident?.id).toBe('i_1');
    expect(one(elsewhere, 'prepare').incident).toBeUndefined();
    tick(elsewhere, 1);
    expect(done(one(elsewhere))[0]).toBe(true);
    expect(done(one([incident('i_3')]))[0]).toBe(false);
  });

  it('of afterwards are of what is over, for a week', () => {
    const over = incident('i_1', { phase: 'resolved', endedAt: NOW - HOUR });
    expect(one([incident('i_2'), over], 'after').incident?.id).toBe('i_1');
    expect(one([over], 'after', NOW + 8 * 24 * HOUR).incident).toBeUndefined();
  });

  it('are taken off, one or all, and may be for an incident that is named', () => {
    const going = [incident('i_1')];
    tick(going, 1);
    tick(going, 2);
    tick(going, 3, 'claude-api-down', 'i_old');
    const book = runbookBook(home, [mine]);
    book.change({ name: 'claude-api-down', change: { type: 'untick', item: 1 } }, going, NOW);
    expect(done(one(going)).slice(0, 3)).toEqual([false, true, false]);
    book.change({ name: 'claude-api-down', change: { type: 'reset' } }, going, NOW);
    expect(done(one(going)).includes(true)).toBe(false);
    expect(JSON.parse(readFileSync(join(home, 'runbooks.json'), 'utf8'))).toMatchObject({ ticks: { i_old: {} } });
  });

  it('go with the item, not with its place', () => {
    write('own.md', '---\ntitle: Mine\n---\n- [ ] One\n- [ ] Two\n- [ ] Two');
    tick([], 3, 'own');
    write('own.md', '---\ntitle: Mine\n---\n- [ ] New\n- [ ] Two\n- [ ] Two\n- [ ] One');
    expect(done(one([], 'own'))).toEqual([false, false, true, false]);
  });

  it('of what is not there are refused, and a damaged file is begun anew', () => {
    const book = runbookBook(home, [mine]);
    expect(book.change({ name: 'nope', change: { type: 'tick', item: 1 } }, [], NOW)).toMatchObject({
      ok: false,
      error: { type: 'unknown-runbook' },
    });
    expect(book.change({ name: 'prepare', change: { type: 'tick', item: 99 } }, [], NOW)).toMatchObject({
      ok: false,
      error: { type: 'unknown-item' },
    });
    writeFileSync(join(home, 'runbooks.json'), '{"version":1,"ticks":{"i":[');
    tick([], 1, 'prepare');
    expect(done(one([], 'prepare'))[0]).toBe(true);
    rmSync(join(home, 'runbooks.json'));
    mkdirSync(join(home, 'runbooks.json'));
    expect(book.change({ name: 'prepare', change: { type: 'tick', item: 1 } }, [], NOW)).toMatchObject({
      ok: false,
      error: { type: 'unwritable' },
    });
  });
});
