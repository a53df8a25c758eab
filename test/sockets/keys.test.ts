import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, parseObject } from '../../src/exchange/json.ts';
import { openReader } from '../../src/journal/reader.ts';
import { BACKUP_KEY, CLIENT_KEY, LEAD_KEY, PROMPTS } from '../matrix/question.ts';
import { codec } from '../matrix/run-cell.ts';
import { filesIn, findSecrets, type Place } from './canary.ts';
import { type House, openHouse } from './house.ts';
import { experience, FLOWING } from './run-cell.ts';
import { pairwiseCells, type SocketCell, socketCellName } from './socket-cell.ts';
import { several } from './tally.ts';
import { runUnderstudy } from './understudy.ts';

(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

const TOKEN = 'token-canary-5e0c1b7a9d';
const SECRETS = { client: CLIENT_KEY, lead: LEAD_KEY, backup: BACKUP_KEY, token: TOKEN };
const SERVER = { server: { token: TOKEN, closeWait: '1s' }, journal: { keepAfterEnd: '500ms' } };
const SHOW_TOKEN = { 'x-understudy-token': TOKEN };

/** A good part of the socket matrix: every 12th cell that ends within seconds. */
const cells = pairwiseCells(7).filter((cell, index) => index % 12 === 2 && !FLOWING.has(cell.fault.id));

/** Asks every cell's question and gathers what the clients could see. */
async function askAll(house: House, asked: readonly SocketCell[]): Promise<Place[]> {
  const places: Place[] = [];
  await several(asked.length, 24, async (index) => {
    const met = await experience(house, index, asked[index]!, SHOW_TOKEN);
    places.push({ name: `client of ${socketCellName(asked[index]!)}`, content: met.visible });
  });
  return places;
}

async function get(house: House, path: string, headers: Record<string, string> = SHOW_TOKEN): Promise<Place> {
  const response = await fetch(`${house.understudy.address}${path}`, { headers });
  return { name: path, content: JSON.stringify([...response.headers]) + (await response.text()) };
}

/** Everything that the server says about itself and about what it has done. */
async function askServer(house: House): Promise<{ places: Place[]; exchanges: number }> {
  const paths = ['/', '/healthz', '/metrics', '/api/status', '/api/config', '/api/openapi.json', '/v1/models', '/nowhere'];
  const places = await Promise.all(paths.map((path) => get(house, path)));
  places.push(await get(house, '/api/status', { 'x-understudy-token': `${TOKEN}-wrong` }), await get(house, '/api/status', {}));
  let exchanges = 0;
  let query = 'limit=50';
  for (;;) {
    const listed = parseObject(await (await fetch(`${house.understudy.address}/api/exchanges?${query}`, { headers: SHOW_TOKEN })).text());
    places.push({ name: '/api/exchanges', content: JSON.stringify(listed) });
    const page = listed?.['exchanges'];
    for (const exchange of Array.isArray(page) ? page.filter(isObject) : []) {
      exchanges += 1;
      places.push(
        await get(house, `/api/exchanges/${String(exchange['id'])}`),
        await get(house, `/api/exchanges/${String(exchange['id'])}/events`),
      );
    }
    if (typeof listed?.['next'] !== 'string') return { places, exchanges };
    query = `limit=50&before=${listed['next']}`;
  }
}

/** The journal's files as they lie there, and what its reader makes of them (the record is compressed). */
function readJournal(house: House): { places: Place[]; exchanges: number } {
  const { data } = house.understudy;
  const places = filesIn(data);
  const reader = openReader(data, { stream: (name) => codec(name).decoder(), whole: () => [] });
  if (!reader.ok) throw new Error(reader.error);
  const listed = reader.value.list({ limit: 10_000 });
  for (const { id } of listed) {
    places.push({ name: `detail of ${id}`, content: JSON.stringify(reader.value.get(id)) });
    const bytes = reader.value
      .entries(id)
      ?.map(({ entry }) => (entry.type === 'bytes' ? entry.bytes.toString('utf8') : JSON.stringify(entry)));
    places.push({ name: `entries of ${id}`, content: bytes?.join('') ?? '' });
  }
  reader.value.close();
  return { places, exchanges: listed.length };
}

describe('keys go to their own provider and nowhere else', () => {
  let house: House;
  const places: Place[] = [];
  const counts = { api: 0, journal: 0 };

  beforeAll(async () => {
    house = await openHouse(cells, { config: SERVER });
    places.push(...(await askAll(house, cells)));
    const told = await askServer(house);
    places.push(...told.places);
    counts.api = told.exchanges;
    places.push(...filesIn(house.understudy.data).map(({ name, content }) => ({ name: `while running: ${name}`, content })));
    const options = { folder: house.folder, config: { ...house.config, server: { ...SERVER.server, port: house.understudy.port } } };
    const commands = ['status', 'status --json', 'doctor', 'doctor --json', 'config print', 'config validate'];
    // At the same time: the doctor waits ten seconds for providers that never answer.
    const said = await Promise.all(commands.map((command) => runUnderstudy(command.split(' '), options)));
    places.push(...commands.map((name, index) => ({ name, content: said[index]!.said })));
    await house.understudy.stop();
    const kept = readJournal(house);
    places.push(...kept.places);
    counts.journal = kept.exchanges;
    places.push({ name: 'log', content: house.understudy.said() });
  }, 120_000);
  afterAll(() => house.close());

  it('no client, log, error, answer of the control API, command or file of the journal has any of them', () => {
    expect(findSecrets(places, SECRETS)).toEqual([]);
  });

  it('looked at everything', () => {
    expect(cells.length).toBeGreaterThan(80);
    expect(counts.api).toBeGreaterThan(cells.length - 5);
    expect(counts.journal).toBeGreaterThan(cells.length - 5);
    expect(places.filter(({ name }) => name.startsWith('while running: log/')).length).toBeGreaterThan(0);
    // What was said is there, so a key would have been found as well.
    for (const name of ['entries of ', 'client of ', '/api/exchanges/x_'])
      expect(
        findSecrets(
          places.filter((place) => place.name.startsWith(name)),
          { said: 'simulated' },
        ).length,
      ).toBeGreaterThan(50);
    expect(places.find(({ name }) => name === 'status')?.content).toContain(house.understudy.address);
    expect(places.find(({ name }) => name === 'doctor')?.content).toContain('lead-0');
  });

  it('each provider has seen its own key and no other', () => {
    const shown = (sims: ReturnType<House['leads']>): Place[] =>
      sims.flatMap((sim) =>
        sim.requests().map((request) => ({ name: `${request.method} ${request.path}`, content: JSON.stringify(request) })),
      );
    // The doctor looks whether a provider can be reached without showing it a key.
    const questions = (requests: Place[]): Place[] => requests.filter(({ name }) => name.startsWith('POST'));
    const [leads, backups] = [shown(house.leads()), shown(house.backups())];
    expect(findSecrets(leads, { lead: LEAD_KEY }).length).toBe(questions(leads).length);
    expect(findSecrets(backups, { backup: BACKUP_KEY }).length).toBe(questions(backups).length);
    expect(findSecrets(leads, { client: CLIENT_KEY, backup: BACKUP_KEY, token: TOKEN })).toEqual([]);
    expect(findSecrets(backups, { client: CLIENT_KEY, lead: LEAD_KEY, token: TOKEN })).toEqual([]);
  });
});

describe('save: off', () => {
  const asked = cells.filter((_, index) => index % 3 === 0);

  async function contentKept(route: object): Promise<{ found: string[]; exchanges: number; asked: number }> {
    const house = await openHouse(asked, { config: SERVER, route });
    try {
      await askAll(house, asked);
      const said = asked.map(({ content }) => PROMPTS[content].slice(0, 20));
      const running = filesIn(house.understudy.data);
      await house.understudy.stop();
      const kept = readJournal(house);
      const places = [...running, ...kept.places, { name: 'log', content: house.understudy.said() }];
      // Every simulated answer and call says so of itself.
      const canaries = Object.fromEntries([...new Set(said), 'simulated assistant', 'look_up'].map((text) => [text, text]));
      return { found: findSecrets(places, canaries), exchanges: kept.exchanges, asked: asked.length };
    } finally {
      await house.close();
    }
  }

  it('keeps nothing of what was asked and answered, wherever it failed', { timeout: 120_000 }, async () => {
    const { found, exchanges, asked: count } = await contentKept({ save: 'off' });
    expect(found).toEqual([]);
    expect(exchanges).toBeGreaterThan(count - 5);
  });

  it('would be noticed', { timeout: 120_000 }, async () => {
    const { found } = await contentKept({});
    expect(found.length).toBeGreaterThan(asked.length);
  });
});
