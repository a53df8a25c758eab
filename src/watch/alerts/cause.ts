import type { Incident, Severity } from '../incident.ts';
import type { Phase } from '../page-reading.ts';
import { parseProductKey } from '../product.ts';
import { isIll, type Judgement, type Scope } from '../verdict.ts';

/** Something that somebody may want to be told of. Kept as JSON. */
export type Cause = JudgedCause | IncidentCause;

export interface JudgedCause {
  type: 'judged';
  /** `anthropic/api`, `anthropic/api/claude-opus-4-6`. */
  key: string;
  verdict: 'degraded' | 'down';
  scope?: Scope;
  since: number;
  summary: string;
  /** UTC ms since when nothing is known of it. */
  unknownSince?: number;
}

export interface IncidentCause {
  type: 'incident';
  id: string;
  kind: Incident['kind'];
  title: string;
  products: string[];
  models: string[];
  severity: Severity;
  phase: Phase;
  since: number;
  /** What was said last. */
  said?: string;
  /** No page tells of it: whoever runs this server has written it. */
  byHand?: true;
  url?: string;
}

/** By which it is found again. */
export function causeName(cause: Cause): string {
  return cause.type === 'judged' ? cause.key : cause.id;
}

export function productsOf(cause: Cause): string[] {
  if (cause.type === 'incident') return cause.products;
  const key = parseProductKey(cause.key);
  return key ? [`${key.provider}/${key.product}`] : [cause.key];
}

export function modelsOf(cause: Cause): string[] {
  if (cause.type === 'incident') return cause.models;
  const model = parseProductKey(cause.key)?.model;
  return model === undefined ? [] : [model];
}

export function providerOf(cause: Cause): string {
  return productsOf(cause)[0]?.split('/')[0] ?? '';
}

/** Of a page's incident that is open; of planned work, once it has begun. Own verdicts speak for themselves. */
export function incidentCause(incident: Incident): IncidentCause | undefined {
  const { id, kind, title, products, models, severity, phase, startedAt } = incident;
  if (incident.sources.every(({ type }) => type === 'own') || products.length === 0) return undefined;
  if (phase === 'resolved' || phase === 'scheduled') return undefined;
  // What was noticed here is the verdict's to say, and is not put into a page's mouth.
  const said = incident.updates.findLast(
    ({ removedAt, text, source }) => removedAt === undefined && text !== '' && source.type !== 'own',
  )?.text;
  const url = incident.sources.flatMap((source) => (source.type === 'page' && source.url !== undefined ? [source.url] : []))[0];
  return {
    type: 'incident',
    id,
    kind,
    title,
    products,
    models,
    severity,
    phase,
    since: startedAt,
    ...(said !== undefined && { said }),
    ...(!incident.sources.some(({ type }) => type === 'page') && { byHand: true as const }),
    ...(url !== undefined && { url }),
  };
}

export function judgedCause({ key, verdict, scope, since, summary }: Judgement): JudgedCause | undefined {
  if (!isIll(verdict) || (verdict !== 'down' && verdict !== 'degraded')) return undefined;
  return { type: 'judged', key, verdict, since, summary, ...(scope !== undefined && { scope }) };
}

const RANKS: Record<Severity, number> = { unknown: 0, minor: 1, major: 2, critical: 3 };

export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return RANKS[severity] >= RANKS[floor];
}

/** A verdict in the words of incidents: what is down for everyone is critical. */
export function severityOf(cause: Cause): Severity {
  if (cause.type === 'incident') return cause.severity;
  if (cause.verdict === 'degraded') return 'minor';
  return cause.scope === 'everyone' && modelsOf(cause).length === 0 ? 'critical' : 'major';
}

export function worst(severities: readonly Severity[]): Severity {
  return severities.reduce((one, other) => (isAtLeast(other, one) ? other : one), 'unknown');
}
