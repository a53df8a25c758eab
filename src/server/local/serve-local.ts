import type { Surroundings } from '../../config/paths.ts';
import type { Clock } from '../../exchange/clock.ts';
import { standInsByRoute } from '../../failover/stand-ins.ts';
import type { World } from '../../failover/plan.ts';
import type { Call } from '../../providers/call.ts';
import type { Embedded } from '../../providers/embedded/embedded.ts';
import { EMBEDDED } from '../../providers/embedded/settings.ts';
import { localAsker } from '../../providers/local/ask.ts';
import { informed } from '../../providers/local/informed.ts';
import { createLocals } from '../../providers/local/locals.ts';
import { type LocalPlace, localPlaces } from '../../providers/local/places.ts';
import type { LocalChoice } from '../../providers/local/rank.ts';
import type { LocalSettings } from '../../providers/local/settings.ts';
import { createWarmUp, type Warmed } from '../../providers/local/warm-up.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Signal } from '../../telemetry/signal.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { chosenOf, type Found, foundHere, nameOf } from './found.ts';
import { localReport, type LocalReport } from './report.ts';
import { loadedText, newsOf } from './words.ts';

export interface LocalDesk {
  /** For a new world: what was found beside these providers of the configuration. */
  found(configured: readonly Provider[], settings: LocalSettings): Found;
  /** The providers of the configuration, with what was found out about their models. */
  informed(configured: readonly Provider[]): Provider[];
  /** Looks at the places of these settings from now on. */
  begin(settings: LocalSettings): void;
  report(): LocalReport;
  /** Tells of what was found and of what has become of it, also of what was found before anybody followed. */
  follow(listener: (news: LocalSignal) => void): () => void;
  /** Looks now, and says what there is. */
  look(): Promise<LocalReport>;
  close(): void;
}

export interface LocalDeskParts {
  /** False: nobody is looked for, whatever the settings say. */
  finds: boolean;
  call: Call;
  /** Our own engine. */
  embedded: Pick<Embedded, 'service' | 'warm'>;
  clock: Clock;
  surroundings: Surroundings;
  telemetry: Pick<Telemetry, 'feed' | 'warn'>;
  world(): World;
  /** The providers of the configuration. */
  configured(): readonly Provider[];
  /** What was found is another than before: a new world is due. */
  changed(): void;
}

/** Model names come from clients. */
const MOST_ILL = 100;
/** As many as there are places, about. */
const MOST_EARLIER = 20;

const NOBODY_LOOKS = 'this process does not look for services on its machine';

type LocalSignal = Extract<Signal, { type: 'local' }>;

/** Services on this machine: found in the background, told of, and their model loaded ahead while a lead fails. Nothing waits for it. */
export function serveLocal({
  finds,
  call,
  embedded,
  clock,
  surroundings,
  telemetry,
  world,
  configured,
  changed,
}: LocalDeskParts): LocalDesk {
  const ask = localAsker(call, clock);
  const warmUp = createWarmUp(ask, clock);
  const { feed } = telemetry;
  let settings: LocalSettings | undefined;
  let places: readonly LocalPlace[] = [];
  let off: string | undefined = NOBODY_LOOKS;
  let ahead: LocalReport['ahead'];
  /** Of the first look, which may be over before anybody follows. */
  const earlier: LocalSignal[] = [];
  let followed = false;
  /** Targets elsewhere and products that fail now. */
  const ill = new Set<string>();
  const locals = createLocals(ask, clock, (view, before) => {
    changed();
    for (const news of newsOf(view, before, world())) feed.publish({ type: 'local', ...news });
    // It has come, or has dropped its model, in the middle of an outage.
    if (ill.size > 0) void alarm();
  });

  /** A lead fails: what would stand in for it is looked for and made ready. */
  async function alarm(): Promise<void> {
    const wanted = settings;
    if (!wanted) return;
    locals.hasten();
    if (!wanted.warm) return;
    const inUse = standInsByRoute(world()).flatMap(({ targets }) => targets);
    const named = (choice: LocalChoice): string => nameOf(choice.service, configured());
    const choices = chosenOf(locals.view().services, wanted).filter((choice) =>
      inUse.some(({ provider, model }) => provider === named(choice) && model === choice.model.name),
    );
    const warmed = await warmUp.warm(choices, process.availableMemory());
    const isNext = warmed.type === 'nobody' && inUse.some(({ provider }) => provider === EMBEDDED);
    tell(isNext ? await embedded.warm() : warmed);
  }

  function tell(warmed: Warmed): void {
    const text = loadedText(warmed);
    if (text === undefined || !('target' in warmed)) return;
    ahead = { at: clock.now(), text };
    const change = warmed.type === 'done' ? 'loaded' : 'not-loaded';
    feed.publish({ type: 'local', change, provider: warmed.target.slice(0, warmed.target.indexOf('/')), text });
    // With which context it runs is known only now.
    if (warmed.type === 'done') void locals.look();
  }

  function isElsewhere(target: string): boolean {
    const provider = target.slice(0, target.indexOf('/'));
    return provider !== 'sim' && world().provider(provider, target.slice(provider.length + 1))?.computesHere !== true;
  }

  /** Tells of who stands otherwise than before. */
  function stands(name: string, well: boolean): void {
    if (well) ill.delete(name);
    else if (ill.size < MOST_ILL) {
      ill.add(name);
      void alarm();
    }
  }

  const unsubscribe = feed.subscribe(({ signal }) => {
    if (signal.type === 'breaker' && isElsewhere(signal.target)) stands(signal.target, signal.to === 'closed');
    if (signal.type === 'product') stands(`product ${signal.product}`, signal.to !== 'down' && signal.to !== 'degraded');
    if (signal.type === 'local' && !followed && earlier.length < MOST_EARLIER) earlier.push(signal);
  });

  const report = (): LocalReport =>
    localReport({
      off,
      places: places.map(({ baseUrl }) => baseUrl),
      view: locals.view(),
      world: world(),
      configured: configured(),
      embedded: embedded.service(),
      ...(ahead && { ahead }),
    });

  return {
    found: (providers, wanted) => foundHere(locals.view().services, providers, wanted, surroundings),
    informed: (providers) => informed(providers, locals.view().services),
    begin(wanted) {
      const found = finds ? localPlaces(wanted, surroundings.environment) : { ok: true as const, value: [] };
      if (!found.ok) telemetry.warn('local', found.error);
      off = !finds ? NOBODY_LOOKS : !found.ok ? found.error : found.value.length === 0 ? 'local.find is off' : undefined;
      settings = wanted;
      places = found.ok ? found.value : [];
      locals.begin(places);
    },
    report,
    follow(listener) {
      followed = true;
      for (const news of earlier.splice(0)) listener(news);
      return feed.subscribe(({ signal }) => {
        if (signal.type === 'local') listener(signal);
      });
    },
    look: async () => {
      await locals.look();
      return report();
    },
    close() {
      unsubscribe();
      locals.close();
    },
  };
}
