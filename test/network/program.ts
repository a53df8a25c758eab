import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StandIn } from './stand-in.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Milliseconds in which whoever else would be asked has had the time to be: first looks at pages are within seconds of each other. */
const A_WHILE = 2500;

export const aWhile = (): Promise<void> => new Promise((done) => setTimeout(done, A_WHILE));

/** Starts the program as its user does, and waits until it serves. */
export async function start(
  world: StandIn,
  environment: Record<string, string>,
  config?: string,
): Promise<{ address: string; program: ChildProcess }> {
  if (config !== undefined) writeFileSync(join(world.folder, 'understudy.yaml'), config);
  const program = world.node([MAIN, 'start', '--port', '0', '--no-drill', '--data', join(world.folder, 'data')], environment);
  let said = '';
  program.stderr!.on('data', (chunk) => (said += String(chunk)));
  return new Promise((done, wrong) => {
    program.once('exit', () => wrong(new Error(said)));
    program.stdout!.on('data', (chunk) => {
      said += String(chunk);
      const address = /Serving at (http:\S+?);/.exec(said)?.[1];
      if (address !== undefined) done({ address, program });
    });
  });
}

export async function end(program: ChildProcess): Promise<void> {
  program.kill('SIGTERM');
  await once(program, 'exit');
}

/** As a client does; with a key of its own where it has one. */
export async function ask(address: string, model: string, key?: string): Promise<unknown> {
  const response = await fetch(`${address}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...(key !== undefined && { 'x-api-key': key }) },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return response.json();
}
