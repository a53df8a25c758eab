/**
 * Google's list of incidents. Members and ids: incidents.json of status.cloud.google.com as recorded in September 2026 (junxit/ai-status-archive,
 * tests/fixtures) and incidents.schema.json; the Workspace dashboard's is of the same form. Words are our own.
 */
export const GEMINI_ON_VERTEX = 'Z0FZJAMvEB4j3NbCJs6B';
export const GEMINI_APP = 'npdyhgECDJ6tB66MxXyo';

interface Told {
  id: string;
  products: readonly (readonly [string, string])[];
  begin: string;
  end: string | null;
  severity: string;
  impact: string;
  /** Oldest first: when, status. */
  updates: readonly (readonly [string, string])[];
}

export function googleIncident({ id, products, begin, end, severity, impact, updates }: Told): Record<string, unknown> {
  const posts = updates
    .map(([when, status]) => ({ affected_locations: [], created: when, modified: when, status, text: `**Now:** ${status}.`, when }))
    .toReversed();
  return {
    affected_products: products.map(([of, title]) => ({ current_title: title, id: of, title })),
    begin,
    created: updates[0]![0],
    currently_affected_locations: end === null ? [{ id: 'us-central1', title: 'Iowa (us-central1)' }] : [],
    end,
    external_desc: 'Gemini requests fail in us-central1.',
    id,
    modified: posts[0]!.created,
    most_recent_update: posts[0],
    number: '847028556969787721',
    previously_affected_locations: [],
    service_key: products.length === 1 ? products[0]![0] : 'zall',
    service_name: products.length === 1 ? products[0]![1] : 'Multiple Products',
    severity,
    status_impact: impact,
    updates: posts,
    uri: `incidents/${id}`,
  };
}

export const OVER = googleIncident({
  id: 'J5ia5t9p3g9Q5Wi7r8Ev',
  products: [
    ['L3ggmi3Jy4xJmgodFA9K', 'Google Compute Engine'],
    [GEMINI_ON_VERTEX, 'Vertex Gemini API'],
  ],
  begin: '2026-09-01T14:44:00+00:00',
  end: '2026-09-01T18:52:00+00:00',
  severity: 'medium',
  impact: 'SERVICE_DISRUPTION',
  updates: [
    ['2026-09-01T16:03:12+00:00', 'SERVICE_DISRUPTION'],
    ['2026-09-01T19:00:00+00:00', 'AVAILABLE'],
    ['2026-09-10T21:20:16+00:00', 'AVAILABLE'],
  ],
});

export const OPEN = googleIncident({
  id: 'openVertexIncident01',
  products: [[GEMINI_ON_VERTEX, 'Gemini on Agent Platform']],
  begin: '2026-09-12T08:00:00+00:00',
  end: null,
  severity: 'high',
  impact: 'SERVICE_OUTAGE',
  updates: [['2026-09-12T08:40:00+00:00', 'SERVICE_OUTAGE']],
});

export const OPEN_APP = googleIncident({
  id: 'openGeminiAppIncident',
  products: [[GEMINI_APP, 'Gemini']],
  begin: '2026-05-10T10:00:00+00:00',
  end: null,
  severity: 'low',
  impact: 'SERVICE_DISRUPTION',
  updates: [['2026-05-10T10:15:00+00:00', 'SERVICE_DISRUPTION']],
});

export const ELSEWHERE = googleIncident({
  id: 'somewhereElse01',
  products: [['hV87iK5DcEXKgWU2kDri', 'Google Cloud SQL']],
  begin: '2026-09-12T08:00:00+00:00',
  end: null,
  severity: 'high',
  impact: 'SERVICE_OUTAGE',
  updates: [['2026-09-12T08:40:00+00:00', 'SERVICE_OUTAGE']],
});
