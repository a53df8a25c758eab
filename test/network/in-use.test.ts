import { afterEach, expect, it } from 'vitest';
import { answering, HOSTS, KEY } from './answers.ts';
import { ask, aWhile, end, start } from './program.ts';
import { standIn, type StandIn } from './stand-in.ts';

let world: StandIn | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

it('with one provider its own status page is asked, and it itself when it is asked something', { timeout: 30_000 }, async () => {
  const arrived: string[] = [];
  world = await standIn(
    HOSTS,
    answering((what) => void arrived.push(what)),
  );
  const { address, program } = await start(world, {}, `providers: { anthropic: { apiKey: ${KEY} } }\nroutes: { default: [anthropic/*] }\n`);
  await expect.poll(async () => pagesOf(address), { timeout: 15_000 }).toEqual([['anthropic', 'fresh']]);
  await aWhile();
  expect(world.outgoing()).toEqual(['connect status.claude.com:443']);
  expect(await ask(address, 'claude-haiku-4-5')).toMatchObject({ content: [{ text: 'Good morning.' }] });
  await aWhile();
  await end(program);
  expect(world.outgoing()).toEqual(['connect status.claude.com:443', 'connect api.anthropic.com:443']);
  expect([...new Set(arrived)]).toEqual(['status.claude.com', 'api.anthropic.com with a key']);
});

it('a vendor whom only clients ask, with their own keys, is in use from then on', { timeout: 30_000 }, async () => {
  world = await standIn(
    HOSTS,
    answering(() => undefined),
  );
  const { address, program } = await start(world, {});
  await aWhile();
  expect(world.outgoing()).toEqual([]);
  expect(await ask(address, 'claude-haiku-4-5', KEY)).toMatchObject({ content: [{ text: 'Good morning.' }] });
  await expect.poll(async () => pagesOf(address), { timeout: 15_000 }).toEqual([['anthropic', 'fresh']]);
  await aWhile();
  await end(program);
  expect(world.outgoing()).toEqual(['connect api.anthropic.com:443', 'connect status.claude.com:443']);
});

async function pagesOf(address: string): Promise<unknown> {
  const response = await fetch(`${address}/api/board`);
  const { pages = [] } = (await response.json()) as { pages?: { page: string; state: string }[] };
  return pages.map(({ page, state }) => [page, state]);
}
