// Writes the table of settings in docs/configuration.md from the schemas: `node scripts/docs.ts`. test/docs.test.ts holds it current.
import { readFileSync, writeFileSync } from 'node:fs';
import { effectiveSettings } from '../src/config/effective.ts';
import { configSchema } from '../src/config/schema.ts';
import { configSettings } from '../src/config/settings.ts';
import type { Json, JsonObject } from '../src/exchange/json.ts';
import { isObject } from '../src/exchange/json.ts';

const PAGE = new URL('../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- settings: made by scripts/docs.ts -->';
const END = '<!-- end of settings -->';

/** The page with its table made anew. */
export function currentPage(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/configuration.md needs the lines ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${settingsTable()}\n${END}${after}`;
}

export function readPage(): string {
  return readFileSync(PAGE, 'utf8');
}

function settingsTable(): string {
  const rows: string[] = [];
  walk(configSchema(), '', rows);
  return ['| setting | default | what it is |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function walk(schema: JsonObject, path: string, rows: string[]): void {
  for (const alternative of [schema, ...objects(schema['anyOf'])]) {
    const properties = isObject(alternative['properties']) ? alternative['properties'] : {};
    for (const [name, each] of Object.entries(properties)) if (isObject(each)) describe(each, path === '' ? name : `${path}.${name}`, rows);
    const any = alternative['additionalProperties'];
    if (isObject(any) && Object.keys(any).length > 0) walk(any, `${path}.<name>`, rows);
  }
}

function describe(schema: JsonObject, path: string, rows: string[]): void {
  const before = rows.length;
  walk(schema, path, rows);
  const inner = rows.splice(before);
  const text = typeof schema['description'] === 'string' ? schema['description'] : '';
  if (text !== '' || inner.length === 0)
    rows.push(
      `| \`${path}\` | ${inner.length > 0 ? '' : shown(schema['default'] ?? inForce(path))} | ${cell(text === '' ? kind(schema) : text)} |`,
    );
  rows.push(...inner);
}

/** The value of a setting that nobody has set; the schema does not say it for values that are converted (durations, sizes). */
function inForce(path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (value, step) => (isObject(value) ? value[step] : undefined),
      effectiveSettings({ settings: configSettings.parse({}) }),
    );
}

/** What a setting may be, where it has no description of its own. */
function kind(schema: JsonObject): string {
  const alternatives = [schema, ...objects(schema['anyOf'])];
  const words = alternatives.flatMap((one) => {
    if (Array.isArray(one['enum'])) return one['enum'].map(String);
    if (one['const'] !== undefined) return [String(one['const'])];
    return typeof one['type'] === 'string' ? [one['type']] : [];
  });
  return [...new Set(words)].join(', ');
}

function shown(value: Json | undefined): string {
  return value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replaceAll(/<(\w+)>/g, '`<$1>`');
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

if (import.meta.main) writeFileSync(PAGE, currentPage(readPage()));
