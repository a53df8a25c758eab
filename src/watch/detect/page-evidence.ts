import { modelsInTitle } from '../feeds/models-in-title.ts';
import type { PageState, StatusPage } from '../page.ts';
import type { ComponentState, Impact, PageIncident, PageReading, UptimeReading } from '../page-reading.ts';
import type { Evidence } from '../verdict.ts';
import { productsOfComponent, productsOfIncident } from '../registry/covering.ts';
import { MONITORING, POOR_UPTIME, WEIGHT } from './weights.ts';

/** What a page says, by the product or model that it is about: `anthropic/api`, `anthropic/api/claude-opus-4-6`. */
export type EvidenceByKey = Map<string, Evidence[]>;

/** Milliseconds: a notice that stays open for weeks is no outage any more that somebody could wait out. */
const LONG_LIVED = 3 * 86_400_000;

const OF_STATE: Partial<Record<ComponentState, number>> = {
  operational: 0,
  degraded: WEIGHT.pageMinor,
  'partial-outage': WEIGHT.pageMajor,
  'major-outage': WEIGHT.pageCritical,
};
const OF_IMPACT: Record<Impact, number> = {
  none: 0,
  unknown: WEIGHT.pageMinor,
  minor: WEIGHT.pageMinor,
  major: WEIGHT.pageMajor,
  critical: WEIGHT.pageCritical,
};

/** Of a page that was read lately; one that was not says nothing. */
export function pageEvidence(page: StatusPage, { state, reading, readAt }: PageState, now: number): EvidenceByKey {
  const found: EvidenceByKey = new Map();
  if (state !== 'fresh' || !reading || readAt === undefined) return found;
  const { id: source, url } = page;
  const host = URL.canParse(url) ? new URL(url).host : source;
  const add = (key: string, weight: number, text: string): void => {
    found.set(key, [...(found.get(key) ?? []), { kind: 'page', weight, at: readAt, text: `${host}: ${text}`, source, url }]);
  };
  const components = componentsByKey(page, reading);
  for (const incident of reading.incidents.filter((one) => isOpen(one, now))) {
    const { title, impact, phase } = incident;
    const weight = OF_IMPACT[impact] * (phase === 'monitoring' ? MONITORING : 1);
    for (const { provider, product } of productsOfIncident(page, incident, reading.components)) {
      const key = `${provider}/${product}`;
      const own = components.get(key) ?? [];
      // Pages link components in bulk: an incident says nothing of one that the page itself calls operational (research/status.md, 1.2).
      if (own.length > 0 && own.every((component) => component.state === 'operational')) continue;
      const models = modelsInTitle(title, provider);
      // One model's trouble is not its siblings'; what it makes of the product is drawn from it.
      for (const about of models.length > 0 ? models.map((model) => `${key}/${model}`) : [key]) add(about, weight, `${phase}, “${title}”`);
    }
  }
  for (const [key, own] of components) {
    if ([...found.keys()].some((about) => about === key || about.startsWith(`${key}/`))) continue;
    const worst = own.toSorted((one, other) => (OF_STATE[other.state] ?? -1) - (OF_STATE[one.state] ?? -1))[0]!;
    const weight = OF_STATE[worst.state];
    if (weight !== undefined) add(key, weight, weight === 0 ? 'operational' : `${worst.name} is said to be ${worst.state}`);
  }
  // Without components, a list of all that is open says that nothing is.
  for (const { provider, product } of page.covers) {
    const key = `${provider}/${product}`;
    if (reading.listsAllOpen && reading.components.length === 0 && !found.has(key)) add(key, 0, 'no open incident');
  }
  return found;
}

function componentsByKey(page: StatusPage, { components }: PageReading): Map<string, PageReading['components']> {
  const found = new Map<string, PageReading['components']>();
  for (const component of components) {
    for (const { provider, product } of productsOfComponent(page, component)) {
      const key = `${provider}/${product}`;
      found.set(key, [...(found.get(key) ?? []), component]);
    }
  }
  return found;
}

function isOpen({ kind, phase, startedAt, updates }: PageIncident, now: number): boolean {
  if (kind !== 'incident' || phase === 'resolved') return false;
  return now - Math.max(startedAt, ...updates.map(({ at }) => at)) <= LONG_LIVED;
}

/**
 * What a reseller saw of a provider's model, where it is poor. The page's `covers` say which product a host is; `asked`: keys of models that are asked
 * here, of which the one that is meant is found by its name.
 */
export function uptimeEvidence(uptimes: readonly UptimeReading[], page: StatusPage, at: number, asked: readonly string[]): EvidenceByKey {
  const found: EvidenceByKey = new Map();
  for (const { host, model, last5Minutes } of uptimes) {
    if (last5Minutes === undefined || last5Minutes >= POOR_UPTIME) continue;
    const text = `${Math.round(last5Minutes)} % of OpenRouter’s requests to ${host} succeeded in 5 minutes`;
    const evidence: Evidence = { kind: 'uptime', weight: WEIGHT.uptime, at, text, source: page.id, url: page.url };
    for (const { provider, product } of productsOfComponent(page, { id: host, name: host })) {
      const key = modelKey(`${provider}/${product}`, model, asked);
      found.set(key, [...(found.get(key) ?? []), evidence]);
    }
  }
  return found;
}

/** `anthropic/claude-opus-4.6` is `claude-opus-4-6`, or `claude-opus-4-6-20260205`, at its maker's. */
function modelKey(product: string, model: string, asked: readonly string[]): string {
  const name = `${product}/${model.replace(/^[^/]+\//, '').replaceAll('.', '-')}`;
  return asked.find((key) => key.replaceAll('.', '-') === name || key.replaceAll('.', '-').startsWith(`${name}-2`)) ?? name;
}
