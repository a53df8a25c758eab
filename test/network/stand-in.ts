import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../../src/sim/certificate.ts';

/** The outside world, as far as a test has one: whatever a program wants to reach beyond this machine ends here, and is written down. */
export interface StandIn {
  /** A folder of the test's own, which is also the programs' home. */
  folder: string;
  /** `connect api.anthropic.com:443`, `name api.anthropic.com`: each once, in the order in which they came. */
  outgoing(): string[];
  /** `127.0.0.1:11434`: what was reached on this machine, each once, sorted. */
  here(): string[];
  /** Starts a program of Node's. Its environment has nothing of ours. */
  node(args: readonly string[], environment?: Record<string, string>): ChildProcess;
  close(): Promise<void>;
}

const RECORDER = fileURLToPath(new URL('./record-outgoing.mjs', import.meta.url));
const DAY = 86_400_000;

/** Answers over HTTPS in the place of `hosts`; what is to be reached elsewhere finds a certificate that is not its own. */
export async function standIn(hosts: readonly [string, ...string[]], answer: RequestListener): Promise<StandIn> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-network-'));
  const file = join(folder, 'outgoing');
  const reached = join(folder, 'here');
  const authority = join(folder, 'authority.pem');
  const { key, cert } = selfSigned(hosts, Date.now() - DAY, Date.now() + DAY);
  writeFileSync(authority, cert);
  mkdirSync(join(folder, 'home'));
  const server = createServer({ key, cert }, answer);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const children: ChildProcess[] = [];

  return {
    folder,
    outgoing: () => linesOf(file),
    here: () => linesOf(reached).toSorted(),
    node(args, environment = {}) {
      const child = spawn(process.execPath, ['--import', RECORDER, ...args], {
        env: {
          PATH: process.env['PATH'],
          HOME: join(folder, 'home'),
          NODE_EXTRA_CA_CERTS: authority,
          UNDERSTUDY_TEST_OUTGOING: file,
          UNDERSTUDY_TEST_HERE: reached,
          UNDERSTUDY_TEST_STAND_IN: String(port),
          ...environment,
        },
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      return child;
    },
    async close() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function linesOf(file: string): string[] {
  return [...new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])];
}
