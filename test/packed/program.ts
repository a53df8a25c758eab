import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Place, type Ran, runIn } from './place.ts';
import type { Check } from './run.ts';

/** Milliseconds until a started Understudy has to have said where it is; a cold start of an installed one takes about one second. */
const START = 30_000;

/** The program as it was installed: every command, a server, a simulated answer, a drill. */
export async function programChecks(place: Place, version: string, check: Check): Promise<void> {
  const understudy = (...args: string[]): Promise<Ran> => runIn(place, ['npx', '--no-install', 'understudy', ...args]);
  const named = await understudy('--version');
  check(
    'npx understudy --version',
    named.code === 0 && named.out.trim() === version ? [] : [`exit code ${named.code}: ${named.out}${named.errors}`],
  );

  const help = await understudy('--help');
  const commands = [...help.out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((match) => match[1]!);
  check(
    `--help names ${commands.length} commands`,
    commands.includes('start') && commands.includes('doctor') ? [] : [help.out, help.errors],
  );
  const silent: string[] = [];
  for (const command of commands) {
    const page = await understudy(command, '--help');
    if (page.code !== 0 || !page.out.includes('EXAMPLES')) silent.push(`${command} --help: exit code ${page.code}: ${page.errors}`);
  }
  check('each command has a page of help', silent);
  const lists: [string[], string][] = [
    [['login', '--list'], 'ANTHROPIC_API_KEY'],
    [['run', '--list'], 'claude'],
    [['drill', '--faults'], 'error-event'],
    [['doctor', '--data', join(place.folder, 'data')], 'data folder'],
    [['config', 'validate'], ''],
  ];
  for (const [args, said] of lists) {
    const ran = await understudy(...args);
    check(
      `understudy ${args.slice(0, 2).join(' ')}`,
      ran.code <= 1 && ran.out.includes(said) ? [] : [`exit code ${ran.code}`, ran.out, ran.errors],
    );
  }
  await serverChecks(place, check);
  const drill = await understudy('drill', '--script', 'first-look', '--json');
  check('understudy drill: a rehearsed outage', drill.code === 0 ? [] : [`exit code ${drill.code}`, drill.errors]);
}

async function serverChecks(place: Place, check: Check): Promise<void> {
  const child = spawn(join(place.folder, 'node_modules', '.bin', 'understudy'), ['start', '--port', '0', '--no-drill'], {
    cwd: place.folder,
    env: place.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  try {
    const address = await Promise.race([
      readyAt(child.stdout),
      ended.then(() => undefined),
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), START).unref()),
    ]);
    if (!check('understudy start --port 0', address === undefined ? ['it did not become ready', errors] : [])) return;
    const health = await fetch(`${address}/healthz`);
    check('/healthz', health.status === 200 ? [] : [`status ${health.status}`]);
    const answer = await fetch(`${address}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sim/claude', max_tokens: 500, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const text = await answer.text();
    const id = answer.headers.get('x-understudy-exchange') ?? '';
    check('a simulated answer', answer.status === 200 && text.includes('event: message_stop') ? [] : [`status ${answer.status}`, text]);
    const status = await runIn(place, ['npx', '--no-install', 'understudy', 'status', '--json']);
    check(
      'understudy status finds it, on whatever port',
      status.code === 0 && status.out.includes(address!) ? [] : [status.out, status.errors],
    );
    const saved = (await (await fetch(`${address}/api/exchanges?limit=5`)).json()) as { exchanges: { id: string }[] };
    const { journal } = JSON.parse(status.out || '{}') as { journal?: { type: string; record?: unknown } };
    check(
      'it is in the record',
      saved.exchanges.some((exchange) => exchange.id === id) && journal?.type === 'saving' ? [] : [JSON.stringify({ saved, journal })],
    );
  } finally {
    child.kill('SIGTERM');
    const code = await ended;
    check('it ends when it is told to', code === 0 ? [] : [`exit code ${code}`, errors]);
    check('it has complained of nothing', errors === '' ? [] : [errors]);
  }
}

async function readyAt(output: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface(output)) {
    const address = /ready at (http:\/\/\S+)/.exec(line)?.[1];
    // Whatever follows has to be read too, or the program waits for it.
    if (address !== undefined) return (output.resume(), address);
  }
  return undefined;
}
