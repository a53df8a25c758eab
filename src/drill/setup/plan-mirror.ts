import { existsSync } from 'node:fs';
import { err, ok, type Result } from '../../exchange/result.ts';
import { secretsIn } from '../../archive/handoff/secrets.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Wanted } from './compare.ts';
import { withMembers } from './edit-json.ts';
import { tomlBlock, withTomlBlock } from './edit-toml.ts';
import { copyText } from './instructions.ts';
import { safePlace } from './safe-place.ts';
import type { ServerPlace, SetupWorld } from './tool.ts';

/** A file as it is, and as it would be. */
export interface PlannedChange {
  /** As the tool names it, and where that really is. */
  path: string;
  real: string;
  before: string | undefined;
  after: string;
  /** In a few words, for people: no values. */
  what: string;
  isSecret: boolean;
  added: Added;
}

/** What there is to take away again when the file has been edited since. */
export type Added = { type: 'copy' } | { type: 'members'; at: readonly string[]; entries: JsonObject } | { type: 'block'; text: string };

/** What can't be done to a file, and what to put there by hand; values of env and headers are left out of it. */
export interface Refusal {
  path: string;
  why: string;
  snippet: string;
  isSecret: boolean;
}

export interface MirrorPlan {
  changes: PlannedChange[];
  refusals: Refusal[];
}

/** What mirroring would do, file by file. `id`: of this run. `roots`: what is written into, and nothing else. */
export function planMirror(wanted: readonly Wanted[], world: SetupWorld, id: string, roots: readonly string[]): MirrorPlan {
  const plan: MirrorPlan = { changes: [], refusals: [] };
  const add = (change: Omit<PlannedChange, 'real' | 'before' | 'after'>, snippet: string, edit: Edit): void => {
    const { path, isSecret } = change;
    const place = safePlace(path, roots);
    const before = world.read(path);
    const isUnread = place.ok && before === undefined && existsSync(place.value);
    const after = !place.ok ? err(place.error) : isUnread ? err('it can’t be read as text') : edit(before);
    if (place.ok && after.ok) plan.changes.push({ ...change, real: place.value, before, after: after.value });
    else plan.refusals.push({ path, why: after.ok ? '' : after.error, snippet, isSecret });
  };

  const copies = new Map(wanted.flatMap((each) => each.copies).map((copy) => [copy.path, copy]));
  for (const { path, from, body } of copies.values()) {
    const text = copyText(
      from.map((each) => shortened(each, world)),
      body,
    );
    const lines = body.split('\n').length - 1;
    const what = `a copy of ${from.map((each) => shortened(each, world)).join(' and ')} (${lines} line${lines === 1 ? '' : 's'})`;
    add({ path, what, isSecret: false, added: { type: 'copy' } }, text, () => ok(text));
  }

  for (const { place, servers, isSecret } of byFile(wanted).values()) {
    const names = Object.keys(servers);
    const what = `MCP server${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
    const [added, snippet, edit] = editOf(place, servers, id);
    add({ path: place.path, what, isSecret, added }, snippet, edit);
  }
  return plan;
}

type Edit = (before: string | undefined) => Result<string, string>;

function editOf({ format, at }: ServerPlace, servers: JsonObject, id: string): [Added, string, Edit] {
  const shown = Object.fromEntries(Object.entries(servers).map(([name, entry]) => [name, isObject(entry) ? withoutValues(entry) : entry]));
  if (format === 'json') {
    const snippet = JSON.stringify(
      at.reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), shown),
      null,
      2,
    );
    return [{ type: 'members', at, entries: servers }, snippet, (before) => withMembers(before, at, servers)];
  }
  const text = tomlBlock(id, at, servers);
  return [{ type: 'block', text }, tomlBlock(id, at, shown), (before) => withTomlBlock(before, text)];
}

const GIVEN = ['env', 'environment', 'headers', 'http_headers'];
/** Stands for what a person puts in. */
const BLANK = '•••';

/** As it is written, with what is or looks like a credential left out; variables stay. */
function withoutValues(entry: JsonObject): JsonObject {
  const blank = (value: Json | undefined, isGiven: boolean): Json | undefined => {
    if (Array.isArray(value)) return value.map((each) => blank(each, false) ?? null);
    if (typeof value !== 'string') return value;
    return (isGiven && !/\$\{?\w|\{env:/.test(value)) || secretsIn(value).length > 0 ? BLANK : value;
  };
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => {
      if (!GIVEN.includes(key) || !isObject(value)) return [key, blank(value, false)];
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, blank(each, true)]))];
    }),
  );
}

/** Two tools may share a file (.mcp.json); what one writes there, the other reads. */
function byFile(wanted: readonly Wanted[]): Map<string, { place: ServerPlace; servers: JsonObject; isSecret: boolean }> {
  const files = new Map<string, { place: ServerPlace; servers: JsonObject; isSecret: boolean }>();
  for (const { place, name, entry, isSecret } of wanted.flatMap((each) => each.servers)) {
    const key = JSON.stringify([place.path, place.at]);
    const file = files.get(key) ?? { place, servers: {}, isSecret: false };
    files.set(key, {
      ...file,
      servers: name in file.servers ? file.servers : { ...file.servers, [name]: entry },
      isSecret: file.isSecret || isSecret,
    });
  }
  return files;
}

/** Below the home or the project, as people write it; a copy in a shared project names no one's home. */
export function shortened(path: string, { home, project }: Pick<SetupWorld, 'home' | 'project'>): string {
  if (project !== undefined && path.startsWith(`${project}/`)) return path.slice(project.length + 1);
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
