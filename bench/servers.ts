/** Starts what a bench needs, each in a process of its own, and ends it. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Job, JobResult } from './load.ts';
import type { Variant } from './variants.ts';

export interface Running {
  name: string;
  origin: string;
  pid: number;
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Running> {
  const child = fork(path.join(import.meta.dirname, 'upstream.ts'));
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { name: 'upstream', origin: `http://127.0.0.1:${message.port}`, pid: child.pid ?? 0, stop: () => stop(child) };
}

export interface Generator {
  run(job: Job): Promise<JobResult>;
  stop(): Promise<void>;
}

export function startLoad(): Generator {
  const child = fork(path.join(import.meta.dirname, 'load.ts'));
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const gone = () => reject(new Error('The load generator has died; its output is above.'));
        child.once('exit', gone);
        child.once('message', (result) => {
          child.off('exit', gone);
          resolve(result as JobResult);
        });
        child.send(job);
      }),
    stop: () => stop(child),
  };
}

/** Starts a proxy and waits until `/healthz` answers 200. Throws with its output if it does not within 20 s. */
export async function startVariant(variant: Variant, upstream: string): Promise<Running> {
  const folder = mkdtempSync(path.join(tmpdir(), 'understudy-bench-'));
  const port = await freePort();
  const config = path.join(folder, 'understudy.yaml');
  writeFileSync(config, variant.config?.(upstream) ?? '');
  const places: Record<string, string> = { node: process.execPath, port: String(port), upstream, config, data: path.join(folder, 'data') };
  const [command = '', ...words] = variant.command.map((word) =>
    word.replaceAll(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole),
  );
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variant.environment } });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => (output += error.message));
  const origin = `http://127.0.0.1:${port}`;
  if (!(await isUp(origin, child))) {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
    throw new Error(
      `${variant.name} did not answer at ${origin}/healthz within 20 s. Command: ${[command, ...words].join(' ')}\n${output}`,
    );
  }
  return {
    name: variant.name,
    origin,
    pid: child.pid ?? 0,
    async stop() {
      await stop(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isUp(origin: string, child: ChildProcess): Promise<boolean> {
  const limit = performance.now() + 20_000;
  while (performance.now() < limit && child.exitCode === null) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Ephemeral ports start at 32768: one below is not taken by an outgoing connection meanwhile. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
