import { execFile } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { err, ok, type Result } from '../../src/exchange/result.ts';

const run = promisify(execFile);

/** llama.cpp's server, and what it is linked with. Newer than any Debian release has; its own C library comes along, since it is newer, too. */
const PACKAGES = [
  'llama.cpp-tools',
  'libllama0',
  'libggml0',
  'libc6',
  'libstdc++6',
  'libgcc-s1',
  'libgomp1',
  'libssl3t64',
  'zlib1g',
  'libzstd1',
];

/**
 * llama.cpp's own server out of Debian's unstable, put into a folder: nothing is installed, and the system's own lists of packages are left alone. Some 40 MB
 * are downloaded. The error says why it could not be had.
 */
export async function fetchLlamaServer(folder: string): Promise<Result<string, string>> {
  const root = join(folder, 'root');
  const libraries = join(root, 'usr', 'lib', 'x86_64-linux-gnu');
  const lists = join(folder, 'lists');
  const source = join(folder, 'sid.list');
  if (process.platform !== 'linux' || process.arch !== 'x64') return err('Debian’s packages for this system are not known here');
  for (const path of [root, join(lists, 'partial')]) mkdirSync(path, { recursive: true });
  writeFileSync(source, 'deb http://deb.debian.org/debian sid main\n');
  const apart = [
    `Dir::Etc::sourcelist=${source}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${lists}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
  ];
  const options = [...apart, 'APT::Sandbox::User=root', 'Acquire::Languages=none'].flatMap((option) => ['-o', option]);
  try {
    await run('apt-get', [...options, '-qq', 'update'], { timeout: 60_000 });
    await run('apt-get', [...options, '-qq', 'download', ...PACKAGES], { cwd: folder, timeout: 120_000 });
    for (const file of globSync(join(folder, '*.deb'))) await run('dpkg-deb', ['-x', file, root]);
  } catch (error) {
    return err(error instanceof Error ? error.message.split('\n')[0]! : String(error));
  }
  const server = join(root, 'usr', 'bin', 'llama-server');
  // The plainest of its builds: it runs on any processor of the kind.
  const [backend] = globSync(join(libraries, 'ggml', '*', 'libggml-cpu-x64.so'));
  if (!existsSync(server) || backend === undefined) return err('the packages are other than they were');
  const program = join(folder, 'llama-server');
  const paths = [libraries, join(libraries, 'llama'), join(backend, '..')].join(':');
  writeFileSync(
    program,
    `#!/bin/sh\nexport GGML_BACKEND_PATH='${backend}'\nexec '${libraries}/ld-linux-x86-64.so.2' --library-path '${paths}' '${server}' "$@"\n`,
  );
  chmodSync(program, 0o755);
  return ok(program);
}
