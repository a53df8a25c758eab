import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

/** DESIGN.md, "The house": a room imports only from rooms below it. Highest first. */
const ROOMS = [
  'cli',
  'server',
  'config',
  'drill',
  'queue',
  'offline',
  'watch',
  'archive',
  'library',
  'telemetry',
  'failover',
  'health',
  'journal',
  'providers',
  'dialects',
  'sim',
  'exchange',
];
/** The only files that know every room. */
const HALL = ['app.ts', 'main.ts'];
/** STYLE.md, rule 1. */
const MOST_LINES = 400;

const source = resolve(dirname(fileURLToPath(import.meta.url)), '../src');

interface SourceFile {
  /** Below src, with slashes: `journal/log.ts`. */
  path: string;
  text: string;
  /** Module specifiers of every import, export-from and dynamic import, types included. */
  imports: string[];
  /** Names of variables declared with `let` or `var` at module level. */
  moduleState: string[];
}

interface Node {
  type: string;
  kind?: string;
  source?: { value?: unknown } | null;
  declaration?: Node | null;
  declarations?: { id: { name?: string } }[];
  body?: Node[];
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(path.split(sep).join('/')));

function read(path: string): SourceFile {
  const text = readFileSync(join(source, path), 'utf8');
  const program = parseAst(text, { lang: 'ts' }) as unknown as { body: Node[] };
  return { path, text, ...examine(program.body, text) };
}

function examine(body: Node[], text: string): Pick<SourceFile, 'imports' | 'moduleState'> {
  const imports: string[] = [];
  const moduleState: string[] = [];
  for (const statement of body) {
    if (typeof statement.source?.value === 'string') imports.push(statement.source.value);
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type === 'VariableDeclaration' && declaration.kind !== 'const') {
      for (const { id } of declaration.declarations ?? []) moduleState.push(id.name ?? 'a pattern');
    }
  }
  for (const [, specifier] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) imports.push(specifier!);
  return { imports, moduleState };
}

function room(path: string): string | undefined {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined;
}

function target(file: SourceFile, specifier: string): string {
  return relative(source, resolve(source, dirname(file.path), specifier))
    .split(sep)
    .join('/');
}

function complaints(check: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => check(file).map((complaint) => `src/${file.path}: ${complaint}`));
}

/** Why `file` may not import `specifier`; `undefined` when it may. */
function forbidden(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const from = room(file.path);
  const path = target(file, specifier);
  const to = room(path);
  if (from === undefined) return HALL.includes(file.path) ? undefined : 'only app.ts and main.ts stand outside of the rooms';
  if (to === undefined || path.startsWith('..')) return `imports ${specifier}, which is in no room`;
  if (to === from) return undefined;
  if (from === 'sim') return to === 'exchange' ? undefined : `sim imports only exchange, not ${to}`;
  return ROOMS.indexOf(to) > ROOMS.indexOf(from) ? undefined : `${from} may not import from ${to} (${specifier})`;
}

describe('the house', () => {
  it('has only the rooms of the design', () => {
    const unknown = files.map((file) => room(file.path)).filter((name) => name !== undefined && !ROOMS.includes(name));
    expect([...new Set(unknown)]).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
  });

  it('imports only downwards', () => {
    // Tests may reach anywhere: they put rooms together to see them work.
    const check = (file: SourceFile): string[] =>
      file.path.endsWith('.test.ts')
        ? []
        : file.imports.map((specifier) => forbidden(file, specifier)).filter((complaint) => complaint !== undefined);
    expect(complaints(check)).toEqual([]);
  });

  it('keeps the vocabulary free of packages and of Node', () => {
    const check = (file: SourceFile): string[] =>
      room(file.path) === 'exchange' && !file.path.endsWith('.test.ts')
        ? file.imports.filter((specifier) => !specifier.startsWith('.'))
        : [];
    expect(complaints(check)).toEqual([]);
  });

  it('keeps files short', () => {
    const check = (file: SourceFile): string[] => {
      const lines = file.text.split('\n').length - 1;
      return lines > MOST_LINES ? [`${lines} lines, at most ${MOST_LINES}`] : [];
    };
    expect(complaints(check)).toEqual([]);
  });

  it('keeps no state at module level', () => {
    // A test file is run once, by itself: what its hooks set up may stand at its top.
    const check = (file: SourceFile): string[] =>
      file.path.endsWith('.test.ts') ? [] : file.moduleState.map((name) => `\`${name}\` is state at module level`);
    expect(complaints(check)).toEqual([]);
  });
});

describe('the check itself', () => {
  const file = (path: string, text: string): SourceFile => ({
    path,
    text,
    ...examine((parseAst(text, { lang: 'ts' }) as unknown as { body: Node[] }).body, text),
  });

  it('sees every kind of import', () => {
    const seen = file(
      'journal/x.ts',
      "import type { A } from '../server/a.ts'; export * from '../cli/b.ts'; import '../config/c.ts'; const d = await import('../drill/d.ts');",
    );
    expect(seen.imports.map((specifier) => forbidden(seen, specifier) !== undefined)).toEqual([true, true, true, true]);
  });

  it('knows up from down', () => {
    const seen = file(
      'failover/x.ts',
      "import { a } from '../health/a.ts'; import { b } from './b.ts'; import { c } from '../server/c.ts';",
    );
    expect(seen.imports.map((specifier) => forbidden(seen, specifier) !== undefined)).toEqual([false, false, true]);
    const sim = file('sim/x.ts', "import { a } from '../exchange/a.ts'; import { b } from '../dialects/b.ts';");
    expect(sim.imports.map((specifier) => forbidden(sim, specifier) !== undefined)).toEqual([false, true]);
  });

  it('sees state, exported or not', () => {
    expect(file('sim/x.ts', 'export let a = 1; var b: number; const c = 2;').moduleState).toEqual(['a', 'b']);
  });
});
