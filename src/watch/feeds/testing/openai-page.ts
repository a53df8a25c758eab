/**
 * OpenAI's status page as incident.io writes it for itself (`/proxy/status.openai.com`, `…/incidents`, `…/component_impacts`) and in Statuspage's form.
 * Members, ids and times: payloads of July to September 2026 as they were recorded in public repositories; shared/research/status.md, 1.2. Planned work in
 * the native form is nowhere recorded: it is written as the types say that were read off the page. Words of posts are our own.
 */
export const LOGIN_OF_CHATGPT = '01JMXBNJXG1S2D9V65P1ZZTD94';
export const CLI = '01KMKFAMWKNQ84Z1766MV08ZDE';
export const DESKTOP = '01KMKFAMWKQ81YWSE1Z18R6VHR';
export const RESPONSES = '01JP8CD9JR3HR6Y7G4Q75N4DVW';
/** Nobody's until its group says whose. */
export const AGENTS = '01M3Q6W0264T1RJS1YEM47CAQJ';

export const GROUPS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  APIs: [
    [RESPONSES, 'Responses'],
    [AGENTS, 'Agents'],
  ],
  ChatGPT: [
    [LOGIN_OF_CHATGPT, 'Login'],
    [DESKTOP, 'Codex in ChatGPT Desktop'],
  ],
  Codex: [[CLI, 'CLI']],
};

/** One that is open, its impact stated from before it was posted. */
export const LOGOUTS = {
  id: '01M0JXWD740S0Y50DWJZS7SH75',
  name: 'Unexpected logouts for some ChatGPT web users',
  status: 'investigating',
  type: 'incident',
  published_at: '2026-08-21T19:48:34.66Z',
  affected_components: [{ component_id: LOGIN_OF_CHATGPT, status: 'degraded_performance', current_status: 'degraded_performance' }],
  component_impacts: [
    {
      id: '01M0JYA4EPG62Z3PJDDYRDQNN2',
      component_id: LOGIN_OF_CHATGPT,
      status: 'degraded_performance',
      status_page_incident_id: '01M0JXWD740S0Y50DWJZS7SH75',
      start_at: '2026-08-21T17:57:00Z',
      end_at: '$undefined',
    },
  ],
  status_summaries: [{ start_at: '2026-08-21T17:57:00Z', end_at: '$undefined', worst_component_status: 'degraded_performance' }],
  updates: [
    {
      id: '01M0JXWD74Q6EHRNX9TJQQTVPK',
      published_at: '2026-08-21T19:48:34.66Z',
      to_status: 'investigating',
      message_string: 'Some are logged out; it is being looked into.',
      component_statuses: [],
      automated_update: false,
    },
  ],
};

/** One that is over. */
export const NO_CODEX = {
  id: '01KXT44TAQQ2R0AZDDVSJGAC4H',
  name: 'Some users are unable to access Codex',
  status: 'resolved',
  published_at: '2026-07-18T08:05:37.238Z',
  affected_components: [
    { component_id: CLI, status: 'degraded_performance', current_status: 'operational' },
    { component_id: DESKTOP, status: 'full_outage', current_status: 'operational' },
  ],
  component_impacts: [
    {
      id: '1',
      component_id: CLI,
      status: 'degraded_performance',
      start_at: '2026-07-18T08:05:37.238Z',
      end_at: '2026-07-18T12:58:14.016Z',
    },
    { id: '2', component_id: DESKTOP, status: 'full_outage', start_at: '2026-07-18T08:05:37.238Z', end_at: '2026-07-18T12:00:00.000Z' },
  ],
  updates: [
    { id: 'b', to_status: 'resolved', message_string: 'It is over.', published_at: '2026-07-18T12:59:00.000Z' },
    { id: 'a', to_status: 'identified', message_string: 'Access is refused to some.', published_at: '2026-07-18T08:05:37.238Z' },
  ],
};

export function openaiSummary(
  incidents: readonly unknown[],
  affected: Readonly<Record<string, string>>,
  more: object = {},
): Record<string, unknown> {
  const member = ([id, name]: readonly [string, string]) => ({
    component_id: id,
    name,
    hidden: false,
    display_uptime: true,
    data_available_since: '2021-02-08T00:00:00Z',
  });
  return {
    summary: {
      id: '01JMDK9XYNY6RXSED6SDWW50WY',
      name: 'OpenAI',
      public_url: 'https://status.openai.com',
      components: Object.values(GROUPS).flatMap((members) =>
        members.map(([id, name]) => ({ id, name, status_page_id: '01JMDK9XYNY6RXSED6SDWW50WY' })),
      ),
      structure: {
        id: '01JMDK9XYNX',
        items: Object.entries(GROUPS).map(([name, members]) => ({
          group: { id: `group-${name}`, name, hidden: false, display_aggregated_uptime: true, components: members.map(member) },
        })),
      },
      affected_components: Object.entries(affected).map(([id, status]) => ({ component_id: id, status })),
      ongoing_incidents: incidents,
      scheduled_maintenances: [],
      data_available_since: '2021-02-08T00:00:00Z',
      ...more,
    },
  };
}

/** The Statuspage-shaped summary: part of the components, incidents without any. Without incidents it has no such list. */
export function openaiCompat(open: boolean): Record<string, unknown> {
  return {
    page: { id: '01JMDK9XYNY6RXSED6SDWW50WY', name: 'OpenAI', url: 'https://status.openai.com/', updated_at: '2026-09-29T18:29:41Z' },
    status: open
      ? { indicator: 'minor', description: 'Partial System Degradation' }
      : { indicator: 'none', description: 'All Systems Operational' },
    components: [
      {
        id: RESPONSES,
        name: 'Responses',
        status: open ? 'degraded_performance' : 'operational',
        position: 17,
        updated_at: '2026-09-29T18:29:41Z',
      },
    ],
    ...(open && {
      incidents: [
        {
          id: '01M3Q4RK1SM4EMK445GGPG7C0N',
          name: 'Elevated errors across ChatGPT, Codex, and the API including the Agents API',
          status: 'investigating',
          impact: 'minor',
          created_at: '2026-09-29T17:52:52Z',
          updated_at: '2026-09-29T18:24:17Z',
          page_id: '01JMDK9XYNY6RXSED6SDWW50WY',
          incident_updates: [
            {
              id: 'u1',
              status: 'investigating',
              body: 'Looked into.',
              created_at: '2026-09-29T17:52:52Z',
              display_at: '2026-09-29T17:52:52Z',
            },
          ],
        },
      ],
    }),
  };
}
