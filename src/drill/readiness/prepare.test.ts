import { expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../../failover/settings.ts';
import { makeWorld } from '../../failover/world.ts';
import type { World } from '../../failover/plan.ts';
import type { Opening } from '../../journal/entry.ts';
import type { Journal } from '../../journal/journal.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import { providersSettings } from '../../providers/settings.ts';
import { prepare } from './prepare.ts';

const DAY = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 10, 23);

function worldWith(routes: Record<string, unknown>): World {
  const one = { dialect: 'openai-chat', apiKey: 'k' };
  const found = resolveProviders(
    providersSettings.parse({
      lead: { ...one, baseUrl: 'http://lead.test/v1' },
      cheap: { ...one, baseUrl: 'http://cheap.test/v1', facts: { '*': { price: { input: 1, output: 2 } } } },
      dear: { ...one, baseUrl: 'http://dear.test/v1' },
      anthropic: { auth: 'client' },
    }),
    { environment: {}, home: '/nowhere', platform: 'linux' },
  );
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return makeWorld({
    providers: found.value.providers,
    simulated: new Map(),
    ownVendor: () => undefined,
    routes: routesSettings.parse(routes),
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse({}),
  });
}

/** An exchange that ended well. */
async function put(journal: Journal, id: string, text: string, more: Partial<Opening> & { body?: object } = {}): Promise<void> {
  const { body = {}, ...opening } = more;
  const request = { model: 'm', stream: true, messages: [{ role: 'user', content: text }], ...body };
  const log = journal.open(
    { id, at: NOW - DAY, dialect: 'openai-chat', model: 'm', route: 'default', stream: true, principal: 'local', save: true, ...opening },
    Buffer.from(JSON.stringify(request)),
  );
  const target = { provider: 'lead', model: 'm', credential: 'key', dialect: 'openai-chat' as const, vendor: 'lead' };
  log.append({ type: 'attempt', ordinal: 1, kind: 'first', target, native: true, losses: [], edits: [] });
  log.append({
    type: 'events',
    attempt: 1,
    events: [
      { type: 'start', id: 'a', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: `An answer to ${text}` } },
      { type: 'part-end', index: 0 },
    ],
  });
  log.append({
    type: 'attempt-end',
    ordinal: 1,
    outcome: { type: 'whole', mended: false },
    took: 900,
    headersAfter: 5,
    firstEventAfter: 9,
  });
  log.append({ type: 'end', outcome: { type: 'complete', finish: 'stop' }, usage: { input: 100, output: 20 } });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const WISH = { on: 'my-routes', sample: 12, budget: 0.5, time: 60_000 };

it('takes what may be asked again, of the last thirty days, and nothing else', async () => {
  const journal = memoryJournal({ clock: virtualClock(NOW), keepAfterEnd: 90 * DAY });
  await put(journal, 'x_01', 'a plain question');
  await put(journal, 'x_02', 'the same that was not kept', { save: false });
  await put(journal, 'x_03', 'too long ago', { at: NOW - 31 * DAY });
  await put(journal, 'x_04', 'for another route', { route: 'other' });
  await put(journal, 'x_05', 'write a title', {
    client: 'opencode/1.0',
    body: {
      messages: [
        { role: 'system', content: 'You are a title generator.' },
        { role: 'user', content: 'write a title' },
      ],
    },
  });
  await put(journal, 'x_06', 'to the deferred one', { runs: 'x_00' });
  await put(journal, 'x_07', 'several questions', { session: 's' });
  await put(journal, 'x_08', 'of one', { session: 's' });
  await put(journal, 'x_09', 'session', { session: 's' });
  const prepared = await prepare({ world: worldWith({ default: ['lead/*', 'cheap/n'] }), journal, now: NOW, alone: true }, WISH);
  if (!prepared.ok) throw new Error(prepared.error);
  const [route] = prepared.value.plan.routes;
  const titles = route!.prompts.map(({ title }) => title).toSorted();
  expect(titles.filter((title) => !/^(several|of one|session)/.test(title))).toEqual(['a plain question']);
  expect(titles).toHaveLength(3);
  expect(route!.dead).toEqual(['lead/m']);
  expect(prepared.value.plan.notes.join()).toContain('save: off');
});

it('leaves out whom the route does not admit, and who has no key; names whose price is not known', async () => {
  const journal = memoryJournal({ clock: virtualClock(NOW) });
  const world = worldWith({ default: { targets: ['lead/*', 'cheap/n', 'dear/d', 'anthropic/claude-x'], never: ['cheap'] } });
  const prepared = await prepare({ world, journal, now: NOW, alone: true }, WISH);
  if (!prepared.ok) throw new Error(prepared.error);
  const { routes, unpriced, notes } = prepared.value.plan;
  expect(routes[0]!.backups.map(({ target }) => target)).toEqual(['dear/d']);
  expect(routes[0]!.leftOut.map(({ target }) => target)).toEqual(['cheap/n', 'anthropic/claude-x']);
  expect(unpriced).toEqual(['dear/d']);
  expect(notes.join()).toContain('nothing was asked on it in the last thirty days');
});

it('rehearses the death of a lead that lives on its clients’ own login', async () => {
  const world = worldWith({ default: ['anthropic/*', 'cheap/n'] });
  const prepared = await prepare({ world, journal: memoryJournal({ clock: virtualClock(NOW) }), now: NOW, alone: true }, WISH);
  if (!prepared.ok) throw new Error(prepared.error);
  const [route] = prepared.value.plan.routes;
  expect(route!.dead).toEqual([`anthropic/${route!.model}`]);
  expect([route!.backups.map(({ target }) => target), route!.leftOut]).toEqual([['cheap/n'], []]);
});

it('rehearses the death of whom it is told: all of a provider, or one of its models', async () => {
  const journal = memoryJournal({ clock: virtualClock(NOW) });
  const world = worldWith({ default: ['lead/a', 'lead/b', 'cheap/n'], other: ['cheap/n', 'lead/a'] });
  const dead = async (lead?: string): Promise<string[][]> => {
    const prepared = await prepare({ world, journal, now: NOW, alone: true }, { ...WISH, ...(lead !== undefined && { lead }) });
    return prepared.ok ? prepared.value.plan.routes.map((route) => route.dead) : [];
  };
  expect(await dead()).toEqual([['lead/a'], ['cheap/n']]);
  expect(await dead('lead')).toEqual([['lead/a', 'lead/b'], ['lead/a']]);
  expect(await dead('lead/b')).toEqual([['lead/b']]);
  expect(await dead('nobody')).toEqual([]);
});

it('says what to do where there is no route, or none of that name', async () => {
  const journal = memoryJournal({ clock: virtualClock(NOW) });
  const none = await prepare({ world: worldWith({}), journal, now: NOW, alone: true }, WISH);
  expect(none).toMatchObject({ ok: false, error: expect.stringContaining('Write one') as string });
  const other = await prepare({ world: worldWith({ default: ['lead/a'] }), journal, now: NOW, alone: true }, { ...WISH, on: 'work' });
  expect(other).toMatchObject({ ok: false, error: expect.stringContaining("no route 'work'") as string });
});
