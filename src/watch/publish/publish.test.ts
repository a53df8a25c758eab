import fc from 'fast-check';
import { parseFragment, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../incident.ts';
import { publishedFile, publishedPaths } from './files.ts';
import { type Bar, type Published, uptimeOf } from './published.ts';

const AT = Date.UTC(2026, 5, 2, 6, 20);
const DAY = 86_400_000;

function incident(more: Partial<Incident> = {}): Incident {
  return {
    id: 'i_1',
    kind: 'incident',
    title: 'Elevated errors',
    products: ['anthropic/api'],
    models: [],
    severity: 'major',
    phase: 'identified',
    startedAt: AT - 900_000,
    firstSeenAt: AT - 600_000,
    updates: [
      {
        at: AT - 900_000,
        seenAt: AT - 600_000,
        phase: 'investigating',
        text: 'Looking.',
        source: { type: 'own', product: 'anthropic/api' },
      },
      {
        at: AT - 300_000,
        seenAt: AT - 300_000,
        phase: 'monitoring',
        text: 'A fix is in.',
        source: { type: 'page', page: 'anthropic', id: 'z' },
      },
    ],
    sources: [{ type: 'page', page: 'anthropic', id: 'z', url: 'https://status.example/z' }],
    ...more,
  };
}

function bar(down: number, known = DAY): Bar {
  const share = { operational: known - down, degraded: 0, down, maintenance: 0, unknown: DAY - known };
  return { from: AT - DAY, to: AT, state: known === 0 ? 'unknown' : down > 0 ? 'down' : 'operational', share };
}

type Judged = Published['board']['judgements'][number];
const judged = (key: string, verdict: Judged['verdict'], title = key): Judged => ({
  key,
  title,
  verdict,
  since: AT - 900_000,
  score: 0,
  evidence: [{ kind: 'own', weight: 4, at: AT, text: `evidence of ${title}`, source: 'x' }],
  summary: `${title} is ${verdict}`,
});

function published(judgements: Judged[], incidents: Incident[] = [], bars: Published['bars'] = {}): Published {
  return {
    title: 'Our assistants',
    address: 'http://127.0.0.1:4141/status/',
    board: { at: AT, judgements, incidents, pages: [] },
    bars,
    incidents,
  };
}

const file = (path: string, of: Published): string => publishedFile(path, of)!.text;
const json = (path: string, of: Published): Record<string, never> => JSON.parse(file(path, of)) as Record<string, never>;

describe('a status page of one’s own', () => {
  it('is in Statuspage’s shape: open incidents, newest update first, planned work by its state', () => {
    const planned = incident({
      id: 'i_2',
      kind: 'maintenance',
      phase: 'scheduled',
      startedAt: AT + DAY,
      endedAt: AT + DAY + 1000,
      updates: [],
    });
    const over = incident({ id: 'i_3', phase: 'resolved', endedAt: AT });
    const of = published([judged('anthropic/api', 'down'), judged('openai/api', 'operational')], [incident(), planned, over]);
    const summary = json('api/v2/summary.json', of) as unknown as {
      status: object;
      components: { id: string; status: string }[];
      incidents: { id: string; impact: string; monitoring_at: string; incident_updates: { status: string }[] }[];
      scheduled_maintenances: { scheduled_for: string; status: string }[];
    };
    expect(summary.status).toEqual({ indicator: 'major', description: '1 of 2 down' });
    expect(summary.components.map(({ id, status }) => [id, status])).toEqual([
      ['anthropic/api', 'major_outage'],
      ['openai/api', 'operational'],
    ]);
    expect(summary.incidents.map(({ id }) => id)).toEqual(['i_1']);
    expect(summary.incidents[0]).toMatchObject({ impact: 'major', monitoring_at: new Date(AT - 300_000).toISOString() });
    expect(summary.incidents[0]!.incident_updates.map(({ status }) => status)).toEqual(['monitoring', 'investigating']);
    expect(summary.scheduled_maintenances).toMatchObject([{ status: 'scheduled', scheduled_for: new Date(AT + DAY).toISOString() }]);
    expect(json('api/v2/incidents.json', of)['incidents']).toHaveLength(2);
    expect(json('api/v2/scheduled-maintenances/active.json', of)['scheduled_maintenances']).toEqual([]);
  });

  it('calls nothing green that is not known', () => {
    const of = published([judged('a/api', 'unknown'), judged('b/api', 'operational')]);
    expect(json('api/v2/status.json', of)['status']).toEqual({
      indicator: 'none',
      description: 'No known trouble; nothing fresh is known of 1 of 2',
    });
    expect(JSON.stringify(json('api/v2/components.json', of))).toContain('"status":"unknown"');
    expect(file('index.html', of)).toContain('nothing fresh is known of a/api');
    expect(file('index.html', published([judged('a/api', 'unknown')]))).toContain('Nothing fresh is known');
  });

  it('counts uptime over what is known only', () => {
    expect(uptimeOf([bar(0), bar(DAY / 2), bar(0, 0)])).toBe(0.75);
    expect(uptimeOf([bar(0, 0)])).toBeUndefined();
    const page = file('index.html', published([judged('a/api', 'operational')], [], { 'a/api': [bar(0), bar(DAY / 2)] }));
    expect(page).toContain('up 75.00 % of the time known');
  });

  it('shows what was changed or taken away after the fact', () => {
    const [first, second] = incident().updates;
    const edited = { ...first!, before: [{ text: 'All is well.', phase: 'monitoring' as const, at: AT, seenUntil: AT }] };
    const page = file('index.html', published([], [incident({ updates: [edited, { ...second!, removedAt: AT }] })]));
    expect(page).toContain('before: All is well.');
    expect(page).toContain('removed from the page by 2026-06-02 06:20 UTC');
    expect(file('feed.atom', published([], [incident({ updates: [{ ...second!, removedAt: AT }] })]))).not.toContain('A fix is in.');
  });

  it('has a button for what you see where it is served, and none in a copy', () => {
    const of = published([judged('a/api', 'down')]);
    expect(publishedFile('index.html', of, 60)!.text).toContain('href="/report"');
    expect(file('index.html', of)).not.toContain('/report');
  });

  it('has every file that it lists, and no other', () => {
    const of = published([judged('anthropic/api/claude-opus-4-6', 'degraded'), judged('openai/api', 'down')], [incident()]);
    const paths = publishedPaths(of);
    expect(paths).toContain('badges/anthropic/api/claude-opus-4-6.svg');
    for (const path of paths) expect(publishedFile(path, of)?.text.length).toBeGreaterThan(10);
    for (const path of ['../x', 'api/v2/none.json', 'badges/no/such.svg', 'badges/']) expect(publishedFile(path, of)).toBeUndefined();
    expect(json('badges/openai/api.json', of)).toMatchObject({ schemaVersion: 1, message: 'down' });
  });

  it('lets no title, text or address of anybody become markup', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=1>', "' onclick='x", ']]>', '&amp;<b>', 'javascript:alert(1)'),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (title, text, url) => {
        const source = { type: 'page' as const, page: text, id: 'z', url };
        const of = published(
          [judged('a/api', 'down', title)],
          [incident({ title, updates: [{ at: AT, seenAt: AT, phase: 'investigating', text, source }], sources: [source] })],
          {
            'a/api': [bar(1)],
          },
        );
        const names = new Set<string>();
        walk(parse(file('index.html', of)), (node) => {
          if (node.nodeName) names.add(node.nodeName);
          for (const { name, value } of node.attrs ?? []) {
            expect(name).not.toMatch(/^on/);
            expect(name !== 'href' || /^(?:https?:\/\/|feed\.|api\/)/.test(value)).toBe(true);
          }
        });
        for (const name of ['script', 'img', 'iframe', 'object']) expect(names).not.toContain(name);
        for (const path of ['feed.atom', 'feed.rss', 'badges/a/api.svg']) {
          const xml = file(path, of);
          // oxlint-disable-next-line no-control-regex -- what no XML document may have
          expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
          const tags = [...xml.matchAll(/<\/?([A-Za-z:]+)/g)].map(([, tag]) => tag!);
          expect(tags.filter((tag) => ['script', 'img', 'b'].includes(tag))).toEqual([]);
        }
        expect(parseFragment(file('badges/a/api.svg', of)).childNodes).toHaveLength(1);
      }),
    );
  });
});

interface Walked {
  nodeName?: string;
  attrs?: { name: string; value: string }[];
  childNodes?: unknown[];
}

function walk(node: Walked, visit: (node: Walked) => void): void {
  visit(node);
  for (const child of node.childNodes ?? []) walk(child as Walked, visit);
}

describe('runbooks', () => {
  const shown = published([judged('anthropic/api', 'down')]);
  const told = { ...shown, board: { ...shown.board, runbooks: [{ name: 'claude-api-down', title: 'A <b>runbook</b>' }] } };

  it("are on this machine's own page, and in nothing that is published", () => {
    expect(publishedFile('', told, 60)?.text).toContain('<h3>A &lt;b&gt;runbook&lt;/b&gt;</h3>');
    for (const path of publishedPaths(told))
      expect([path, publishedFile(path, told)?.text]).toEqual([path, expect.not.stringContaining('unbook')]);
  });
});
