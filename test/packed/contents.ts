import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, relative } from 'node:path';

/** Bytes: five times what it was when this was written. What grows beyond that should do so on purpose. */
const MOST = 4_000_000;

/** Nothing of these is anybody's who installs it. */
const NOT_OURS_TO_SHIP =
  /(^|\/)(node_modules|testing|fixtures)\/|^(test|bench|scripts|src|tools)\/|\.test\.|(^|\/)(testing\.js|\.env|\.npmrc)/;

/** Keys as their services write them: Anthropic and OpenAI, AWS, Google, GitHub, and private ones. */
const SECRET =
  /\bsk-(?:ant-|proj-)?[A-Za-z0-9]{24,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b|\bgh[ps]_[A-Za-z0-9]{36}\b|-----BEGIN [A-Z ]*PRIVATE KEY/;

/** What is wrong with an unpacked package, by what it is to be made of. `paths`: as npm lists them. */
export function contentProblems(root: string, unpacked: string, size: number): string[] {
  const paths = filesIn(unpacked);
  const present = new Set(paths);
  return [
    ...wanted(root).flatMap((path) => (present.has(path) ? [] : [`${path} is missing`])),
    ...paths.flatMap((path) => (NOT_OURS_TO_SHIP.test(path) ? [`${path} does not belong into it`] : [])),
    ...(size > MOST ? [`it has ${size} bytes, more than ${MOST}`] : []),
    ...paths.flatMap((path) =>
      SECRET.test(readFileSync(join(unpacked, path), 'utf8')) ? [`${path} looks as if there were a key in it`] : [],
    ),
    ...missingImports(unpacked, paths),
    ...foreignImports(unpacked, paths),
  ];
}

/** What npm makes of `files`, what can be started, and all that lies beside the sources and is read. */
function wanted(root: string): string[] {
  const assets = filesIn(join(root, 'src')).filter((path) => !path.endsWith('.ts') && !/(^|\/)testing\//.test(path));
  const workers = filesIn(join(root, 'src')).flatMap((path) => {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts')) return [];
    const text = readFileSync(join(root, 'src', path), 'utf8');
    return [...text.matchAll(/new Worker\(\s*new URL\([`'"]([\w./-]+?)(?:\$\{|\.ts)/g)].map(([, name]) =>
      posix.join(posix.dirname(path), `${name}.js`),
    );
  });
  return [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'bin/understudy',
    'bin/package.json',
    'dist/main.js',
    'dist/library/index.js',
    'dist/library/index.d.ts',
    ...filesIn(join(root, 'docs')).map((path) => `docs/${path}`),
    ...[...assets, ...workers].map((path) => `dist/${path}`),
  ];
}

/** Imports of files that are not there. In declarations `./x.ts` means `./x.d.ts`. */
function missingImports(unpacked: string, paths: readonly string[]): string[] {
  const present = new Set(paths);
  return paths.flatMap((path) => {
    if (!/^dist\/.*\.(js|d\.ts)$/.test(path)) return [];
    const text = readFileSync(join(unpacked, path), 'utf8');
    return [...text.matchAll(/(?:from|import) ?\(?['"](\.{1,2}\/[^'"]+)['"]/g)].flatMap(([, name]) => {
      const file = posix.join(posix.dirname(path), path.endsWith('.d.ts') ? name!.replace(/\.ts$/, '.d.ts') : name!);
      return present.has(file) ? [] : [`${file} is missing: ${path} imports it`];
    });
  });
}

/** Packages that are imported and not among those that come along. Optional ones are asked for by name in code that can do without. */
function foreignImports(unpacked: string, paths: readonly string[]): string[] {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  };
  const known = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...builtinModules]);
  return paths.flatMap((path) => {
    if (!/^dist\/.*\.(js|d\.ts)$/.test(path)) return [];
    const text = readFileSync(join(unpacked, path), 'utf8');
    return [...text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'".][^'"]*)['"]/gm)].flatMap(([, name]) => {
      const bare = /^(@[^/]+\/[^/]+|[^/]+)/.exec(name!)![0];
      return name!.startsWith('node:') || known.has(bare) ? [] : [`${path} imports ${bare}, which is no dependency`];
    });
  });
}

/** Relative paths with `/`. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')] : [],
  );
}
