import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HubProcess {
  address: string;
  pid: number;
  folder: string;
  /** Its exit code. `keep`: its folder stays. */
  stop(keep?: 'keep'): Promise<number | null>;
}

/** A hub as people start it, in a process of its own, with as little work as there can be. */
export async function startHubProcess(words: readonly string[] = [], folder?: string): Promise<HubProcess> {
  const data = folder ?? mkdtempSync(join(tmpdir(), 'understudy-hub-'));
  const root = join(import.meta.dirname, '../../../..');
  const all = ['bin/understudy', 'hub', '--port', '0', '--data', data, '--work', '4', '--trusted-proxy', '127.0.0.1', ...words];
  const child = spawn(process.execPath, all, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    const hear = (piece: Buffer): void => {
      said += piece.toString();
      const found = /ready at (\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`The hub did not start: ${said}`)));
  });
  return {
    address,
    pid: child.pid!,
    folder: data,
    async stop(keep) {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      if (keep === undefined) rmSync(data, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}
