import type { RequestListener } from 'node:http';

export const KEY = 'sk-ant-api03-not-a-real-one';
export const HOSTS = ['api.anthropic.com', 'status.claude.com', 'status.openai.com', 'openrouter.ai'] as const;

/** What Statuspage writes for a page on which all is well (research/status.md, 1.2). */
const SUMMARY = JSON.stringify({
  page: {
    id: 'tymt9n04zgry',
    name: 'Claude',
    url: 'https://status.claude.com',
    time_zone: 'Etc/UTC',
    updated_at: '2026-11-23T03:00:00.000Z',
  },
  status: { indicator: 'none', description: 'All Systems Operational' },
  components: [
    {
      id: 'k8w3r06qmzrp',
      name: 'Claude API (api.anthropic.com)',
      status: 'operational',
      created_at: '2023-07-11T17:53:46.463Z',
      updated_at: '2026-11-23T02:00:00.000Z',
      position: 1,
      description: null,
      showcase: true,
      start_date: '2023-07-11',
      group_id: null,
      page_id: 'tymt9n04zgry',
      group: false,
      only_show_if_degraded: false,
    },
  ],
  incidents: [],
  scheduled_maintenances: [],
});

const MESSAGE = JSON.stringify({
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  content: [{ type: 'text', text: 'Good morning.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 3 },
});

/** Answers as these hosts do, and tells `arrived` of each request: its host, and whether it showed a key. */
export function answering(arrived: (what: string) => void): RequestListener {
  return (incoming, response) => {
    const { host = '', 'x-api-key': key, authorization } = incoming.headers;
    arrived(`${host}${key === undefined && authorization === undefined ? '' : ' with a key'}`);
    response.setHeader('content-type', 'application/json');
    if (host === 'api.anthropic.com') return void response.end(MESSAGE);
    response.end(incoming.url === '/api/v2/summary.json' ? SUMMARY : JSON.stringify({ ...JSON.parse(SUMMARY), components: undefined }));
  };
}
