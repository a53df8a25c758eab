/**
 * Claude's status page as Statuspage writes it. Members, ids and their order: summary.json and scheduled-maintenances.json of status.claude.com as they were
 * recorded in September and October 2026 (junxit/ai-status-archive, raw/anthropic.json and tests/fixtures). Words of posts are our own.
 */
export const CLAUDE_COMPONENTS = [
  ['rwppv331jlwc', 'claude.ai'],
  ['0qbwn08sd68x', 'Claude Console (platform.claude.com)'],
  ['k8w3r06qmzrp', 'Claude API (api.anthropic.com)'],
  ['yyzkbfz2thpt', 'Claude Code'],
  ['bpp5gb3hpjcl', 'Claude Cowork'],
  ['0scnb50nvy53', 'Claude for Government'],
] as const;

type ComponentId = (typeof CLAUDE_COMPONENTS)[number][0];

/** What is not named is operational. */
export type States = Partial<Record<ComponentId, string>>;

export interface Post {
  id: string;
  status: string;
  /** ISO 8601. */
  at: string;
  /** Where it is not when it was posted. */
  shown?: string;
  body: string;
  /** New state by component. */
  affected?: States;
}

export interface Entry {
  id: string;
  name: string;
  impact: string;
  /** Oldest first. */
  posts: readonly Post[];
  linked: readonly ComponentId[];
  /** Planned work: from, until. */
  planned?: readonly [string, string];
}

const PAGE = { id: 'tymt9n04zgry', name: 'Claude', url: 'https://status.claude.com', time_zone: 'Etc/UTC' };

/** `updated`: when the page was changed last; by default with the last post of what is open. */
export function claudeSummary(
  states: States,
  incidents: readonly Entry[],
  planned: readonly Entry[] = [],
  updated = incidents[0]?.posts.at(-1)?.at,
): Record<string, unknown> {
  const ill = Object.values(states).some((state) => state !== 'operational');
  return {
    page: { ...PAGE, updated_at: updated ?? '2026-06-01T00:00:00.000Z' },
    components: CLAUDE_COMPONENTS.map(([id]) => component(id, states)),
    incidents: incidents.map((entry) => written(entry, states)),
    scheduled_maintenances: planned.map((entry) => written(entry, states)),
    status: ill
      ? { indicator: 'major', description: 'Partial System Outage' }
      : { indicator: 'none', description: 'All Systems Operational' },
  };
}

export function claudeIncidents(incidents: readonly Entry[], states: States = {}): Record<string, unknown> {
  return { page: { ...PAGE, updated_at: '2026-06-03T00:00:00.000Z' }, incidents: incidents.map((entry) => written(entry, states)) };
}

function component(id: ComponentId, states: States): Record<string, unknown> {
  const position = CLAUDE_COMPONENTS.findIndex(([each]) => each === id);
  return {
    id,
    name: CLAUDE_COMPONENTS[position]![1],
    status: states[id] ?? 'operational',
    created_at: '2023-07-11T17:52:24.275Z',
    updated_at: '2026-06-02T06:04:59.000Z',
    position: position + 1,
    description: null,
    showcase: true,
    start_date: '2023-07-11',
    group_id: null,
    page_id: PAGE.id,
    group: false,
    only_show_if_degraded: false,
  };
}

function written({ id, name, impact, posts, linked, planned }: Entry, states: States): Record<string, unknown> {
  const at = (status: string): string | null => posts.find((post) => post.status === status)?.at ?? null;
  return {
    id,
    name,
    status: posts.at(-1)!.status,
    created_at: posts[0]!.at,
    updated_at: posts.at(-1)!.at,
    monitoring_at: at('monitoring'),
    resolved_at: at('resolved') ?? at('completed'),
    impact,
    shortlink: `https://stspg.io/${id}`,
    started_at: posts[0]!.at,
    page_id: PAGE.id,
    ...(planned && { scheduled_for: planned[0], scheduled_until: planned[1] }),
    reminder_intervals: '[]',
    components: linked.map((each) => component(each, states)),
    incident_updates: posts
      .map((post) => ({
        id: post.id,
        status: post.status,
        body: post.body,
        incident_id: id,
        created_at: post.at,
        updated_at: post.at,
        display_at: post.shown ?? post.at,
        affected_components: post.affected
          ? Object.entries(post.affected).map(([code, state]) => ({ code, name: code, old_status: 'operational', new_status: state }))
          : null,
        deliver_notifications: true,
        custom_tweet: null,
        tweet_id: null,
      }))
      .toReversed(),
  };
}
