import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { answering, HOSTS, KEY } from './answers.ts';
import { standIn, type StandIn } from './stand-in.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
let world: StandIn | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** A command where no server runs: what it says, and whom it reaches. */
async function run(words: string[], config: string, arrived: string[] = []): Promise<{ code: number; out: string; outgoing: string[] }> {
  world = await standIn(
    HOSTS,
    answering((what) => void arrived.push(what)),
  );
  // Nothing listens there.
  writeFileSync(join(world.folder, 'understudy.yaml'), `server: { port: 1 }\n${config}`);
  const program = world.node([MAIN, ...words, '--data', join(world.folder, 'data')]);
  let out = '';
  for (const stream of [program.stdout!, program.stderr!]) stream.on('data', (chunk) => (out += String(chunk)));
  const [code] = (await once(program, 'close')) as [number];
  return { code, out, outgoing: world.outgoing() };
}

const CONFIGURED = `providers: { anthropic: { apiKey: ${KEY} }, openai: { apiKey: ${KEY} } }\nroutes: { default: [anthropic/*] }\n`;

it('check asks the page of what it is asked about, without a key, and says that it knows no more', async () => {
  const arrived: string[] = [];
  const { code, out, outgoing } = await run(['check', 'claude api'], CONFIGURED, arrived);
  expect(outgoing).toEqual(['connect status.claude.com:443']);
  expect([...new Set(arrived)]).toEqual(['status.claude.com']);
  expect(out).toContain('No Understudy runs here');
  expect([code, out]).toEqual([0, expect.stringContaining('Go ahead')]);
}, 20_000);

it('board asks the pages of what is configured; what can not be read is unknown', async () => {
  const { code, out, outgoing } = await run(
    ['board'],
    `providers: { anthropic: { apiKey: ${KEY} } }\nroutes: { default: [anthropic/*] }\n`,
  );
  expect(outgoing).toEqual(['connect status.claude.com:443']);
  expect([code, out]).toEqual([0, expect.stringMatching(/Claude API +operational/)]);
}, 20_000);

it('nobody is asked with that switched off, or with nothing configured', async () => {
  const off = await run(['check', 'claude api'], `${CONFIGURED}watch: { enabled: off }\n`);
  expect([off.code, off.outgoing]).toEqual([1, []]);
  expect(off.out).toContain('no status page to read');
  await world!.close();
  expect((await run(['board'], '')).outgoing).toEqual([]);
}, 20_000);
