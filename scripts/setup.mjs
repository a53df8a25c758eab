// Runs before `npm start` and `npm test` and makes a fresh clone ready: installs the packages that package-lock.json names,
// once, among them Node 26 for machines with an older one. Any Node from 18 on runs it; it needs no packages itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');

if (!installed()) install();
checkNode();

/** npm writes node_modules/.package-lock.json last; what it lists is what is there. Optional packages may be for other machines. */
function installed() {
  const present = packages(join(modules, '.package-lock.json'));
  if (!present) return false;
  const wanted = packages(join(root, 'package-lock.json'));
  if (!wanted) return true;
  return Object.keys(wanted).every((path) => {
    if (path === '' || wanted[path].link) return true;
    if (present[path]) return present[path].version === wanted[path].version;
    return wanted[path].optional === true && path !== bundledNodePath();
  });
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function bundledNodePath() {
  return `node_modules/node-${process.platform}-${process.arch}`;
}

function install() {
  process.stdout.write('Understudy: installing its packages, once (half a minute or so) …\n');
  const started = Date.now();
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const result = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && npm.length === 1,
    // Development packages are needed to test; a machine-wide NODE_ENV=production would leave them out.
    env: { ...process.env, NODE_ENV: '', npm_config_omit: '' },
  });
  if (result.status === 0) {
    process.stdout.write(`Understudy: ready after ${Math.round((Date.now() - started) / 1000)} s.\n`);
    return;
  }
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? result.error.message : ''}`;
  fail(`The packages could not be installed: ${advice(output)}`, output.trim().split('\n').slice(-12).join('\n'));
}

function advice(output) {
  if (/ENOENT/.test(output) && /spawn/.test(output)) return 'npm was not found. It comes with Node; see https://nodejs.org.';
  if (/ENOSPC/.test(output)) return 'the disk is full. Free about 500 MB and run the same command again.';
  if (/EACCES|EPERM|EROFS/.test(output)) return `this user may not write to ${root}. Check who owns the folder.`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output))
    return 'the npm registry was not reached. Check the network (or HTTPS_PROXY) and run the same command again; it is only needed this once.';
  if (/EUSAGE/.test(output)) return 'package-lock.json and package.json disagree. Run `npm install` and commit the lockfile.';
  return 'npm said this:';
}

/** npm puts node_modules/.bin first on the path of its scripts, so what runs next is the Node from there, if it runs at all. */
function checkNode() {
  if (major(process.version) >= OLDEST_NODE) return;
  const bundled = join(modules, '.bin', 'node');
  if (existsSync(bundled)) {
    const answer = spawnSync(bundled, ['--version'], { encoding: 'utf8' });
    if (answer.status === 0 && major(answer.stdout) >= OLDEST_NODE) return;
    // For instance on Alpine: the binary wants glibc. A Node that cannot start must not stand first on the path.
    rmSync(bundled, { force: true });
  }
  fail(
    `Understudy needs Node ${OLDEST_NODE} or newer; this is ${process.version} on ${process.platform}-${process.arch}, and no newer one comes along for this kind of machine.`,
    'Install a current Node from https://nodejs.org (or `brew install node`, `nvm install --lts`, `apk add nodejs-current`) and run the same command again.',
  );
}

function major(version) {
  return Number(version.replace(/^v/, '').split('.')[0]);
}

function fail(message, detail) {
  process.stderr.write(`\n${message}\n${detail ? `${detail}\n` : ''}`);
  process.exit(1);
}
