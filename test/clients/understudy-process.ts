import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ExchangeDetail, ExchangeSummary } from '../../src/journal/journal.ts';

/** An Understudy of its own, started as a user starts it. */
export interface UnderstudyProcess {
  /** `http://127.0.0.1:4141`. */
  address: string;
  /** Oldest first. */
  exchanges(): Promise<ExchangeSummary[]>;
  exchange(id: string): Promise<ExchangeDetail>;
  /** All that it has printed. */
  printed(): string;
  stop(): Promise<void>;
}

const START_TIMEOUT = 60_000;
/** After a request to end; then it is killed. */
const STOP_TIMEOUT = 5000;

/**
 * Starts `understudy start` with `config` (what understudy.yaml would say) in `folder`, on a free port. `environment` holds
 * all that it sees of ours. Rejects where it does not come up; the message has what it printed.
 */
export async function startUnderstudy(
  root: string,
  folder: string,
  config: unknown,
  environment: Record<string, string | undefined>,
): Promise<UnderstudyProcess> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'understudy.yaml');
  writeFileSync(file, stringify(config), { mode: 0o600 });
  const args = ['start', '--config', file, '--port', '0', '--data', join(folder, 'data'), '--no-drill'];
  const child = spawn(process.execPath, [join(root, 'bin', 'understudy'), ...args], {
    cwd: folder,
    // What runs on the machine of whoever tests is no part of it.
    env: { UNDERSTUDY_LOCAL: 'off', ...environment, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let printed = '';

  const address = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(late);
      child.kill('SIGKILL');
      reject(new Error(`Understudy did not start: ${why}\n${printed}`));
    };
    const late = setTimeout(() => fail(`no address after ${START_TIMEOUT / 1000} s`), START_TIMEOUT);
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const ready = /ready at (http:\/\/\S+)/.exec(printed);
      if (!ready) return;
      clearTimeout(late);
      resolve(ready[1]!);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`exit code ${code}`));
  });

  return {
    address,
    async exchanges() {
      const listed = (await getJson(`${address}/api/exchanges`)) as { exchanges: ExchangeSummary[] };
      return listed.exchanges.toReversed();
    },
    exchange: async (id) => (await getJson(`${address}/api/exchanges/${id}`)) as ExchangeDetail,
    printed: () => printed,
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(late);
    },
  };
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
