import type { Headers } from '../dialects/dialect.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Producer } from '../exchange/part.ts';
import { vendorOfDialect } from '../providers/catalogue.ts';
import { type AnswerState, createAnswerState } from './answer-state.ts';
import { isLegalId, toldId } from './call-ids.ts';
import type { Question } from './engine.ts';
import type { AnswerFrame } from './hold.ts';

/** Writes what may be seen into the exchange's history, in the form in which it goes to the client. */
export interface Delivery {
  /** What the client has, or would have if it asked for a stream. */
  readonly delivered: AnswerState;
  /** Part of an answer is out: a failure is visible from now on. */
  committed(): boolean;
  /** Status and headers are out. */
  headSent(): boolean;
  /** The header hold is over: 200 goes out, and whatever fails from now on fails in-band. */
  openHead(): void;
  frames(frames: readonly AnswerFrame[], from: Source): void;
  /** A whole body of a native target. */
  body(bytes: Buffer, events: AnswerEvent[], from: Source): void;
  events(events: AnswerEvent[], from: Source): void;
  /** The answer is whole: a client that did not ask for a stream gets it now. */
  flush(from: Source): void;
}

/** The attempt that delivers. */
export interface Source {
  ordinal: number;
  target: string;
  /** Who made it: stamped on what only its maker can read. */
  vendor: string;
  model: string;
  /** Bytes pass through. */
  native: boolean;
  /** Its reasoning must be recognisable when it comes back: other vendors of the same dialect are asked too. */
  sealed: boolean;
  /** Its calls bear no proof of what led to them, and the client's own vendor asks for one (Gemini 3). */
  unproved: boolean;
  headers: Headers;
}

const STREAM_HEADERS: [string, string][] = [
  ['content-type', 'text/event-stream; charset=utf-8'],
  ['cache-control', 'no-cache'],
];

/** Belong to one connection, to the body's transport form, or to somebody's cookie jar; the server writes its own. */
const NOT_PASSED_ON = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'content-length',
  'content-encoding',
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
]);

export function passedHeaders(headers: Headers): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || NOT_PASSED_ON.has(name) || name.startsWith('x-understudy-') ? [] : [[name, value]],
  );
}

/** `recorder` makes what is given all that goes out as events; most answers go out as bytes, and need none. */
export function createDelivery(question: Question, recorder?: () => (events: readonly AnswerEvent[]) => void): Delivery {
  const { append, plan } = question;
  const own = vendorOfDialect(question.dialect.name);
  const streaming = question.head.stream;
  let head = false;
  let committed = false;
  let rewriting = false;
  /** For a client that did not ask for a stream: the answer so far. */
  let gathered: AnswerEvent[] = [];
  let record: ((events: readonly AnswerEvent[]) => void) | undefined;
  /** Parts of the attempt under way that are not shown. */
  let hidden: Set<number> | undefined;

  function commit(from: Source, passHeaders: boolean): void {
    if (!head) {
      const headers = passHeaders
        ? passedHeaders(from.headers)
        : streaming
          ? STREAM_HEADERS
          : [['content-type', 'application/json'] as [string, string]];
      append({ type: 'head', status: 200, headers, target: from.target });
    }
    head = committed = true;
  }

  /** Others' reasoning goes out wrapped, and would come back as something that only we can unwrap: it is left out where bytes must stay as they are. */
  function shown(list: AnswerEvent[], from: Source): AnswerEvent[] {
    if (!question.plan.untouched || (from.native && !from.sealed)) return list;
    return list.filter((event) => {
      if (event.type === 'part-start') {
        if (event.part.type === 'reasoning' || event.part.type === 'opaque') (hidden ??= new Set()).add(event.index);
        else hidden?.delete(event.index);
      }
      if (event.type === 'part-delta' && event.delta.type === 'signature') return false;
      return !('index' in event && hidden?.has(event.index) === true);
    });
  }

  /** Whether the client's own vendor would take it back. A lead that is not that vendor gets its own back sealed. */
  function isUntold({ dialect, vendor }: Producer): boolean {
    if (!plan.untold || (vendor !== undefined && vendor === plan.home?.vendor && dialect === question.dialect.name)) return false;
    return dialect !== question.dialect.name || (vendor !== undefined && vendor !== own);
  }

  /** Its ids are right for the client by their nature. */
  function isHome({ native, vendor }: Source): boolean {
    return native && vendor === plan.home?.vendor;
  }

  /** Whether there is something in it that does not go out as its target wrote it. */
  function isRewritten(events: readonly AnswerEvent[], from: Source): boolean {
    const { sealed, unproved } = from;
    if (!sealed && !unproved) return false;
    return events.some((event) => {
      if (event.type !== 'part-start') return false;
      const { part } = event;
      if (part.type === 'reasoning') return sealed;
      return part.type === 'tool-call' && (unproved || (!isHome(from) && !isLegalId(part.id)));
    });
  }

  function marked(event: AnswerEvent, from: Source): AnswerEvent {
    if (event.type !== 'part-start') return event;
    const { part } = event;
    if (part.type === 'reasoning' && isUntold(part.producer)) return { ...event, part: { ...part, untold: true } };
    if (part.type !== 'tool-call') return event;
    const id = isHome(from) ? part.id : toldId(part.id);
    return { ...event, part: { ...part, id, ...(from.unproved && { unproved: true as const }) } };
  }

  function events(all: AnswerEvent[], from: Source): void {
    const list = shown(all, from);
    if (list.length === 0) return;
    delivery.delivered.observe(list);
    const stamped = list.map((event) => marked(stamp(event, from), from));
    record ??= recorder?.();
    record?.(stamped);
    if (!streaming) {
      gathered.push(...stamped);
      return;
    }
    commit(from, false);
    append({ type: 'events', attempt: from.ordinal, events: stamped });
  }

  /**
   * Whether a frame's bytes go out as they came. Once some have been written anew the rest has to be as well: what the encoder
   * holds back goes before it.
   */
  function passes(frame: AnswerFrame, from: Source): boolean {
    const clean = frame.clean && !isRewritten(frame.events, from);
    rewriting ||= !clean && frame.events.length > 0;
    return clean && !rewriting;
  }

  const delivery: Delivery = {
    delivered: createAnswerState(),
    committed: () => committed,
    headSent: () => head,
    openHead() {
      if (head || !streaming) return;
      append({ type: 'head', status: 200, headers: STREAM_HEADERS });
      head = true;
    },
    frames(frames, from) {
      if (!from.native || !streaming) {
        events(
          frames.flatMap((frame) => frame.events),
          from,
        );
        return;
      }
      let first = 0;
      while (first < frames.length) {
        const clean = passes(frames[first]!, from);
        let last = first;
        while (last + 1 < frames.length && passes(frames[last + 1]!, from) === clean) last += 1;
        const run = first === 0 && last === frames.length - 1 ? frames : frames.slice(first, last + 1);
        const said = run.length === 1 ? run[0]!.events : run.flatMap((frame) => frame.events);
        if (clean) {
          commit(from, true);
          delivery.delivered.observe(said);
          const terminated = run.at(-1)!.type === 'end';
          append({ type: 'bytes', attempt: from.ordinal, bytes: join(run), events: said, terminated });
        } else events(said, from);
        first = last + 1;
      }
    },
    body(bytes, said, from) {
      if (streaming || !from.native || isRewritten(said, from)) return events(said, from);
      commit(from, true);
      delivery.delivered.observe(said);
      append({ type: 'bytes', attempt: from.ordinal, bytes, events: said, terminated: true });
    },
    events,
    flush(from) {
      if (streaming || gathered.length === 0) return;
      commit(from, false);
      append({ type: 'events', attempt: from.ordinal, events: gathered });
      gathered = [];
    },
  };
  return delivery;
}

/** No wire names its vendor, but reasoning and opaque parts must find back to whoever made them. */
function stamp(event: AnswerEvent, { vendor, model }: Source): AnswerEvent {
  if (event.type === 'part-start' && 'producer' in event.part) {
    return { ...event, part: { ...event.part, producer: { vendor, model, ...event.part.producer } } };
  }
  if (event.type === 'part-delta' && 'producer' in event.delta) {
    return { ...event, delta: { ...event.delta, producer: { vendor, model, ...event.delta.producer } } };
  }
  return event;
}

/** The bytes of adjoining frames as one buffer; without a copy where they are neighbours in the chunk that they came in. */
function join(frames: readonly AnswerFrame[]): Buffer {
  const first = frames[0]!.raw;
  if (frames.length === 1) return first;
  let end = first.byteOffset + first.length;
  for (const { raw } of frames.slice(1)) {
    if (raw.buffer !== first.buffer || raw.byteOffset !== end) return Buffer.concat(frames.map((frame) => frame.raw));
    end += raw.length;
  }
  return Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset);
}
