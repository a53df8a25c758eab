import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedAdapter } from '../page.ts';
import type { PageReading } from '../page-reading.ts';
import { betterStack } from './better-stack.ts';
import { checkly } from './checkly.ts';
import { flashduty } from './flashduty.ts';
import { googleCloud } from './google-cloud.ts';
import { googleWorkspace } from './google-workspace.ts';
import { incidentIo } from './incident-io.ts';
import { instatus } from './instatus.ts';
import { onlineornot } from './onlineornot.ts';
import { statuspage } from './statuspage.ts';
import { ELSEWHERE, OPEN, OPEN_APP, OVER } from './testing/google-page.ts';
import { claudeOnJuneSecond } from './testing/june-second.ts';
import { LOGIN_OF_CHATGPT, LOGOUTS, openaiCompat, openaiSummary } from './testing/openai-page.ts';
import { pageNamed, payload } from './testing/payload.ts';
import { BETTER_STACK_INDEX, CHECKLY_SUMMARY, FLASHDUTY_ACTIVE, INSTATUS_SUMMARY, ONLINEORNOT_SUMMARY } from './testing/smaller-pages.ts';

/** Each with something open, and with something that is ill. */
const SAMPLES: [string, FeedAdapter, string, unknown][] = [
  ['Statuspage', statuspage, 'anthropic', claudeOnJuneSecond(Date.parse('2026-06-02T07:00:00Z'))],
  ['incident.io', incidentIo, 'openai', openaiSummary([LOGOUTS], { [LOGIN_OF_CHATGPT]: 'degraded_performance' })],
  ['incident.io in Statuspage’s form', incidentIo, 'openai', openaiCompat(true)],
  ['Google Cloud', googleCloud, 'google-cloud', [OPEN, OVER, ELSEWHERE]],
  ['Google Workspace', googleWorkspace, 'google-workspace', [OPEN_APP]],
  ['Instatus', instatus, 'perplexity', INSTATUS_SUMMARY],
  ['Better Stack', betterStack, 'together', BETTER_STACK_INDEX],
  ['Checkly', checkly, 'mistral', CHECKLY_SUMMARY],
  ['Flashduty', flashduty, 'deepseek', FLASHDUTY_ACTIVE],
  ['OnlineOrNot', onlineornot, 'openrouter', ONLINEORNOT_SUMMARY],
];

const open = ({ incidents }: PageReading): number =>
  incidents.filter(({ kind, phase }) => kind === 'incident' && phase !== 'resolved').length;
const well = ({ components }: PageReading): string[] => components.filter(({ state }) => state === 'operational').map(({ id }) => id);

/** Ways to every member of it. */
function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : [];
  const members = Object.keys(value).flatMap((key) =>
    paths((value as Record<string, unknown>)[key], [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length > 0 ? [path, ...members] : members;
}

function changed(
  value: unknown,
  path: readonly (string | number)[],
  change: (parent: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  const copy = structuredClone(value);
  let parent = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  change(parent, path.at(-1)!);
  return copy;
}

/** `undefined`: it is gone. */
function put(parent: Record<string | number, unknown>, key: string | number, value: unknown): void {
  if (value !== undefined) parent[key] = value;
  else if (Array.isArray(parent)) parent[key as number] = null;
  else delete parent[key];
}

describe.each(SAMPLES)('%s', (_name, adapter, id, sample) => {
  const page = pageNamed(id);
  const original = adapter.read(payload(sample), page, 0);
  const whole = original.ok ? original.value : undefined;

  /** Nothing that was ill may be well, and nothing that was open may be gone, because a part of it could not be read. */
  function isFalselyGreen(mutant: unknown): boolean {
    const result = adapter.read(payload(mutant), page, 0);
    if (!result.ok) return false;
    const known = new Set(well(whole!));
    return well(result.value).some((each) => !known.has(each)) || (result.value.listsAllOpen && open(result.value) < open(whole!));
  }

  it('is read, and something of it is ill and open', () => {
    expect(whole && open(whole)).toBeGreaterThan(0);
    // Some families' summaries have no components.
    expect(whole!.components.length === 0 || whole!.components.some(({ state }) => state !== 'operational')).toBe(true);
  });

  it('cut off at any byte, it is a problem', () => {
    const { bytes } = payload(sample);
    const lengths = Array.from(bytes.keys()).filter(
      (length) => adapter.read({ ...payload(''), bytes: bytes.subarray(0, length) }, page, 0).ok,
    );
    expect(lengths).toEqual([]);
  });

  it('with any member gone or something else, it is a problem, or says no more than it knows', () => {
    const others = [undefined, null, 7, true, 'junk', '', '$undefined', {}, { id: 'x' }, [7], [null], '__proto__', 'constructor'];
    const green = paths(sample).flatMap((path) => {
      const was = path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], sample);
      return (
        others
          // Another text in the place of a text may be what the page means.
          .filter((other) => typeof was !== typeof other || typeof was === 'object')
          .filter((other) => isFalselyGreen(changed(sample, path, (parent, key) => put(parent, key, other))))
          .map((other) => `${path.join('.')}: ${JSON.stringify(other)}`)
      );
    });
    expect(green).toEqual([]);
  });

  it('with any state word that is not known, what it is about is not well', () => {
    const words = paths(sample).filter((path) => ['status', 'new_status', 'current_status', 'status_impact'].includes(String(path.at(-1))));
    expect(words.length).toBeGreaterThan(0);
    const green = words.filter((path) =>
      isFalselyGreen(
        changed(sample, path, (parent, key) => (typeof parent[key] === 'string' ? put(parent, key, 'no_such_word') : undefined)),
      ),
    );
    expect(green).toEqual([]);
  });

  it('in its place any JSON at all is a problem, or a reading without anything well', () => {
    const read = (text: string): string[] => {
      const result = adapter.read(payload(text), page, 0);
      return result.ok ? well(result.value) : [];
    };
    // An empty list is what Google says when nothing has happened.
    const texts = fc.json().filter((text) => text.trim() !== '[]');
    expect(fc.check(fc.property(texts, (text) => read(text).length === 0))).toMatchObject({ failed: false });
  });

  it.each([
    ['<!DOCTYPE html><html><title>Login to this network</title></html>', 'text/html', 'not-a-feed'],
    ['<html>Verify you are human</html>', 'application/json', 'not-a-feed'],
    ['\n  <?xml version="1.0"?><Error/>', 'application/json', 'not-a-feed'],
    ['', 'application/json', 'not-a-feed'],
    ['upstream connect error', 'text/plain', 'malformed'],
    ['{"error":{"code":403,"message":"Forbidden"}}', 'application/json', 'unknown-shape'],
    ['{"message":"Not Found"}', 'application/json', 'unknown-shape'],
    ['{}', 'application/json', 'unknown-shape'],
    ['{"page":{},"components":[],"incidents":[],"status":{"indicator":"none"}}', 'application/json', 'unknown-shape'],
    ['{"summary":{"components":[],"affected_components":[],"ongoing_incidents":[]}}', 'application/json', 'unknown-shape'],
    ['null', 'application/json', 'unknown-shape'],
    ['"operational"', 'application/json', 'unknown-shape'],
    [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'application/json', 'unknown-shape'],
  ])('in its place %j (%s) is a problem', (text, contentType, type) => {
    expect(adapter.read(payload(text, contentType), page, 0)).toMatchObject({ ok: false, error: { type } });
  });

  it('any bytes are a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 200 }), (bytes) => {
        expect(adapter.read({ ...payload(''), bytes }, page, 0).ok).toBe(false);
      }),
    );
  });
});
