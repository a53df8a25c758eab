/**
 * Pages of the smaller families, each with something open and ill. Members, ids and words of state: Checkly's as recorded from Mistral's page on 17 September
 * 2026, OnlineOrNot's as recorded from OpenRouter's on 28 August 2026, Flashduty's as read from DeepSeek's by public programs (June to September 2026),
 * Instatus's and Better Stack's as documented (instatus.com/help; betterstack.com/docs/uptime, "JSON API status"). Words of posts are our own.
 */
export const CHECKLY_SUMMARY = {
  page: { name: 'Mistral AI Status Page', url: 'https://mistral-ai.checkly-status-page.com', status: 'HAS_ISSUES' },
  activeIncidents: [
    {
      id: '44cb5e11-4736-4e6b-9198-97121820e15e',
      name: 'Free tier is off',
      startedAt: '2026-09-04T04:04:04.000Z',
      status: 'IDENTIFIED',
      severity: 'MAJOR',
      affectedServices: [{ id: 'c4869a5a', name: 'Chat Completions API', group: 'API' }],
      url: 'https://mistral-ai.checkly-status-page.com/incident/44cb5e11-4736-4e6b-9198-97121820e15e',
      updatedAt: '2026-09-04T04:04:04.000Z',
    },
  ],
  activeMaintenances: [],
};

export const CHECKLY_SERVICES = [
  { id: 'c4869a5a', name: 'Chat Completions API', status: 'MAJOR', group: 'API' },
  { id: '6d1417e5', name: 'Embeddings API', status: 'OPERATIONAL', group: 'API' },
  { id: 'edb2d9fb', name: 'Vibe', status: 'OPERATIONAL', group: 'Services' },
];

export const INSTATUS_SUMMARY = {
  page: { name: 'Perplexity', url: 'https://status.perplexity.com', status: 'HASISSUES' },
  activeIncidents: [
    {
      id: 'clx0incident',
      name: 'Answers are slow',
      started: '2026-08-16T09:00:00.000Z',
      status: 'IDENTIFIED',
      impact: 'PARTIALOUTAGE',
      url: 'https://status.perplexity.com/incident/clx0incident',
      updatedAt: '2026-08-16T09:20:00.000Z',
    },
  ],
  activeMaintenances: [
    {
      id: 'clx0work',
      name: 'Database upgrade',
      start: '2026-08-17T02:00:00.000Z',
      status: 'NOTSTARTEDYET',
      duration: '60',
      url: 'https://status.perplexity.com/maintenance/clx0work',
    },
  ],
};

export const INSTATUS_COMPONENTS = {
  components: [
    { id: 'clyi6jhgg31469ihojbwbsmeeg', name: 'Website', status: 'OPERATIONAL', group: null },
    { id: 'clyiakn7i60113hvojwho6za6j', name: 'API', status: 'PARTIALOUTAGE', group: { id: 'g1', name: 'Platform' } },
  ],
};

export const ONLINEORNOT_SUMMARY = {
  success: true,
  result: {
    status: { description: 'Minor Service Outage' },
    status_page: { id: 'bLYZeyaq', name: 'OpenRouter', subdomain: 'openrouter', custom_domain: 'status.openrouter.ai' },
    components: [
      { id: 'chat', name: 'Chat (/api/v1/chat/completions)', status: 'PARTIAL_OUTAGE' },
      { id: 'home', name: 'Homepage', status: 'OPERATIONAL' },
    ],
    active_incidents: [
      {
        id: 'inc-1',
        title: 'Many 429s',
        impact: 'PARTIAL_OUTAGE',
        started: '2026-08-28T01:20:00.000Z',
        updated_at: '2026-08-28T01:24:00.000Z',
      },
    ],
    scheduled_maintenance: [],
  },
};

export const FLASHDUTY_ACTIVE = {
  request_id: 'r1',
  data: {
    page: {
      page_id: 6_410_630_422_455,
      name: 'DeepSeek',
      url_name: 'deepseek',
      custom_domain: 'status.deepseek.com',
      components: [
        { component_id: 'c1', name: 'DeepSeek V4 Pro API服务(API Service)', available_since_seconds: 1_706_745_600, order_id: 3 },
        { component_id: 'c3', name: '快速模式(Instant Mode)', section_id: 's1', available_since_seconds: 1_706_745_600, order_id: 1 },
      ],
      sections: [{ section_id: 's1', name: '对话服务(Chat Service)', order_id: 5 }],
    },
    active_changes: [
      {
        change_id: 6_985_724_403_287,
        type: 'incident',
        title: 'API errors',
        status: 'monitoring',
        start_at_seconds: 1_785_490_000,
        affected_components: [{ component_id: 'c1', name: 'DeepSeek V4 Pro API服务(API Service)', status: 'degraded' }],
        updates: [{ at_seconds: 1_785_490_060, status: 'monitoring', description: 'A fix is out.' }],
      },
    ],
  },
};

export const BETTER_STACK_INDEX = {
  data: {
    id: '165',
    type: 'status_page',
    attributes: { company_name: 'Together AI', custom_domain: 'status.together.ai', aggregate_state: 'degraded' },
    relationships: { status_reports: { data: [{ id: '77', type: 'status_report' }] } },
  },
  included: [
    { id: '5', type: 'status_page_section', attributes: { name: 'Inference', position: 0 } },
    {
      id: '8720238',
      type: 'status_page_resource',
      attributes: { status_page_section_id: 5, public_name: 'Serverless API', status: 'degraded', availability: 0.998, status_history: [] },
    },
    {
      id: '8720241',
      type: 'status_page_resource',
      attributes: { status_page_section_id: 5, public_name: 'Fine-tuning', status: 'operational', availability: 1, status_history: [] },
    },
    {
      id: '77',
      type: 'status_report',
      attributes: {
        title: 'Slow answers',
        report_type: 'manual',
        starts_at: '2026-09-20T10:00:00.000Z',
        ends_at: null,
        aggregate_state: 'degraded',
        affected_resources: [{ status_page_resource_id: '8720238', status: 'degraded' }],
      },
    },
    {
      id: '99',
      type: 'status_update',
      attributes: {
        message: '<p>Being looked at.</p>',
        published_at: '2026-09-20T10:05:00.000Z',
        status_report_id: 77,
        affected_resources: [{ status_page_resource_id: '8720238', status: 'degraded' }],
      },
    },
  ],
};

/** As GET /api/v1/models/{author}/{slug}/endpoints is documented (openrouter.ai/docs). */
export const OPENROUTER_ENDPOINTS = {
  data: {
    id: 'anthropic/claude-opus-5.5',
    name: 'Claude Opus 5.5',
    endpoints: [
      { name: 'Anthropic', provider_name: 'Anthropic', uptime_last_5m: 71.2, uptime_last_30m: 93.5, uptime_last_1d: 99.8, status: 0 },
      { name: 'Bedrock', provider_name: 'Amazon Bedrock', uptime_last_5m: null, uptime_last_30m: 100, uptime_last_1d: 99.9, status: 0 },
    ],
  },
};
