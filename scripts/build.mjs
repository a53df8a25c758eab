// Makes dist/ of src/ for the published package: Node strips no types below node_modules. npm runs it before it packs (`prepack`; and
// `prepare`, which is all that npm runs for a git address). A clone needs it for nothing else: there the sources run as they are.
//   node scripts/build.mjs               builds
//   node scripts/build.mjs --if-packing  builds only where npm is about to pack this folder and dist/ is not there or older than the sources
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const built = join(root, 'dist');
/** What `import … from 'understudy'` gives: package.json, `exports`. */
const LIBRARY = join(built, 'library', 'index.d.ts');

if (!process.argv.includes('--if-packing') || (isPacking() && !isCurrent())) build();

/** npm sets it for the scripts of a folder that it packs (pacote, lib/dir.js), not for those of one that it installs packages in. */
function isPacking() {
  return process.env.npm_package_resolved !== undefined;
}

function isCurrent() {
  if (!existsSync(LIBRARY)) return false;
  const { mtimeMs } = statSync(LIBRARY);
  return [...filesIn(source), join(root, 'package.json'), join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].every(
    (file) => statSync(file).mtimeMs < mtimeMs,
  );
}

function build() {
  rmSync(built, { recursive: true, force: true });
  const compiler = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
  const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    if (error) process.stderr.write(`tsc could not be started: ${error.message}\n`);
    rmSync(built, { recursive: true, force: true });
    process.exit(1);
  }
  // SQL, model facts, drill scripts: whatever is no source is read from beside the file that wants it.
  for (const file of filesIn(source))
    if (!file.endsWith('.ts') && !relative(source, file).split(/[\\/]/).includes('testing'))
      cpSync(file, join(built, relative(source, file)));
  const kept = declarationsFrom(LIBRARY);
  for (const file of filesIn(built)) if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

/** The declarations that a consumer's compiler can come to; the rest would only fill the package. */
function declarationsFrom(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?['"](\.[^'"]+)\.ts['"]/g))
    declarationsFrom(resolve(dirname(file), `${name}.d.ts`), found);
  return found;
}
