import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { StatusPage } from '../page.ts';
import type { PageIncident } from '../page-reading.ts';
import { openWatch } from '../store/open.ts';
import { createIncidents, type Incidents } from './incidents.ts';

/** Published windows of real incidents: shared/data/README.md. Not part of the project. */
const FILE = '../shared/data/incidents.jsonl';
const MINUTE = 60_000;

interface Window {
  provider: string;
  product: string | null;
  start: string;
  end: string | null;
  title: string;
}

interface Entry {
  provider: string;
  id: string;
  title: string;
  products: string[];
  from: number;
  to: number;
}

let close = (): void => {};
afterEach(() => close());

function fresh(): Incidents {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-windows-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  close = () => {
    opened.value.close();
    rmSync(folder, { recursive: true });
  };
  let seed = 1;
  return createIncidents({ database: opened.value, random: (bytes) => bytes.map(() => (seed = (seed * 16_807) % 2_147_483_647) & 255) });
}

/** One entry for what the file has once for each product, as the pages do. */
function entries(): Entry[] {
  const all = new Map<string, Entry>();
  for (const line of readFileSync(FILE, 'utf8').split('\n').filter(Boolean)) {
    const { provider, product, start, end, title } = JSON.parse(line) as Window;
    const id = `${provider} ${start} ${title}`;
    const known = all.get(id);
    const products = (product ?? 'all').split(',');
    const from = Date.parse(start);
    const to = Math.max(from + MINUTE, end === null ? 0 : Date.parse(end));
    all.set(id, { provider, id, title, from, to: Math.max(to, known?.to ?? 0), products: [...(known?.products ?? []), ...products] });
  }
  return [...all.values()];
}

function pageOf(provider: string, products: readonly string[], id = provider): StatusPage {
  const covers = products.map((product) => ({ provider, product: product.toLowerCase(), components: [product] }));
  return { id, family: 'statuspage', url: `https://${id}.example`, covers, source: 'made up' };
}

/** Begins and ends of all, in the order of time, told by a page for each provider; `copy`: another page tells it again three minutes later. */
function replay(into: Incidents, all: readonly Entry[], copy: boolean): void {
  const products = Map.groupBy(all, ({ provider }) => provider);
  const happenings = all
    .flatMap((entry) => [
      { entry, at: entry.from, over: false },
      { entry, at: entry.to, over: true },
    ])
    .toSorted((one, other) => one.at - other.at || Number(one.over) - Number(other.over));
  for (const { entry, at, over } of happenings) {
    const known = [...new Set(products.get(entry.provider)!.flatMap((one) => one.products))];
    for (const [id, shift] of [[entry.provider, 0], ...(copy ? [[`${entry.provider}-copy`, 3 * MINUTE] as const] : [])] as const) {
      const told: PageIncident = {
        id: entry.id,
        kind: 'incident',
        title: entry.title,
        impact: 'minor',
        phase: over ? 'resolved' : 'investigating',
        startedAt: entry.from + shift,
        ...(over && { endedAt: entry.to + shift }),
        updates: [],
        components: entry.products.map((name) => ({ id: name, name })),
      };
      into.observe(pageOf(entry.provider, known, id), { components: [], incidents: [told], listsAllOpen: false }, at + shift);
    }
  }
}

function listed(from: Incidents): ReturnType<Incidents['list']>['incidents'] {
  return from.list({ limit: 10_000 }).incidents;
}

describe.runIf(existsSync(FILE))('real windows', () => {
  /** What lies further back than incidents are kept. */
  const recent = (all: readonly Entry[]): Entry[] => {
    const last = Math.max(...all.map(({ to }) => to));
    return all.filter(({ to }) => to > last - 300 * 86_400_000);
  };

  it('of one page stay as many as it has entries: nothing is merged that the page keeps apart', () => {
    const all = recent(entries());
    const incidents = fresh();
    replay(incidents, all, false);
    expect(all.length).toBeGreaterThan(100);
    expect(listed(incidents)).toHaveLength(all.length);
    expect(incidents.open()).toEqual([]);
  });

  it('told by two pages are one each, and no two entries of a page are in one', () => {
    const all = recent(entries());
    const incidents = fresh();
    replay(incidents, all, true);
    const found = listed(incidents);
    for (const { sources } of found) {
      const pages = sources.map((source) => (source.type === 'page' ? source.page : ''));
      expect(new Set(pages).size).toBe(pages.length);
    }
    const joined = found.filter(({ sources }) => sources.length === 2);
    const rightly = joined.filter(({ sources: [one, other] }) => one?.type === 'page' && other?.type === 'page' && one.id === other.id);
    const counts = `${all.length} entries twice: ${found.length} incidents, ${joined.length} joined, ${rightly.length} of them rightly`;
    process.stdout.write(`${counts}\n`);
    expect({ joined: joined.length, rightly: rightly.length }).toEqual({ joined: all.length, rightly: all.length });
  });

  it('are all read, whatever their titles and lengths, in the order in which they were', () => {
    const all = entries();
    const incidents = fresh();
    replay(incidents, all, true);
    expect(all.length).toBeGreaterThan(700);
    expect(listed(incidents).every(({ phase, endedAt, startedAt }) => phase === 'resolved' && endedAt! >= startedAt)).toBe(true);
  });
});
