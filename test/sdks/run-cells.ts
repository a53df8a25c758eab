import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, type Json } from '../../src/exchange/json.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { Pace } from '../../src/sim/wire/pace.ts';
import { SCHEDULES } from '../matrix/judge.ts';
import { ANSWER_SCHEMA, BACKUP_KEY, callsTools, CLIENT_KEY, LEAD_KEY, PROMPTS } from '../matrix/question.ts';
import { DEADLINES, settingsOf } from '../sockets/house.ts';
import { startUnderstudy } from '../sockets/understudy.ts';
import type { SdkCell } from './cell.ts';
import type { Client, Told } from './clients/client.ts';

/**
 * `rescued`: as on a calm day. `kept`: some of several calls, each of them once, and an answer to those. `ended`: the client was told of a
 * failure, after calls that it had made once each.
 */
export interface Outcome {
  verdict: 'rescued' | 'kept' | 'ended' | 'broken';
  /** What differs from a calm day. */
  problems: string[];
}

/** Quick, but not in one piece. */
const BRISK: Pace = { headers: 5, firstToken: 5, perToken: 1, scale: 1 };
/** A conversation that takes longer than all of `DEADLINES` in a row hangs. */
const LIMIT = 40_000;
const HANGS = 'Error: it hangs';
/** Waiting for deadlines takes most of the time; more at once would make healthy answers late on a small machine. */
const LANES = 6;

/** Holds each cell's conversation, and one on a calm day for each of its forms to compare with. */
export async function runCells(client: Client, cells: readonly SdkCell[]): Promise<{ cell: SdkCell; outcome: Outcome }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-sdks-'));
  const sims: SimServer[] = [];
  const providers: Record<string, object> = {};
  const routes: Record<string, object> = {};
  async function place(name: string, dialect: DialectName, key: string, cell?: SdkCell): Promise<void> {
    const { fault, position, persistence = 'ever' } = cell?.condition ?? {};
    const faults = fault === undefined ? [] : [{ fault, schedule: SCHEDULES[persistence], ...(position && { position }) }];
    const sim = await startSim({ name, key, strict: true, pace: BRISK, faults });
    sims.push(sim);
    providers[name] = settingsOf(dialect, sim.url, key);
  }
  for (const [index, cell] of cells.entries()) {
    await place(`lead-${index}`, cell.lead, LEAD_KEY, cell);
    await place(`backup-${index}`, cell.backup, BACKUP_KEY);
    routes[`cell-${index}`] = [`lead-${index}/the-model`, `backup-${index}/the-other`];
  }
  const { sdk } = cells[0]!;
  await place('calm', sdk.wholeCallsOnly ? 'anthropic-messages' : sdk.dialect, LEAD_KEY);
  routes['calm'] = ['calm/the-model'];
  const understudy = await startUnderstudy({ folder, config: { deadlines: DEADLINES, providers, routes } });
  try {
    const expected = new Map<string, Promise<Held>>();
    const results: { cell: SdkCell; outcome: Outcome }[] = [];
    const queue = [...cells.entries()];
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [index, cell] = next;
        const form = `${cell.stream} ${cell.content}`;
        if (!expected.has(form)) expected.set(form, hold(client, cell, understudy.address, 'calm'));
        const wanted = await expected.get(form)!;
        const held = await hold(client, cell, understudy.address, `cell-${index}`);
        results.push({ cell, outcome: await judged(cell, wanted, held, understudy.address, `cell-${index}`) });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return results.toSorted((one, other) => cells.indexOf(one.cell) - cells.indexOf(other.cell));
  } catch (error) {
    throw new Error(`the run broke off; Understudy said: ${understudy.said().slice(-2000)}`, { cause: error });
  } finally {
    await understudy.stop();
    await Promise.all(sims.map((sim) => sim.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Held {
  told?: Told;
  raised?: string;
  executed: unknown[];
}

async function hold(client: Client, cell: SdkCell, address: string, model: string): Promise<Held> {
  const executed: unknown[] = [];
  const tool = {
    name: 'look_up',
    description: 'Looks a topic up.',
    schema: {
      type: 'object' as const,
      properties: { topic: { type: 'string' as const }, depth: { type: 'integer' as const } },
      required: ['topic'],
      additionalProperties: false as const,
    },
    run(args: unknown) {
      executed.push(args);
      return 'It is deep.';
    },
  };
  const prompt = PROMPTS[cell.content];
  const more = { ...(callsTools(cell.content) && { tool }), ...(cell.content === 'structured' && { schema: ANSWER_SCHEMA }) };
  const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('it hangs')), LIMIT).unref());
  try {
    const asked = client({ address, model, stream: cell.stream, prompt, key: CLIENT_KEY, ...more });
    return { told: await Promise.race([asked, late]), executed };
  } catch (error) {
    return {
      raised: error instanceof Error ? `${error.constructor.name}: ${error.message.slice(0, 300)}` : JSON.stringify(error),
      executed,
    };
  }
}

async function judged(cell: SdkCell, wanted: Held, held: Held, address: string, model: string): Promise<Outcome> {
  const found: string[] = [];
  const outcome = async (verdict: Outcome['verdict']): Promise<Outcome> =>
    verdict === 'rescued' ? { verdict, problems: [] } : { verdict, problems: [...found, await course(address, model)] };
  if (wanted.told === undefined) found.push(`even a calm day fails: ${wanted.raised}`);
  else if (wanted.told.text.trim() === '') found.push(`a calm day brings ${JSON.stringify(wanted.told)}`);
  if (found.length > 0) return outcome('broken');
  const once = onceEach(held.executed, wanted.executed);
  if (held.told === undefined) {
    found.push(`raised ${held.raised}`);
    return outcome(once && held.raised !== HANGS ? 'ended' : 'broken');
  }
  if (spoken(held.told) !== spoken(wanted.told!))
    found.push(`said ${JSON.stringify(held.told.text)} for ${JSON.stringify(wanted.told!.text)}`);
  if (held.told.stop !== wanted.told!.stop) found.push(`stopped with ${held.told.stop} for ${wanted.told!.stop}`);
  if (held.executed.length !== wanted.executed.length)
    found.push(`the tool ran ${held.executed.length} times for ${wanted.executed.length}`);
  const keeps = once && held.executed.length > 0 && held.executed.length < wanted.executed.length && held.told.stop === wanted.told!.stop;
  const asked = (await exchanges(address)).filter((exchange) => exchange.model === model).length;
  const turns = callsTools(cell.content) ? 2 : 1;
  if (asked !== turns) found.push(`asked ${asked} times for ${turns} turns: it retried`);
  if (found.length === 0) return outcome('rescued');
  return outcome(keeps && asked === turns ? 'kept' : 'broken');
}

/** None that was not asked for on a calm day, none twice. */
function onceEach(executed: readonly unknown[], wanted: readonly unknown[]): boolean {
  const left = wanted.map((args) => JSON.stringify(args));
  return executed.every((args) => {
    const place = left.indexOf(JSON.stringify(args));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}

/** LangChain gives Gemini a tool's result in an object of its own; Gemini looks into it, and whoever answers in its place quotes it. */
function spoken({ text }: Told): string {
  return text.replace(/\{"result":"(.*?)"\}/, '$1');
}

interface Listed {
  model: string;
  state: string;
  attempts: { target: string; outcome: string; fault?: string; message?: string }[];
}

async function exchanges(address: string): Promise<Listed[]> {
  const answer = (await fetch(`${address}/api/exchanges?limit=200`).then((response) => response.json())) as Json;
  const list = isObject(answer) ? answer.exchanges : answer;
  return Array.isArray(list) ? (list as unknown as Listed[]) : [];
}

/** What Understudy says of a conversation's exchanges. */
async function course(address: string, model: string): Promise<string> {
  const mine = (await exchanges(address)).filter((exchange) => exchange.model === model);
  return mine
    .map(({ state, attempts }) =>
      [
        state,
        ...attempts.map((attempt) => [attempt.target, attempt.outcome, attempt.fault, attempt.message].filter(Boolean).join(' ')),
      ].join(' < '),
    )
    .join('; ');
}
