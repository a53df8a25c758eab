import { isObject, parseObject } from '../../exchange/json.ts';
import type { Json } from '../../exchange/json.ts';

/** What a vendor's own status page says now. */
export type OfficialWord =
  | { type: 'said'; page: string; state: string; incidents: string[] }
  /** A page that can't be read says nothing: neither that all is well nor that it is not. */
  | { type: 'unknown'; page: string; reason: string };

/** Statuspage and incident.io's form of the same (`/api/v2/summary.json`), as read in November 2026. */
const PAGES: Record<string, string> = {
  anthropic: 'https://status.claude.com/api/v2/summary.json',
  openai: 'https://status.openai.com/api/v2/summary.json',
};
/** Milliseconds. Whoever asks has waited enough this morning. */
const PATIENCE = 3000;
const LONGEST = 2 * 1024 * 1024;

/** Asks a vendor's page once; `undefined` where it has none of a form that is read here. */
export async function officialWord(vendor: string, ask: typeof fetch, pages = PAGES): Promise<OfficialWord | undefined> {
  const page = pages[vendor];
  if (page === undefined) return undefined;
  try {
    const response = await ask(page, { signal: AbortSignal.timeout(PATIENCE), headers: { accept: 'application/json' } });
    if (!response.ok) return { type: 'unknown', page, reason: `it answered ${response.status}` };
    const text = await response.text();
    const summary = text.length > LONGEST ? undefined : parseObject(text);
    const status = summary?.['status'];
    if (!summary || !isObject(status) || typeof status['description'] !== 'string') {
      return { type: 'unknown', page, reason: 'it says something that is not understood here' };
    }
    const incidents = Array.isArray(summary['incidents']) ? summary['incidents'].flatMap(nameOf) : [];
    return { type: 'said', page, state: status['description'], incidents };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { type: 'unknown', page, reason: isLate ? `no answer in ${PATIENCE / 1000} s` : 'it could not be reached' };
  }
}

function nameOf(incident: Json): string[] {
  return isObject(incident) && typeof incident['name'] === 'string' ? [incident['name']] : [];
}
