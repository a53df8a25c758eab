import { z } from 'zod';
import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import { targetKey, type Target } from '../exchange/target.ts';
import type { AccountRoom } from '../health/health.ts';
import { time } from '../health/report.ts';
import { readRooms, type Room, spanOf } from '../providers/rate-limit-headers.ts';
import type { AdmissionControl, AttemptAsk, Refusal } from './admission.ts';
import type { WireResponse } from './attempt.ts';
import { inputTokens } from './estimate.ts';

/** What is left of the limits of each account, as its answers have told it. */
export interface RateRooms extends AdmissionControl {
  /** Of all accounts at a target (by `targetName`), as of now; empty where nothing was told. */
  status(target: string): AccountRoom[];
  /** What is told of moments to come, as plain data. */
  snapshot(): Json;
}

/** A room, and when it was told of (UTC milliseconds). */
interface Known extends Room {
  at: number;
}

/** One account's rooms at one model: providers count most limits per model. */
interface Place {
  /** By kind and window. */
  rooms: Map<string, Known>;
  /** Of our own requests under way, whose answers have not told yet what they have left: how many, and their tokens by estimate. */
  requests: number;
  tokens: number;
  /** How much of the estimate has counted so far: what comes from a cache often does not. */
  counted: number;
  /** A request is out that was let go although nothing was left. */
  trial: boolean;
  /** UTC milliseconds until which the rooms are not believed: they told of nothing left, and a request was answered all the same. */
  doubtedUntil: number;
}

/** Model names come from clients, so their number has to be bounded. */
const CAPACITY = 512;
/** Accounts and models that outlive a restart: each takes some 300 bytes of a file that is written every few seconds. */
const MOST_SAVED = 200;
/** A longer wait is asked about again after this, as with marks: some windows last days, and some headers are wrong. */
const CEILING = 60 * 60_000;
/** Where nobody said for how long: the usual window is a minute and refills all the time, so a third of it (health/marks.ts). */
const UNSTATED = 20_000;
/** What is below a hundredth of a limit is as good as used up: Anthropic rounds to thousands. */
const USED_UP = 0.01;
/** No request is thought to need more of a limit than this: its size is an estimate. */
const MOST_OF_LIMIT = 0.25;
/** Weight of the newest answer in what counts. */
const NEWEST = 0.3;

/**
 * Refuses nothing for clients' own credentials, which are many accounts under one label. `saved`: an earlier snapshot; what can't be read, or
 * is over by now, is left out.
 */
export function createRateRooms(clock: Clock, saved?: Json): RateRooms {
  /** By `targetKey`, least recently told of first. */
  const places = new Map<string, Place>();
  for (const [key, rooms] of readSaved(saved, clock.now())) places.set(key, { ...emptyPlace(), rooms });
  /** The last in it: moving it there again would cost a new table every few requests. */
  let newest: Place | undefined;

  function placeOf(target: Target): Place {
    const key = targetKey(target);
    const place = places.get(key) ?? emptyPlace();
    if (place === newest) return place;
    newest = place;
    places.delete(key);
    places.set(key, place);
    if (places.size > CAPACITY) for (const [oldest, { requests }] of places) if (requests === 0 && places.delete(oldest)) break;
    return place;
  }

  /** The room that keeps a request from being made for the longest, and until when; with `ours`, what our own requests have taken is taken off. */
  function shortest(place: Place, body: Buffer, ours = true): { room: Known; until: number } | undefined {
    const now = clock.now();
    if (now < place.doubtedUntil) return undefined;
    let found: { room: Known; until: number } | undefined;
    let tokens: number | undefined;
    for (const [key, room] of place.rooms) {
      if (now >= endOf(room) || room.at > now) {
        place.rooms.delete(key);
        continue;
      }
      const base = room.remaining - (ours ? reservedOf(place, room) : 0);
      if (base >= usedUp(room)) continue;
      const wanted = room.kind === 'requests' ? 1 : (tokens ??= inputTokens(body) * place.counted);
      const until = enoughAt(room, base, wanted);
      if (until > now && (!found || until > found.until)) found = { room, until };
    }
    return found;
  }

  function take(place: Place, rooms: readonly Room[]): void {
    const at = clock.now();
    for (const room of rooms) place.rooms.set(roomKey(room), { ...room, at });
  }

  return {
    refusal({ planned, kind, body, lastResort }): Refusal | undefined {
      const { target } = planned;
      // A second try is made when the provider itself has asked for it, or of an answer that it had let in.
      if (kind === 'retry' || places.size === 0 || isShared(target)) return undefined;
      const place = places.get(targetKey(target));
      const short = place && shortest(place, body);
      if (!short || (lastResort === true && !place.trial)) return undefined;
      return {
        class: 'rate-limited',
        reason: `${roomName(short.room)} used up until ${time(short.until)}, by ${target.provider}'s own headers`,
        until: short.until,
      };
    },

    begin({ planned, body }: AttemptAsk) {
      const place = placeOf(planned.target);
      const limited = place.rooms.size > 0 && [...place.rooms.values()].some(({ kind }) => kind === 'tokens' || kind === 'input-tokens');
      const estimated = limited ? inputTokens(body) : 0;
      const reserved = Math.round(estimated * place.counted);
      const trial = shortest(place, body, false) !== undefined;
      if (trial) place.trial = true;
      place.requests += 1;
      place.tokens += reserved;
      let holds = true;

      function release(): void {
        if (!holds) return;
        holds = false;
        place.requests -= 1;
        place.tokens -= reserved;
      }

      return {
        headers(headers) {
          const rooms = readRooms(headers, clock.now());
          if (rooms.length === 0) return;
          // What is told now has this request in it already.
          take(place, rooms);
          release();
        },
        settled(result) {
          release();
          if (trial) place.trial = false;
          if (result === 'given-up') return;
          if (result.type === 'whole') {
            if (trial) place.doubtedUntil = clock.now() + CEILING;
            const { input, cacheRead = 0 } = result.usage;
            if (input !== undefined && estimated > 0) {
              const share = Math.min(2, Math.max(0, input - cacheRead) / estimated);
              place.counted += (share - place.counted) * NEWEST;
            }
          } else if (result.response) take(place, roomsOfRefused(result.fault, result.response, clock.now()));
        },
      };
    },

    snapshot() {
      const now = clock.now();
      const told: JsonObject = {};
      for (const [key, { rooms }] of [...places].slice(-MOST_SAVED)) {
        const open = [...rooms.values()].filter((room) => room.reset !== undefined && room.reset > now && room.at <= now);
        if (open.length > 0) told[key] = open.map((room) => ({ ...room }));
      }
      return told;
    },

    status(name) {
      const now = clock.now();
      const accounts = [...places].filter(([key]) => key.startsWith(name) && key.lastIndexOf('#') === name.length);
      return accounts.flatMap(([key, { rooms }]) =>
        [...rooms.values()]
          .filter((room) => now < endOf(room) && room.at <= now)
          .map((room) => shownAt(room, key.slice(name.length + 1), now)),
      );
    },
  };
}

/**
 * What a rate limit's answer says of whose limit it was, for the detector: 0: the account's own; more than that: something was left, so it was
 * not; `unstated`: nobody said, not even for how long. Nothing for other faults.
 */
export function rateEvidence(
  fault: Fault,
  response: Pick<WireResponse, 'headers' | 'body'> | undefined,
  body: Buffer,
  now: number,
): number | 'unstated' | undefined {
  if (fault.class !== 'rate-limited') return undefined;
  const rooms = response ? readRooms(response.headers, now, response.body) : [];
  if (rooms.length === 0) return fault.retryAfter === undefined ? 'unstated' : 0;
  const tokens = inputTokens(body);
  // What is left, but too little for this very request, is the account's own limit too.
  return Math.min(...rooms.map((room) => (room.remaining < neededOf(room, tokens) ? 0 : room.remaining)));
}

function emptyPlace(): Place {
  return { rooms: new Map(), requests: 0, tokens: 0, counted: 1, trial: false, doubtedUntil: 0 };
}

const savedRoom = z.object({
  kind: z.enum(['requests', 'tokens', 'input-tokens', 'output-tokens', 'share']),
  window: z.string().exactOptional(),
  limit: z.number().exactOptional(),
  remaining: z.number(),
  reset: z.number(),
  steady: z.boolean(),
  at: z.number(),
});

function readSaved(saved: Json | undefined, now: number): [string, Map<string, Known>][] {
  if (!isObject(saved)) return [];
  return Object.entries(saved).flatMap(([key, list]): [string, Map<string, Known>][] => {
    const rooms = (Array.isArray(list) ? list : []).flatMap((one): Known[] => {
      const room = savedRoom.safeParse(one);
      // What was told of in the future can only come from a clock that was set back.
      return room.success && room.data.reset > now && room.data.at <= now ? [room.data] : [];
    });
    return rooms.length > 0 ? [[key, new Map(rooms.map((room) => [roomKey(room), room]))]] : [];
  });
}

function roomKey({ kind, window }: Room): string {
  return `${kind} ${window ?? ''}`;
}

/** A shared label stands for whoever asks: one client's used-up limit says nothing about the next one's. */
function isShared({ credential }: Target): boolean {
  return credential === 'client' || credential === 'subscription';
}

/** What a refused request tells. The wait that comes with it is the provider's last word: no reset is waited for beyond that. */
function roomsOfRefused(fault: Fault, response: WireResponse, now: number): Room[] {
  const rooms = readRooms(response.headers, now, response.body);
  const { retryAfter } = fault;
  if (retryAfter === undefined) return rooms;
  return rooms.map((room) => ({ ...room, steady: false, reset: Math.min(room.reset ?? Infinity, now + retryAfter) }));
}

function reservedOf(place: Place, { kind }: Room): number {
  switch (kind) {
    case 'requests':
      return place.requests;
    case 'tokens':
    case 'input-tokens':
      return place.tokens;
    // How much will be said, nobody knows; and of a plan's share nobody knows what a request costs.
    case 'output-tokens':
    case 'share':
      return 0;
  }
}

/** Less than this is nothing. */
function usedUp({ kind, limit }: Room): number {
  if (kind === 'requests') return 1;
  if (kind === 'share') return Number.EPSILON;
  return limit === undefined ? 1 : Math.max(1, limit * USED_UP);
}

function neededOf(room: Room, tokens: number): number {
  return room.kind === 'tokens' || room.kind === 'input-tokens' ? Math.max(usedUp(room), tokens) : usedUp(room);
}

/** When what was told of a room says nothing any more. */
function endOf({ reset, window, at }: Known): number {
  const said = reset ?? at + Math.min(UNSTATED, spanOf(window) ?? UNSTATED);
  return Math.min(said, at + CEILING);
}

/** When as much is there as is wanted: a steady room fills up bit by bit, any other all at once. */
function enoughAt(room: Known, base: number, wanted: number): number {
  const end = endOf(room);
  const { limit, reset, remaining, at, steady } = room;
  if (!steady || limit === undefined || reset === undefined || remaining >= limit) return end;
  const aMillisecond = (limit - remaining) / (reset - at);
  const enough = Math.max(usedUp(room), Math.min(wanted, limit * MOST_OF_LIMIT));
  return Math.min(end, at + Math.ceil((enough - base) / aMillisecond));
}

function shownAt(room: Known, account: string, now: number): AccountRoom {
  const { kind, window, limit, reset, remaining, at, steady } = room;
  const fills = steady && limit !== undefined && reset !== undefined && reset > at;
  const left = fills ? Math.min(limit, Math.round(remaining + ((limit - remaining) * (now - at)) / (reset - at))) : remaining;
  return {
    account,
    kind,
    ...(window !== undefined && { window }),
    ...(limit !== undefined && { limit }),
    remaining: left,
    ...(reset !== undefined && { reset: Math.round(reset) }),
  };
}

/** `input tokens`, `requests (day)`. */
function roomName({ kind, window }: Room): string {
  const what = kind === 'share' ? "the plan's allowance" : kind.replace('-', ' ');
  return `${what}${window === undefined ? '' : ` (${window})`}`;
}
