import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { callKind, isCutCall, readCall } from './read-call.ts';
import { readMessage } from './read-message.ts';
import { readReasoning } from './read-reasoning.ts';
import { carry, carryChanges, changed, type NextPart, type OpenItem, type Reading } from './reading.ts';
import { listOf, PRODUCER } from './wire.ts';

/** Reads the items of one response's output. A whole body goes through it item by item, so that both say the same. */
interface OutputReader {
  /** `response.output_item.added`. True: the item is a message, which says nothing before its content begins. */
  added(place: Json | undefined, item: JsonObject, reading: Reading): boolean;
  /** `response.output_item.done`. */
  done(place: Json | undefined, item: JsonObject, reading: Reading): void;
  /** Any other event about an item. */
  event(type: string, body: JsonObject, reading: Reading): void;
  /** The end of the response, which repeats the output: what has not come, or not come to an end. */
  end(output: Json | undefined, reading: Reading): void;
  /** Whether the answer ends with calls for the client. */
  called(): boolean;
}

const NO_FIELDS: ReadonlySet<string> = new Set();

export function outputReader(): OutputReader {
  const items = new Map<number, { open: OpenItem; given: JsonObject; done: boolean }>();
  /** Calls that a limit cut. Only together with the end of the answer, which says so, is such a call no fault. */
  const cut = new Map<number, JsonObject>();
  let parts = 0;
  let calls = false;
  const nextPart: NextPart = () => parts++;

  function begin(place: number, item: JsonObject, reading: Reading): void {
    const kind = callKind(item);
    if (kind) calls = true;
    // What the model says after a call, somebody else has answered the call (xAI's searches): nothing is asked of the client.
    else if (item.type === 'message') calls = false;
    items.set(place, { open: openItem(item, reading), given: item, done: false });
  }

  function openItem(item: JsonObject, reading: Reading): OpenItem {
    const kind = callKind(item);
    if (kind) return readCall(item, kind, nextPart, reading);
    if (item.type === 'message' && item.role !== 'user') return readMessage(item, nextPart);
    if (item.type === 'reasoning') return readReasoning(item, nextPart, reading);
    return readOpaque(item, nextPart, reading);
  }

  function finish(place: number, item: JsonObject, reading: Reading): void {
    const known = items.get(place);
    if (!known || known.done) return;
    known.done = true;
    known.open.done(item, reading);
  }

  /** Where an item of the final output came before: its id tells, or its place where ids change from event to event. */
  function known(item: JsonObject, place: number): number {
    for (const [at, { open, given }] of items) if (open.id !== undefined && open.id === item.id && given.type === item.type) return at;
    return items.has(place) && items.get(place)!.given.type !== item.type ? nextPlace() : place;
  }

  function nextPlace(): number {
    return Math.max(-1, ...items.keys()) + 1;
  }

  function placeOf(place: Json | undefined): number {
    return typeof place === 'number' ? place : Math.max(0, ...items.keys());
  }

  function itemNamed(id: Json | undefined): ReturnType<typeof items.get> {
    return id === undefined ? undefined : [...items.values()].find((item) => item.open.id === id);
  }

  return {
    added(place, item, reading) {
      const at = typeof place === 'number' ? place : nextPlace();
      if (items.has(at)) {
        reading.problem ??= `output ${at} begins a second time`;
        return false;
      }
      if (!hasId(item)) reading.clean = false;
      begin(at, item, reading);
      return reading.events.length === 0;
    },
    done(place, item, reading) {
      const at = placeOf(place);
      const known = items.get(at);
      if (!known) {
        reading.clean = false;
        begin(at, item, reading);
      } else if (known.given.type !== item.type) {
        reading.problem ??= `output ${at} begins as ${String(known.given.type)} and ends as ${String(item.type)}`;
        return;
      } else if (known.open.id !== undefined && item.id !== known.open.id) reading.clean = false;
      if (isCutCall(item)) cut.set(at, item);
      else finish(at, item, reading);
    },
    event(type, body, reading) {
      const item = (body.output_index === undefined && itemNamed(body.item_id)) || items.get(placeOf(body.output_index));
      if (!item) {
        if (!WITHIN_ITEMS.test(type)) return;
        reading.problem ??= `${type} for output ${String(body.output_index)}, which has not begun`;
        return;
      }
      // The official client goes by the id; some gateways make up a new one for each event (GitHub Copilot).
      if (typeof body.item_id === 'string' && body.item_id !== item.open.id) reading.clean = false;
      if (item.done) return;
      item.open.event(type, body, reading);
    },
    end(output, reading) {
      for (const [place, item] of cut) finish(place, item, reading);
      for (const [place, item] of listOf(output).entries()) {
        if (!isObject(item) || typeof item.type !== 'string') continue;
        const at = known(item, place);
        if (items.get(at)?.done) continue;
        reading.clean = false;
        if (!items.has(at)) begin(at, item, reading);
        finish(at, item, reading);
      }
      for (const [place, { done, given }] of items) {
        if (done) continue;
        reading.clean = false;
        finish(place, given, reading);
      }
    },
    called: () => calls,
  };
}

/** Events that say part of the answer: without the item they belong to, something is missing. */
const WITHIN_ITEMS = /\.delta$/;

/** Everything that only its maker runs or understands. The item as it begins is the part's value; what its end adds comes as a delta. */
function readOpaque(item: JsonObject, nextPart: NextPart, reading: Reading): OpenItem {
  const part = nextPart();
  reading.events.push({ type: 'part-start', index: part, part: { type: 'opaque', producer: PRODUCER, value: item } });
  return {
    id: typeof item.id === 'string' ? item.id : undefined,
    event: (type, body, after) => carry(after, part, type, body),
    done(final, after) {
      carryChanges(after, part, changed(item, final, NO_FIELDS));
      after.events.push({ type: 'part-end', index: part });
    },
  };
}

/** Without an id the official client refuses all but calls. */
function hasId(item: JsonObject): boolean {
  return (typeof item.id === 'string' && item.id !== '') || item.type === 'function_call' || item.type === 'custom_tool_call';
}
