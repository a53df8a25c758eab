import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { USUAL_PORTS } from '../../src/providers/local/settings.ts';
import { answering, HOSTS, KEY } from './answers.ts';
import { ask, aWhile, end, start } from './program.ts';
import { standIn, type StandIn } from './stand-in.ts';

/** docs/promises.md: who is asked by the real program, and nobody else. */

let world: StandIn | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describe('who is asked by a default start', { timeout: 30_000 }, () => {
  it('with the simulated assistants alone: nobody', async () => {
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const { address, program } = await start(world, {});
    expect(await ask(address, 'sim/claude')).toMatchObject({ type: 'message' });
    await aWhile();
    await end(program);
    expect(world.outgoing()).toEqual([]);
  });

  it('with keys that merely lie in the environment: nobody', async () => {
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const { program } = await start(world, {
      ANTHROPIC_API_KEY: KEY,
      OPENAI_API_KEY: 'sk-not-a-real-one',
      OPENROUTER_API_KEY: 'sk-or-not-a-real-one',
    });
    await aWhile();
    await end(program);
    expect(world.outgoing()).toEqual([]);
  });

  it('on this machine: the ports of local models that docs/local-models.md names, and no others; nobody where that is switched off', async () => {
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const page = readFileSync(new URL('../../docs/local-models.md', import.meta.url), 'utf8');
    const found = await start(world, {}, 'local: { ports: [9] }\n');
    await aWhile();
    await end(found.program);
    expect(world.here()).toEqual([...USUAL_PORTS, 9].map((port) => `127.0.0.1:${port}`).toSorted());
    for (const port of USUAL_PORTS) expect(page).toContain(`| ${port} |`);
    expect(world.outgoing()).toEqual([]);
    await world.close();
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const { program } = await start(world, {}, 'local: { find: off }\n');
    await aWhile();
    await end(program);
    expect([world.here(), world.outgoing()]).toEqual([[], []]);
  });

  it('with that switched off: nobody', async () => {
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const { program } = await start(
      world,
      {},
      `providers: { anthropic: { apiKey: ${KEY} } }\nroutes: { default: [anthropic/*] }\nwatch: { enabled: off }\n`,
    );
    await aWhile();
    await end(program);
    expect(world.outgoing()).toEqual([]);
  });
});

describe('the check itself', { timeout: 30_000 }, () => {
  it('sees connections and names, by whatever they are reached and from every thread', async () => {
    world = await standIn(
      HOSTS,
      answering(() => undefined),
    );
    const program = join(world.folder, 'program.mjs');
    const undici = import.meta.resolve('undici');
    const source = `
      import https from 'node:https';
      import { connect } from 'node:net';
      import { connect as secure } from 'node:tls';
      import { lookup } from 'node:dns/promises';
      import { Worker, isMainThread } from 'node:worker_threads';
      import { request } from '${undici}';
      const end = isMainThread ? 'main' : 'worker';
      await fetch('https://fetch.' + end + '.invalid/').catch(() => {});
      await request('https://undici.' + end + '.invalid/').catch(() => {});
      await new Promise((done) => https.get('https://https.' + end + '.invalid/').on('error', done));
      await new Promise((done) => connect(80, 'net.' + end + '.invalid').on('error', done).on('connect', done));
      await new Promise((done) => secure({ host: 'tls.' + end + '.invalid', port: 443 }).on('error', done).on('secureConnect', done));
      await lookup('name.' + end + '.invalid').catch(() => {});
      const here = await fetch('http://127.0.0.1:9/').catch(() => {});
      if (isMainThread) new Worker(new URL(import.meta.url)).on('exit', () => process.exit());
      else process.exit();
    `;
    writeFileSync(program, source);
    await once(world.node([program]), 'exit');
    const seen = (end: string): string[] => [
      ...['fetch', 'undici', 'https'].map((name) => `connect ${name}.${end}.invalid:443`),
      `connect net.${end}.invalid:80`,
      `connect tls.${end}.invalid:443`,
      `name name.${end}.invalid`,
    ];
    expect(world.outgoing()).toEqual([...seen('main'), ...seen('worker')]);
  });
});
