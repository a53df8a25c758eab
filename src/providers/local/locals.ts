import type { Clock } from '../../exchange/clock.ts';
import type { AskLocal } from './ask.ts';
import { BUSY, identify } from './identify.ts';
import type { Shown } from './ollama.ts';
import type { LocalPlace } from './places.ts';
import type { LocalService, LocalStranger } from './service.ts';

/** What is known of this machine. */
export interface LocalView {
  /** UTC milliseconds of the last look; absent: nobody has looked yet. */
  lookedAt?: number;
  services: readonly LocalService[];
  strangers: readonly LocalStranger[];
}

export interface Locals {
  view(): LocalView;
  /** Looks now; several at once share a look. */
  look(): Promise<LocalView>;
  /** Looks now unless that was done just before, and for a while more often. */
  hasten(): void;
  /** From now on these places, beginning at once. */
  begin(places: readonly LocalPlace[]): void;
  close(): void;
}

/** Milliseconds between looks: soon after the start and after each change, then ever more seldom. */
const PAUSES = [10_000, 20_000, 40_000, 80_000, 160_000, 300_000];
/** After a look another within this has nothing new to see. */
const FRESH = 3000;

/**
 * Looks for services on this machine, now and again. `changed` is told when what there is is another than before: services, models, their facts, what
 * is in memory. A service that is too busy to say what it has is still there.
 */
export function createLocals(ask: AskLocal, clock: Clock, changed: (view: LocalView, before: LocalView) => void): Locals {
  let places: readonly LocalPlace[] = [];
  let view: LocalView = { services: [], strangers: [] };
  let shown: Shown = new Map();
  let under: Promise<LocalView> | undefined;
  let pause = 0;
  let stop: (() => void) | undefined;
  let closed = false;

  async function lookOnce(): Promise<LocalView> {
    const asked = places;
    const looks = await Promise.all(asked.map((place) => identify(place, ask, shown)));
    if (closed || asked !== places) return view;
    const services = looks.flatMap((look, place) => {
      if (look.type === 'service') return look.service;
      const busy = look.type === 'stranger' && look.stranger.said === BUSY;
      const before = busy ? view.services.find(({ baseUrl }) => baseUrl === asked[place]!.baseUrl) : undefined;
      return before ?? [];
    });
    const strangers = looks.flatMap((look) =>
      look.type === 'stranger' && !services.some(({ baseUrl }) => baseUrl === look.stranger.baseUrl) ? look.stranger : [],
    );
    const before = view;
    view = { lookedAt: clock.now(), services, strangers };
    // What is not there any more is forgotten; it may come back as something else.
    if (services.every(({ kind }) => kind !== 'ollama')) shown = new Map();
    if (JSON.stringify(before.services) !== JSON.stringify(services)) {
      pause = 0;
      changed(view, before);
    }
    return view;
  }

  function look(): Promise<LocalView> {
    stop?.();
    if (under) return under;
    const mine = lookOnce().finally(() => {
      // Another has begun since, at other places.
      if (under !== mine) return;
      under = undefined;
      if (closed) return;
      stop = clock.after(PAUSES[pause]!, () => void look());
      pause = Math.min(pause + 1, PAUSES.length - 1);
    });
    return (under = mine);
  }

  return {
    view: () => view,
    look,
    hasten() {
      if (places.length === 0 || closed) return;
      pause = 0;
      if (clock.now() - (view.lookedAt ?? 0) > FRESH) void look();
    },
    begin(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(places)) return;
      places = wanted;
      pause = 0;
      under = undefined;
      if (places.length > 0) return void look();
      stop?.();
      const before = view;
      view = { services: [], strangers: [] };
      if (before.services.length > 0) changed(view, before);
    },
    close() {
      closed = true;
      stop?.();
    },
  };
}
