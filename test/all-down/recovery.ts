import type { ExchangeSummary } from '../../src/journal/journal.ts';
import type { House } from './house.ts';

/** What came after everybody was well again. Times in milliseconds from then on. */
export interface Recovery {
  /** Requests that were kept. */
  jobs: number;
  /** Requests that providers were sent. */
  asked: number;
  first: number;
  within: number;
  /** Most of them within any second. */
  busiest: number;
  problems: string[];
}

/** Longer than the queue's longest pause between two tries. */
const LONGEST = 6 * 60_000;
/** Nothing new is kept for so long: all that hold on are kept. */
const QUIET = 3000;

/** Waits until nobody is asked any more and nothing more comes to be kept. */
export async function settled(house: House): Promise<void> {
  let last = -1;
  let since = Date.now();
  for (;;) {
    const { deferred, running } = await status(house);
    if (deferred !== last || running > 0) [last, since] = [deferred, Date.now()];
    if (Date.now() - since > QUIET) return;
    await pause(200);
  }
}

/** Ids of all that is kept. */
export async function kept(house: House): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const before = ids.length === 0 ? '' : `&before=${ids.at(-1)!}`;
    const page = await get<{ exchanges: ExchangeSummary[] }>(house, `/api/exchanges?state=deferred&limit=200${before}`);
    ids.push(...page.exchanges.map(({ id }) => id));
    if (page.exchanges.length < 200) return ids;
  }
}

/** Waits until all of it has been answered, and looks whether it has been. */
export async function drained(house: House, ids: readonly string[]): Promise<Recovery> {
  const began = Date.now();
  while ((await status(house)).deferred > 0 && Date.now() - began < LONGEST) await pause(200);
  const within = Date.now() - began;
  const asked = house.asked();
  const problems: string[] = [];
  for (const id of ids) {
    const { state, text } = await get<{ state: string; text?: string }>(house, `/api/exchanges/${id}`);
    const answer = await fetch(`${house.understudy.address}/api/exchanges/${id}/answer`);
    const told = await answer.text();
    if (state !== 'answered') problems.push(`${id}, which was kept, is ${state} ${Math.round(within / 1000)} s after recovery`);
    else if (answer.status !== 200 || (text ?? '').length < 20 || told.length < 20)
      problems.push(`the archive lacks the answer of ${id}: ${told.slice(0, 200)}`);
  }
  const busiest = Math.max(0, ...asked.map((at) => asked.filter((other) => other >= at && other < at + 1000).length));
  return { jobs: ids.length, asked: asked.length, first: asked[0] ?? 0, within, busiest, problems };
}

async function status(house: House): Promise<{ deferred: number; running: number }> {
  return get(house, '/api/status');
}

async function get<Answer>(house: House, path: string): Promise<Answer> {
  return (await (await fetch(`${house.understudy.address}${path}`)).json()) as Answer;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
