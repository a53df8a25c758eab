import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Incident, Severity } from '../../watch/incident.ts';
import { modelsInTitle } from '../../watch/feeds/models-in-title.ts';
import { parseProductKey } from '../../watch/product.ts';
import { productNamed } from '../../watch/registry/known.ts';
import { PRODUCTS } from '../../watch/registry/products.ts';
import type { PastOutage } from './past.ts';

/** Statuspage's impacts and colours, and words that lists of incidents use. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  major: 'major',
  minor: 'minor',
  none: 'minor',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
  down: 'critical',
  degraded: 'minor',
};

/** What the watch knows, for a replay; planned work is none of it. `now`: UTC ms, the end of what is not over. */
export function outagesOf(incidents: readonly Incident[], now: number): PastOutage[] {
  return incidents
    .filter(({ kind }) => kind === 'incident')
    .map(({ title, products, models, severity, startedAt, endedAt }) => ({
      title,
      products: products.flatMap((text) => parseProductKey(text) ?? []).map(({ provider, product }) => ({ provider, product })),
      models,
      severity,
      from: startedAt,
      to: endedAt ?? now,
    }));
}

/**
 * A file of incidents: what `understudy incidents --json` prints, or one JSON object a line, or a list of them, each with `provider`, `start`,
 * `end`, and where known `product` (several with commas), `models`, `severity`, `title`. The error says which entry is wrong, and how.
 */
export function readIncidentFile(text: string, now: number): Result<PastOutage[], string> {
  const entries = entriesIn(text);
  if (!entries.ok) return entries;
  const outages: PastOutage[] = [];
  for (const [index, entry] of entries.value.entries()) {
    const outage = isObject(entry) ? ('startedAt' in entry ? ownShape(entry, now) : listShape(entry)) : 'it is no object';
    if (typeof outage === 'string') return err(`Entry ${index + 1}: ${outage}.`);
    if (outage) outages.push(outage);
  }
  return ok(outages);
}

function entriesIn(text: string): Result<unknown[], string> {
  try {
    const whole: unknown = JSON.parse(text);
    if (Array.isArray(whole)) return ok(whole);
    if (isObject(whole) && Array.isArray(whole['incidents'])) return ok(whole['incidents']);
    return isObject(whole)
      ? ok([whole])
      : err('It is JSON, but neither a list of incidents nor what `understudy incidents --json` prints.');
  } catch {
    const lines: unknown[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        lines.push(JSON.parse(line));
      } catch {
        return err(`Line ${index + 1} is no JSON. It has to be one JSON object a line, or a JSON list.`);
      }
    }
    return lines.length === 0 ? err('There is nothing in it.') : ok(lines);
  }
}

function ownShape(entry: JsonObject, now: number): PastOutage | string | undefined {
  const { kind, title, products, models, severity, startedAt, endedAt } = entry as unknown as Incident;
  if (kind === 'maintenance') return undefined;
  if (!Array.isArray(products) || typeof startedAt !== 'number') return '`products` or `startedAt` is not what an incident has';
  return outagesOf(
    [
      {
        ...({} as Incident),
        kind: 'incident',
        title,
        products,
        models: models ?? [],
        severity,
        startedAt,
        ...(endedAt !== undefined && { endedAt }),
      },
    ],
    now,
  )[0];
}

function listShape(entry: JsonObject): PastOutage | string | undefined {
  const { provider, product, models, severity, title } = entry;
  const from = timeOf(entry['start']);
  const to = timeOf(entry['end']);
  if (typeof provider !== 'string' || provider === '') return '`provider` is missing, such as "anthropic"';
  if (from === undefined) return '`start` is no time, such as "2026-06-02T06:04:59Z"';
  if (to === undefined) return '`end` is no time, such as "2026-06-02T11:49:06Z"';
  if (to < from) return 'it ends before it begins';
  return {
    title: typeof title === 'string' ? title : 'untitled',
    products: productsOf(provider, product),
    models: Array.isArray(models)
      ? models.filter((model) => typeof model === 'string')
      : modelsInTitle(typeof title === 'string' ? title : '', provider),
    severity: typeof severity === 'string' ? (SEVERITIES[severity.toLowerCase()] ?? 'unknown') : 'unknown',
    from,
    to,
  };
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : NaN;
  return Number.isFinite(time) ? time : undefined;
}

/** Names as people write them: `API`, `claude.ai`, `ChatGPT,API`. Without one, or with none that is known, all of the provider. */
function productsOf(provider: string, product: unknown): PastOutage['products'] {
  if (typeof product !== 'string' || product.trim() === '') return [{ provider }];
  const known = product.split(',').flatMap((part) => {
    const name = part.trim();
    const own = PRODUCTS.find(
      (each) => each.provider === provider && (each.product === name.toLowerCase() || each.title.toLowerCase() === name.toLowerCase()),
    );
    if (own) return [own];
    const named = productNamed(name);
    return named.ok && named.value.provider === provider ? [named.value] : [];
  });
  return known.length > 0 ? known.map((each) => ({ provider, product: each.product })) : [];
}
