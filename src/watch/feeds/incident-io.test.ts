import { describe, expect, it } from 'vitest';
import type { PageReading } from '../page-reading.ts';
import { productsOfComponent, productsOfIncident } from '../registry/covering.ts';
import { incidentIo } from './incident-io.ts';
import {
  AGENTS,
  CLI,
  DESKTOP,
  LOGIN_OF_CHATGPT,
  LOGOUTS,
  NO_CODEX,
  openaiCompat,
  openaiSummary,
  RESPONSES,
} from './testing/openai-page.ts';
import { pageNamed, payload } from './testing/payload.ts';

const page = pageNamed('openai');

function read(value: unknown): PageReading {
  const result = incidentIo.read(payload(value), page, 0);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const products = (reading: PageReading): string[][] =>
  reading.incidents.map((incident) => productsOfIncident(page, incident, reading.components).map(({ product }) => product));

describe('a page of incident.io, as it reads itself', () => {
  it('says of each component how it is and where it stands', () => {
    const reading = read(
      openaiSummary([LOGOUTS], { [LOGIN_OF_CHATGPT]: 'degraded_performance', [RESPONSES]: 'full_outage', [CLI]: 'sleepy' }),
    );
    expect(reading.components.map(({ id, group, state }) => [id, group, state])).toEqual([
      [RESPONSES, 'APIs', 'major-outage'],
      [AGENTS, 'APIs', 'operational'],
      [LOGIN_OF_CHATGPT, 'ChatGPT', 'degraded'],
      [DESKTOP, 'ChatGPT', 'operational'],
      [CLI, 'Codex', 'unknown'],
    ]);
    const agents = reading.components.find(({ id }) => id === AGENTS)!;
    expect(productsOfComponent(page, agents)).toEqual([{ provider: 'openai', product: 'api' }]);
    expect(reading.listsAllOpen).toBe(true);
  });

  it('has incidents that began when their impact did, and are open while one has no end', () => {
    const reading = read(openaiSummary([LOGOUTS], {}));
    expect(reading.incidents).toEqual([
      {
        id: LOGOUTS.id,
        kind: 'incident',
        title: LOGOUTS.name,
        impact: 'minor',
        phase: 'investigating',
        startedAt: Date.parse('2026-08-21T17:57:00Z'),
        updates: [
          {
            id: '01M0JXWD74Q6EHRNX9TJQQTVPK',
            phase: 'investigating',
            at: Date.parse('2026-08-21T19:48:34.66Z'),
            text: 'Some are logged out; it is being looked into.',
          },
        ],
        components: [{ id: LOGIN_OF_CHATGPT, name: 'Login', state: 'degraded' }],
        url: `https://status.openai.com/incidents/${LOGOUTS.id}`,
      },
    ]);
    expect(products(reading)).toEqual([['chat']]);
  });

  it('has a history, with the worst that each component was in', () => {
    const reading = read({ incidents: [NO_CODEX] });
    expect(reading.listsAllOpen).toBe(false);
    expect(reading.incidents).toMatchObject([
      {
        phase: 'resolved',
        impact: 'critical',
        startedAt: Date.parse('2026-07-18T08:05:37.238Z'),
        endedAt: Date.parse('2026-07-18T12:58:14.016Z'),
        updates: [{ id: 'a' }, { id: 'b' }],
        components: [
          { id: CLI, state: 'degraded' },
          { id: DESKTOP, state: 'major-outage' },
        ],
      },
    ]);
    expect(products(reading)).toEqual([['codex', 'chat']]);
  });

  it('says by impacts alone who was ill when', () => {
    const impacts = [
      ...NO_CODEX.component_impacts.map((impact) => ({ ...impact, status_page_incident_id: NO_CODEX.id })),
      ...LOGOUTS.component_impacts,
    ];
    const reading = read({
      component_impacts: impacts,
      incident_links: [{ id: NO_CODEX.id, name: NO_CODEX.name, status: 'resolved', permalink: 'https://status.openai.com/incidents/x' }],
      component_uptimes: [
        { component_id: '$undefined', status_page_component_group_id: 'g', uptime: '99.90', data_available_since: '2021-02-08T00:00:00Z' },
      ],
    });
    expect(reading.incidents).toMatchObject([
      {
        id: NO_CODEX.id,
        title: NO_CODEX.name,
        phase: 'resolved',
        endedAt: Date.parse('2026-07-18T12:58:14.016Z'),
        url: 'https://status.openai.com/incidents/x',
      },
      { id: LOGOUTS.id, phase: 'unknown', startedAt: Date.parse('2026-08-21T17:57:00Z') },
    ]);
    expect(reading.incidents[1]).not.toHaveProperty('endedAt');
  });

  it('is not over while one of its impacts has no end', () => {
    const [first, second] = NO_CODEX.component_impacts.map((impact) => ({ ...impact, status_page_incident_id: NO_CODEX.id }));
    const reading = read({ component_impacts: [first, { ...second, end_at: null }], incident_links: [] });
    expect(reading.incidents).toMatchObject([{ id: NO_CODEX.id, phase: 'unknown' }]);
    expect(reading.incidents[0]).not.toHaveProperty('endedAt');
  });

  it('prints its program’s memory now and then: that is nothing', () => {
    const printed = { ...LOGOUTS, component_impacts: '$undefined', affected_components: '$undefined', updates: '$undefined' };
    expect(read(openaiSummary([printed], {}, { in_progress_maintenances: '$undefined' })).incidents).toMatchObject([
      { startedAt: Date.parse(LOGOUTS.published_at), impact: 'unknown', updates: [], components: [] },
    ]);
  });

  it('has planned work', () => {
    const work = {
      id: 'w1',
      name: 'Work on logins',
      status: 'maintenance_scheduled',
      type: 'maintenance',
      published_at: '2026-08-01T00:00:00Z',
      affected_components: [{ component_id: LOGIN_OF_CHATGPT, status: 'under_maintenance' }],
      component_impacts: [
        { component_id: LOGIN_OF_CHATGPT, status: 'under_maintenance', start_at: '2026-08-03T01:00:00Z', end_at: '2026-08-03T02:00:00Z' },
      ],
      updates: [],
    };
    const reading = read(openaiSummary([], {}, { scheduled_maintenances: [work] }));
    expect(reading.incidents).toMatchObject([
      {
        kind: 'maintenance',
        phase: 'scheduled',
        impact: 'none',
        startedAt: Date.parse('2026-08-03T01:00:00Z'),
        endedAt: Date.parse('2026-08-03T02:00:00Z'),
      },
    ]);
  });

  it('is asked for what it reads itself, then for the Statuspage-shaped summary; history in months, none left out', () => {
    expect(incidentIo.requests(page)).toEqual([
      {
        url: 'https://status.openai.com/proxy/status.openai.com',
        mirrors: ['https://status.openai.com/api/v2/summary.json'],
        required: true,
      },
    ]);
    const day = 86_400_000;
    const asked = incidentIo.history!(page, 0, 70 * day).map(({ url }) => new URL(url).searchParams);
    const spans = asked.map((query) => [Date.parse(query.get('start_at')!) / day, Date.parse(query.get('end_at')!) / day]);
    expect(spans).toEqual([
      [40, 70],
      [10, 40],
      [0, 10],
    ]);
  });
});

describe('what incident.io writes in Statuspage’s form', () => {
  it('has incidents without components: the title says what they are about', () => {
    const reading = read(openaiCompat(true));
    expect(products(reading)).toEqual([['api', 'chat', 'codex']]);
    expect(reading.components).toMatchObject([{ id: RESPONSES, state: 'degraded' }]);
    expect(reading.listsAllOpen).toBe(true);
  });

  it('has no list of incidents where none is open; without one it lists nothing that is open for certain', () => {
    expect(read(openaiCompat(false))).toMatchObject({ incidents: [], listsAllOpen: true });
    const { incidents: _left, ...without } = openaiCompat(true);
    expect(read(without)).toMatchObject({ incidents: [], listsAllOpen: false });
  });
});

it('the widget’s summary is read', () => {
  const component = { id: RESPONSES, name: 'Responses', group_name: 'APIs', current_status: 'partial_outage' };
  const said = { url: 'https://status.example.com/x', last_update_at: '2026-08-01T00:10:00Z', last_update_message: 'Looked into.' };
  const reading = read({
    page_title: 'Example',
    page_url: 'https://status.example.com',
    ongoing_incidents: [
      { id: 'i', name: 'Errors', status: 'identified', current_worst_impact: 'partial_outage', affected_components: [component], ...said },
    ],
    in_progress_maintenances: [],
    scheduled_maintenances: [
      {
        id: 'm',
        name: 'Work',
        status: 'maintenance_scheduled',
        starts_at: '2026-08-03T01:00:00Z',
        ends_at: '2026-08-03T02:00:00Z',
        ...said,
      },
    ],
  });
  expect(reading.components).toEqual([{ id: RESPONSES, name: 'Responses', state: 'partial-outage' }]);
  expect(reading.incidents).toMatchObject([
    { id: 'i', impact: 'major', phase: 'identified' },
    {
      id: 'm',
      kind: 'maintenance',
      phase: 'scheduled',
      startedAt: Date.parse('2026-08-03T01:00:00Z'),
      endedAt: Date.parse('2026-08-03T02:00:00Z'),
    },
  ]);
});
