import { isObject, parseObject } from '../../src/exchange/json.ts';
import type { Reading } from '../../src/drill/wire-reader.ts';
import { type Experience, THOUGHT } from '../matrix/run-cell.ts';
import { judge, type Verdict } from '../matrix/judge.ts';
import { askWith } from './clients/ask.ts';
import type { View } from './clients/view.ts';
import { type House, SHOWN_KEY } from './house.ts';
import type { SocketCell } from './socket-cell.ts';
import { type Tap, tap } from './tap.ts';

/** A client that has heard nothing final for so many milliseconds hangs: longer than all of `DEADLINES` in a row, retries and hops included. */
const LIMIT = 25_000;
/** What keeps coming is no hang, however slowly: a long answer with a piece every 400 ms, or the same words until they are found to be a runaway. */
const FLOWING_LIMIT = 360_000;
export const FLOWING: ReadonlySet<string> = new Set(['drip-events', 'runaway-endless']);

export interface SocketExperience extends Experience {
  view: View;
  /** `x-understudy-exchange`. */
  exchange: string | undefined;
  /** The body as it came over the wire. */
  bytes: Buffer;
}

/** Asks one cell's question with its official client and says what the client experienced. */
export async function experience(
  house: House,
  index: number,
  cell: SocketCell,
  headers: Record<string, string> = {},
): Promise<SocketExperience> {
  const { sdk, stream, content } = cell;
  const ask = async (): Promise<{ wire: Tap; view: View; took: number; timedOut: boolean }> => {
    const wire = tap();
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), FLOWING.has(cell.fault.id) ? FLOWING_LIMIT : LIMIT);
    const began = performance.now();
    const view = await askWith(sdk, {
      address: house.understudy.address,
      model: house.modelOf(index),
      stream,
      content,
      key: SHOWN_KEY,
      headers,
      fetch: wire.fetch,
      signal: stop.signal,
    });
    clearTimeout(late);
    return { wire, view, took: performance.now() - began, timedOut: stop.signal.aborted };
  };
  if (cell.fault.id === 'stale-connection') await ask();
  const { wire, view, took, timedOut } = await ask();
  const { seen } = wire;
  const bytes = Buffer.concat(seen.body);
  const body = bytes.toString('utf8');
  return {
    reading: readingOf(view, body),
    end: timedOut ? 'none' : view.type === 'raised' && seen.status === 200 ? 'aborted' : 'clean',
    status: seen.status,
    took,
    entries: [],
    visible: JSON.stringify(seen.headers) + body + (view.type === 'raised' ? `${view.kind} ${view.message}` : ''),
    asked: house.asked(index),
    crossed: house.sent(index).some((request) => request.includes(THOUGHT)),
    view,
    exchange: seen.headers.find(([name]) => name === 'x-understudy-exchange')?.[1],
    body,
    bytes,
  };
}

/** The client's own view decides. An exception that is not one of its errors means that it could not read what came. */
function readingOf(view: View, wire: string): Reading {
  const seams = wire.match(/^: *understudy seam\b/gm)?.length ?? 0;
  if (view.type === 'answer') return { text: view.text, calls: view.calls, finished: view.stop !== undefined, seams };
  const said = `${view.kind}: ${view.message}`;
  return { text: '', calls: [], finished: false, seams, ...(view.known ? { error: said } : { garbled: said }) };
}

/**
 * What the AI SDK's schemas do not take, though the vendor's own client does: events that are not known to it, an answer that is
 * not streamed and has no usage. It raises the same on the vendor's own bytes, which pass untouched.
 */
const NOT_BORNE: ReadonlySet<string> = new Set(['vercel-anthropic unknown-event', 'vercel-anthropic usage-missing']);

function refusedByClient({ sdk, fault, client, lead }: SocketCell, met: SocketExperience): boolean {
  return client === lead && met.status === 200 && met.end !== 'none' && met.view.type === 'raised' && NOT_BORNE.has(`${sdk} ${fault.id}`);
}

/**
 * A verdict of the fault matrix; beside that, what is whole must also say so with the stop reason of a calm day. A lead that stops inside
 * its second call says why itself: what a client sees of it is an answer.
 */
export function verdictOf(cell: SocketCell, met: SocketExperience, calm: SocketExperience): Verdict {
  if (refusedByClient(cell, met)) return 'answer';
  if (sameIdTwice(met.view)) return 'repeated';
  const verdict = judge(met, calm.reading, cell);
  if (verdict === 'whole' || verdict === 'continued' || verdict === 'kept-calls') {
    const stop = (view: View): string | undefined => (view.type === 'answer' ? view.stop : undefined);
    if (stop(met.view) !== stop(calm.view)) return verdict === 'kept-calls' && cell.fault.expected === 'answer' ? 'answer' : 'unclean';
  }
  return verdict;
}

/** An agent could not tell the results of such calls apart. */
function sameIdTwice(view: View): boolean {
  const ids = view.type === 'answer' ? view.calls.flatMap(({ id }) => (id === undefined ? [] : [id])) : [];
  return new Set(ids).size < ids.length;
}

/** What Understudy itself says about an exchange, for the report of a broken promise. */
export async function attemptsOf(house: House, exchange: string | undefined): Promise<string> {
  if (exchange === undefined) return 'no exchange id';
  const answer = await fetch(`${house.understudy.address}/api/exchanges/${exchange}`).then((response) => response.text(), String);
  const attempts = parseObject(answer)?.['attempts'];
  if (!Array.isArray(attempts)) return answer.slice(0, 200);
  return attempts
    .filter(isObject)
    .map(({ kind, target, outcome, fault, message }) =>
      [kind, target, outcome, fault, message].filter((word) => typeof word === 'string').join(' '),
    )
    .join(' | ');
}
