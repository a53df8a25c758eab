import { beforeEach, expect, it } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { AskLocal, NoAnswer } from './ask.ts';
import { createLocals, type Locals, type LocalView } from './locals.ts';

/** What answers at each port: the names of the models of a vLLM, or why nobody does. */
let ports: Record<string, string[] | NoAnswer>;
let asked: string[];
let changes: LocalView[];
let clock: ReturnType<typeof virtualClock>;
let locals: Locals;

const ask: AskLocal = (url) => {
  asked.push(url);
  const { port, pathname } = new URL(url);
  const there = ports[port] ?? 'nobody';
  if (typeof there === 'string') return Promise.resolve(err(there));
  const data = there.map((id) => ({ id, object: 'model', owned_by: 'vllm', max_model_len: 8192 }));
  const json: JsonObject = pathname === '/v1/models' ? { object: 'list', data } : {};
  return Promise.resolve(ok({ status: pathname === '/v1/models' ? 200 : 404, headers: {}, json }));
};
const place = (port: number) => ({ baseUrl: `http://127.0.0.1:${port}/v1`, named: false });

beforeEach(() => {
  [ports, asked, changes] = [{}, [], []];
  clock = virtualClock();
  locals = createLocals(ask, clock, (view) => void changes.push(view));
});

const pass = (milliseconds: number): Promise<void> => clock.advance(milliseconds);
const names = (): string[] => locals.view().services.flatMap(({ models }) => models.map(({ name }) => name));

it('looks at once, then ever more seldom; tells only of what has changed', async () => {
  locals.begin([place(8000), place(1234)]);
  expect(asked).toHaveLength(2);
  await pass(3_600_000);
  const looks = asked.length / 2;
  expect(looks).toBeGreaterThan(12);
  expect(looks).toBeLessThan(20);
  expect(changes).toEqual([]);
});

it('sees a service come, change and go', async () => {
  locals.begin([place(8000)]);
  await pass(60_000);
  ports['8000'] = ['a'];
  await pass(300_000);
  expect([names(), changes.length]).toEqual([['a'], 1]);
  ports['8000'] = ['a', 'b'];
  await pass(60_000);
  expect([names(), changes.length]).toEqual([['a', 'b'], 2]);
  ports['8000'] = 'nobody';
  await pass(60_000);
  expect([names(), changes.length]).toEqual([[], 3]);
});

it('a service that is too busy to answer is still there', async () => {
  ports['8000'] = ['a'];
  locals.begin([place(8000)]);
  await pass(1000);
  ports['8000'] = 'silent';
  await pass(400_000);
  expect([names(), locals.view().strangers, changes.length]).toEqual([['a'], [], 1]);
  ports['8000'] = 'cut-off';
  await pass(400_000);
  expect(names()).toEqual([]);
});

it('looks at once where that is urgent, and not again and again', async () => {
  locals.begin([place(8000)]);
  await pass(600_000);
  const before = asked.length;
  locals.hasten();
  locals.hasten();
  await pass(2000);
  locals.hasten();
  expect(asked.length).toBe(before + 1);
});

it('looks elsewhere from a reload on, and nowhere where that is off', async () => {
  ports = { '8000': ['a'], '9000': ['b'] };
  locals.begin([place(8000)]);
  // The second begins while the first is under way: what that finds counts no more.
  locals.begin([place(9000)]);
  await pass(1000);
  expect(names()).toEqual(['b']);
  locals.begin([]);
  await pass(1_000_000);
  expect([names(), changes.length]).toEqual([[], 2]);
  const after = asked.length;
  locals.hasten();
  await pass(1_000_000);
  expect(asked.length).toBe(after);
});

it('after its end it asks nobody', async () => {
  locals.begin([place(8000)]);
  locals.close();
  ports['8000'] = ['a'];
  await pass(1_000_000);
  expect([asked.length, changes]).toEqual([1, []]);
});
