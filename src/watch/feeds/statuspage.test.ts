import { describe, expect, it } from 'vitest';
import type { StatusPage } from '../page.ts';
import type { PageReading } from '../page-reading.ts';
import { productsOfIncident } from '../registry/covering.ts';
import { statuspage } from './statuspage.ts';
import { claudeIncidents, claudeSummary, type Entry } from './testing/claude-page.ts';
import { claudeIncidentsOnJuneSecond, claudeOnJuneSecond } from './testing/june-second.ts';
import { pageNamed, payload } from './testing/payload.ts';

const page = pageNamed('anthropic');
const at = (time: string): number => Date.parse(`2026-06-02T${time}Z`);

function read(value: unknown, of: StatusPage = page): PageReading {
  const result = statuspage.read(payload(value), of, 0);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const states = ({ components }: PageReading): Record<string, string> =>
  Object.fromEntries(components.map(({ name, state }) => [name, state]));

describe('2 June 2026, as the page told it', () => {
  it('nothing before the first post', () => {
    const before = read(claudeOnJuneSecond(at('06:04:00')));
    expect(before.incidents).toEqual([]);
    expect(before.listsAllOpen).toBe(true);
    expect(new Set(Object.values(states(before)))).toEqual(new Set(['operational']));
  });

  it.each([
    ['06:05:00', 'investigating', 'Elevated errors on Opus 4.6', 1],
    ['07:00:00', 'identified', 'Elevated errors on multiple models', 2],
    ['10:00:00', 'identified', 'Elevated errors on multiple models', 3],
    ['11:00:00', 'monitoring', 'Elevated errors on multiple models', 4],
  ])('%s: %s', (time, phase, title, posts) => {
    const reading = read(claudeOnJuneSecond(at(time)));
    expect(reading.incidents).toMatchObject([
      {
        id: 'zkr25thltwc9',
        kind: 'incident',
        title,
        phase,
        impact: 'major',
        startedAt: at('06:04:59'),
        url: 'https://stspg.io/zkr25thltwc9',
      },
    ]);
    const [incident] = reading.incidents;
    expect(incident!.updates).toHaveLength(posts);
    expect(incident!.updates.map(({ id }) => id)).toEqual(['june2post1', 'june2post2', 'june2post3', 'june2post4'].slice(0, posts));
    expect(incident).not.toHaveProperty('endedAt');
    expect(states(reading)).toMatchObject({
      'claude.ai': 'partial-outage',
      'Claude Code': 'partial-outage',
      'Claude Cowork': 'operational',
    });
    const products = productsOfIncident(page, incident!, reading.components).map(({ product }) => product);
    expect(products).toEqual(['chat', 'console', 'api', 'code']);
  });

  it('over: gone from the summary; in the list with its end, and with the worst that each component was in', () => {
    expect(read(claudeOnJuneSecond(at('12:00:00'))).incidents).toEqual([]);
    const list = read(claudeIncidentsOnJuneSecond(at('12:00:00')));
    expect(list.listsAllOpen).toBe(false);
    expect(list.incidents).toMatchObject([{ phase: 'resolved', startedAt: at('06:04:59'), endedAt: at('11:49:06') }]);
    expect(list.incidents[0]!.components.map(({ id, state }) => [id, state])).toEqual([
      ['rwppv331jlwc', 'partial-outage'],
      ['0qbwn08sd68x', 'partial-outage'],
      ['k8w3r06qmzrp', 'partial-outage'],
      ['yyzkbfz2thpt', 'partial-outage'],
    ]);
  });
});

const post = { id: 'p1', status: 'investigating', at: '2026-06-10T10:30:00.000Z', body: 'Looked into.' };
const entry: Entry = { id: 'e1', name: 'Elevated errors', impact: 'minor', posts: [post], linked: ['rwppv331jlwc', 'k8w3r06qmzrp'] };

describe('a page of Statuspage', () => {
  it('says of what is only linked, or has recovered, that it is well', () => {
    const reading = read(claudeSummary({ k8w3r06qmzrp: 'degraded_performance' }, [entry]));
    expect(reading.incidents[0]!.components).toEqual([
      { id: 'rwppv331jlwc', name: 'claude.ai', state: 'operational' },
      { id: 'k8w3r06qmzrp', name: 'Claude API (api.anthropic.com)', state: 'degraded' },
    ]);
    expect(productsOfIncident(page, reading.incidents[0]!, reading.components)).toEqual([{ provider: 'anthropic', product: 'api' }]);
  });

  it('shows when it says something happened, and keeps when it was posted', () => {
    const [incident] = read(claudeSummary({}, [{ ...entry, posts: [{ ...post, shown: '2026-06-10T10:00:00.000Z' }] }])).incidents;
    expect(incident!.updates).toEqual([
      { id: 'p1', phase: 'investigating', at: Date.parse('2026-06-10T10:00:00Z'), postedAt: Date.parse(post.at), text: 'Looked into.' },
    ]);
  });

  it('has planned work with a beginning and an end', () => {
    const planned: Entry = {
      ...entry,
      impact: 'maintenance',
      posts: [{ ...post, status: 'scheduled' }],
      planned: ['2026-06-20T01:00:00.000Z', '2026-06-20T01:30:00.000Z'],
    };
    const work = (status: string): unknown => read(claudeSummary({}, [], [{ ...planned, posts: [{ ...post, status }] }])).incidents[0];
    const window = {
      kind: 'maintenance',
      impact: 'none',
      startedAt: Date.parse('2026-06-20T01:00:00Z'),
      endedAt: Date.parse('2026-06-20T01:30:00Z'),
    };
    expect(work('scheduled')).toMatchObject({ ...window, phase: 'scheduled' });
    expect(work('in_progress')).toMatchObject({ ...window, phase: 'in-progress' });
    expect(work('verifying')).toMatchObject({ ...window, phase: 'verifying' });
    expect(work('completed')).toMatchObject({ ...window, phase: 'resolved' });
  });

  it('has words that nobody knows: they are unknown', () => {
    const reading = read(
      claudeSummary({ k8w3r06qmzrp: 'on_fire' }, [{ ...entry, impact: 'apocalyptic', posts: [{ ...post, status: 'pondering' }] }]),
    );
    expect(states(reading)['Claude API (api.anthropic.com)']).toBe('unknown');
    expect(reading.incidents).toMatchObject([{ impact: 'unknown', phase: 'unknown' }]);
  });

  it('has groups, which are no components', () => {
    const summary = claudeSummary({}, []) as { components: object[] };
    summary.components = [
      { id: 'g', name: 'Agents', status: 'operational', group: true },
      { id: 'a', name: 'CLI', status: 'operational', group: false, group_id: 'g' },
    ];
    expect(read(summary).components).toEqual([{ id: 'a', name: 'CLI', group: 'Agents', state: 'operational' }]);
  });

  it('writes text as HTML now and then', () => {
    const body = '<p>We&#39;re on it &amp; more:</p><ul><li>API</li><li>Chat</li></ul>errors < 5 %<br/>';
    const [incident] = read(claudeIncidents([{ ...entry, posts: [{ ...post, body }] }])).incidents;
    expect(incident!.updates[0]!.text).toBe("We're on it & more:\n- API\n- Chat\n\nerrors < 5 %");
  });

  it('is asked for its summary, and for its list of incidents where that can be had', () => {
    expect(statuspage.requests(page)).toEqual([
      {
        url: 'https://status.claude.com/api/v2/summary.json',
        mirrors: ['https://anthropic.statuspage.io/api/v2/summary.json'],
        required: true,
      },
      {
        url: 'https://status.claude.com/api/v2/incidents.json',
        mirrors: ['https://anthropic.statuspage.io/api/v2/incidents.json'],
        required: false,
      },
    ]);
    expect(statuspage.history!(page, 0, 1).map(({ url }) => url)).toEqual([
      'https://status.claude.com/api/v2/incidents.json',
      'https://status.claude.com/api/v2/scheduled-maintenances.json',
    ]);
  });
});
