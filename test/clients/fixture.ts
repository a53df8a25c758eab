import { isObject, parseObject, type Json, type JsonObject } from '../../src/exchange/json.ts';
import type { Recorded } from '../../src/sim/recorder.ts';
import type { Variant } from './driven.ts';
import { KEYS, TOOL_OUTPUT } from './stage.ts';

/** A real request of a client, without what belongs to its machine, its moment or its maker. */
export interface Fixture {
  client: string;
  version: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: JsonObject;
}

/** `gemini-cli-0.61.0.json`; with the provider where a CLI has several: `opencode-ai-1.18.33-google.json`. */
export function fixtureName({ name, package: { name: full, version } }: Variant): string {
  const provider = name.includes(',') ? `-${name.slice(name.indexOf(',') + 2).replaceAll(' ', '-')}` : '';
  return `${full.split('/').at(-1)}-${version}${provider}.json`;
}

/** Headers that say something about the client; the rest is of the connection or of Understudy. */
const HEADERS =
  /^(?:user-agent|content-type|accept|anthropic-|openai-|x-app$|x-stainless-|x-claude-|x-goog-|originator|session|thread|x-codex-|x-openai-|x-client-)/;

/** Versions of a wire format are called by their dates. */
const DATED = /^(?:anthropic-|openai-beta)/;

/** The last request of a tool round: it has a question, a call and its result. */
export function fixtureOf(variant: Variant, requests: readonly Recorded[]): Fixture | undefined {
  const request = requests.findLast(({ body }) => body.includes(TOOL_OUTPUT)) ?? requests.at(-1);
  const body = parseObject(request?.body ?? '');
  if (!request || !body) return undefined;
  const scrub = scrubber();
  const headers = Object.entries(request.headers).filter(([name]) => HEADERS.test(name) && name !== 'x-goog-api-key');
  return {
    client: variant.package.name,
    version: variant.package.version,
    method: request.method,
    path: scrub.text(request.path),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, DATED.test(name) ? value : scrub.text(value)])),
    body: scrub.json(body) as JsonObject,
  };
}

interface Scrubber {
  json(value: Json): Json;
  text(value: string): string;
}

/** Our own words, which may stay. */
const OURS = [
  /Please (?:run the command|say your lines)\.(?: \[sim [^\]]*\])?/,
  /This is a simulated [^"]*/,
  new RegExp(TOOL_OUTPUT),
  /Simulated thinking[^"]*/,
];
const PROSE = ['description', 'title', '$comment'];

/** The same id is replaced by the same one everywhere, so that what refers to it still does. */
function scrubber(): Scrubber {
  const ids = new Map<string, string>();
  const uuid = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`);
    return ids.get(id)!;
  };

  function plain(value: string): string {
    return value
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, uuid)
      .replace(/\b[0-9a-f]{32,64}\b/g, (hash) => '0'.repeat(hash.length))
      .replace(/\b(ses|msg|prt)_[0-9A-Za-z]{20,}/g, (_id, kind: string) => `${kind}_0000000000000000000000`)
      .replace(/\/tmp\/understudy-client-\w+/g, '/home/user')
      .replace(/\/(?:work|root|tmp)\/[\w./@-]+/g, '/home/user/elsewhere')
      .replace(/\b20\d\d-\d\d-\d\dT[\d:.]+Z?/g, '2026-01-01T00:00:00.000Z')
      .replace(/\b20\d\d-\d\d-\d\d\b/g, '2026-01-01')
      .replace(/\b1[78]\d{11}\b/g, '1767225600000')
      .replaceAll(KEYS.lead, 'key');
  }

  /** What is more than a few words and not ours is somebody else's text: how long it was is enough to know. */
  function text(value: string): string {
    const inner = parseObject(value);
    if (inner) return JSON.stringify(json(inner));
    for (const own of OURS) {
      const found = own.exec(value);
      if (found) return others(value.slice(0, found.index)) + found[0] + text(value.slice(found.index + found[0].length));
    }
    return others(value);
  }

  function others(value: string): string {
    if (value.trim() === '' || (value.trim().split(/\s+/).length < 4 && value.length < 400)) return plain(value);
    const tag = /^\s*<([\w-]+)>/.exec(value)?.[1];
    const header = /^x-[\w-]+: [^\n]*$/.exec(value);
    if (header) return plain(value);
    const placeholder = `(${value.length} characters of the client’s own text)`;
    return tag === undefined ? placeholder : `<${tag}>${placeholder}</${tag}>`;
  }

  function json(value: Json, key = ''): Json {
    if (Array.isArray(value)) return value.map((item) => json(item, key));
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plain(name), json(inner ?? null, name)]));
    if (typeof value !== 'string') return value;
    return PROSE.includes(key) && value.includes(' ') ? `(${value.length} characters)` : text(value);
  }

  return { json, text };
}
