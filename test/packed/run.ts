import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contentProblems, filesIn } from './contents.ts';
import { libraryChecks } from './library.ts';
import { emptyPlace, type Ran, runIn } from './place.ts';
import { programChecks } from './program.ts';

/**
 * The package as a stranger gets it: packs it, looks at what is in it, installs it into an empty folder with an empty home, and uses it there.
 * Needs the npm registry. The last line is `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:packed
 *   npm run test:packed -- --tarball FILE   one that is there already
 *   npm run test:packed -- --keep           leaves the folder, and says where it is
 */
const { values } = parseArgs({ options: { tarball: { type: 'string' }, keep: { type: 'boolean', default: false } } });
const root = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'understudy-packed-'));
const here = { folder: root, environment: process.env as Record<string, string> };
let passed = 0;
let failed = 0;

/** One line for each; `problems` says what is wrong, nothing where all is well. */
export type Check = (title: string, problems: readonly string[]) => boolean;
const check: Check = (title, problems) => {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${title}`);
  for (const problem of problems.slice(0, 20)) console.log(`      ${problem.trimEnd().replaceAll('\n', '\n      ')}`);
  return problems.length === 0;
};

try {
  const tarball = values.tarball === undefined ? await pack() : resolve(values.tarball);
  if (tarball !== undefined) {
    const unpacked = emptyPlace(scratch, 'unpacked', '');
    await runIn(unpacked, ['tar', 'xzf', tarball, '--strip-components=1']);
    const { size } = statSync(tarball);
    const files = filesIn(unpacked.folder);
    const bytes = files.reduce((sum, file) => sum + statSync(join(unpacked.folder, file)).size, 0);
    check(
      `what is in it: ${files.length} files, ${kilobytes(size)} packed, ${kilobytes(bytes)} unpacked`,
      contentProblems(root, unpacked.folder, size),
    );
    const cache = (await runIn(here, ['npm', 'config', 'get', 'cache'])).out.trim();
    const place = emptyPlace(scratch, 'consumer', cache);
    const installed = await runIn(place, ['npm', 'install', tarball]);
    if (check('npm install, in an empty folder with an empty home', wrong(installed))) {
      const modules = filesIn(join(place.folder, 'node_modules'));
      check(
        `with it come ${new Set(modules.flatMap((path) => /^(?:.*node_modules\/)?((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [])).size} packages`,
        modules.filter((path) => /^node-linux-|^understudy-node26|^typescript\/|^vitest\//.test(path)),
      );
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      await programChecks(place, version, check);
      await libraryChecks(place, root, check);
    }
  }
} catch (error) {
  check('the run itself', [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
}
if (values.keep) console.log(`\nKept: ${scratch}`);
else rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function pack(): Promise<string | undefined> {
  const packing = await runIn(here, ['npm', 'pack', '--silent', '--pack-destination', scratch]);
  if (!check('npm pack', wrong(packing))) return undefined;
  return join(scratch, packing.out.trim().split('\n').at(-1) ?? '');
}

function wrong({ code, out, errors }: Ran): string[] {
  return code === 0 ? [] : [`exit code ${code}`, out, errors].filter((text) => text.trim() !== '');
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
