import { randomFillSync } from 'node:crypto';
import { serveArchive } from './archive/serve-archive.ts';
import { effectiveSettings, secretsOf } from './config/effective.ts';
import { configFolder, dataPath, namedPath, type Surroundings } from './config/paths.ts';
import { watchPlan } from './config/watched.ts';
import { needsRestartIn } from './config/needs-restart.ts';
import type { Settings } from './config/settings.ts';
import { worldOf } from './config/world.ts';
import { dialectOf } from './dialects/all.ts';
import { serveDrills } from './drill/readiness/serve-drills.ts';
import { systemClock } from './exchange/clock.ts';
import type { DialectName } from './exchange/dialect-name.ts';
import { pooled, type Random } from './exchange/ids.ts';
import { parseObject } from './exchange/json.ts';
import { err, ok, type Result } from './exchange/result.ts';
import type { Target } from './exchange/target.ts';
import { capNotice } from './failover/caps.ts';
import { createClosing } from './failover/closing.ts';
import { createConcurrency } from './failover/concurrency.ts';
import { createEngine } from './failover/engine.ts';
import type { World } from './failover/plan.ts';
import { recallThoughts } from './failover/recall-thoughts.ts';
import { createRetryBudget } from './failover/retry-budget.ts';
import { createKeptThoughts } from './failover/kept-thoughts.ts';
import { createRateRooms } from './failover/rate-room.ts';
import { createHabits } from './failover/habits.ts';
import { createSpendLedger } from './failover/spend.ts';
import { createStickiness } from './failover/stickiness.ts';
import { createTroubles } from './failover/troubles.ts';
import { createHealth } from './health/create-health.ts';
import type { Change } from './journal/journal.ts';
import { openJournal } from './journal/open.ts';
import { openStateFile } from './journal/state-file.ts';
import { serveOffline } from './offline/serve-offline.ts';
import { deskControl, healthWithoutDesk, stickinessWithoutDesk } from './offline/target/aside.ts';
import { withDesk } from './offline/target/desk-call.ts';
import { createBridge } from './providers/bridge/bridge-call.ts';
import { sdkLoader } from './providers/bridge/load-sdk.ts';
import { redactor } from './providers/credentials.ts';
import { createCall } from './providers/http-call.ts';
import { type Resolved, resolveProviders } from './providers/resolve.ts';
import { withSignIn } from './providers/sign-in/chatgpt-provider.ts';
import { type IdentityServer, OPENAI_IDENTITY } from './providers/sign-in/identity-server.ts';
import { signWhenAsked } from './providers/sign-in/open-sign-in.ts';
import { simulatedProviders } from './providers/simulated.ts';
import { createAsking } from './server/asking.ts';
import { countingPort } from './server/counting.ts';
import { createHolding } from './server/deferred/holding.ts';
import { waitingIn } from './server/deferred/waiting.ts';
import { startServer } from './server/listen.ts';
import { serveQueue } from './server/queue/serve-queue.ts';
import { serveEmbedded, withEmbedded } from './server/local/serve-embedded.ts';
import { type LocalDesk, serveLocal } from './server/local/serve-local.ts';
import { modelListing } from './server/model-listing.ts';
import type { ServerPorts, StatusReport } from './server/ports.ts';
import { foundReport, routesReport, targetsReport } from './server/status-report.ts';
import { startSim } from './sim/serve.ts';
import { REALISTIC } from './sim/wire/pace.ts';
import { logWriter } from './telemetry/log-writer.ts';
import { post } from './telemetry/post.ts';
import type { Signal } from './telemetry/signal.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { createProbeCall } from './watch/probe/probe-call.ts';
import { watchClient } from './watch/client.ts';

/** Why it does not start, or does not take a new configuration, and what to do. */
export interface AppProblem {
  message: string;
  advice: string;
}

/** An Understudy that serves, in this process. */
export interface App {
  /** `http://127.0.0.1:4141`. */
  address: string;
  status(): StatusReport;
  subscribe(listener: (change: Change) => void): () => void;
  onAlert(listener: (alert: Extract<Signal, { type: 'alert' }>) => void): () => void;
  onLocal(listener: (news: Extract<Signal, { type: 'local' }>) => void): () => void;
  /** New plans from now on; exchanges under way keep theirs, breakers keep what they know. Names the settings that stay as they were until a restart. */
  reload(settings: Settings): Result<{ needsRestart: string[] }, AppProblem[]>;
  close(): Promise<void>;
}

export interface AppOptions {
  version: string;
  /** Where a Claude plan's login may go, for tests; it is no setting. */
  claudeApi?: string;
  /** Where people sign in with ChatGPT, for tests. */
  identity?: IdentityServer;
  surroundings: Surroundings & { workingFolder: string };
  /** Looks for model services on this machine: the program does; tests want to be alone. */
  findsLocal?: true;
  /** Of an encrypted data folder. */
  dataKey?: Uint8Array;
}

/** The one place that knows every room: hands each what it needs, and starts them from the bottom up. */
export async function buildApp(settings: Settings, options: AppOptions): Promise<Result<App, AppProblem[]>> {
  const { surroundings } = options;
  const clock = systemClock;
  const random: Random = pooled((bytes) => randomFillSync(bytes));
  const chance = (): number => (random(new Uint8Array(1))[0] ?? 0) / 256;
  const startedAt = clock.now();
  const notices: string[] = [];
  let address = '';

  const first = resolveProviders(settings.providers, surroundings);
  if (!first.ok) return err(first.error.map(providerProblem));
  let resolved: Resolved = first.value;
  /** Keys that a reload took out too: exchanges under way still use them. */
  const secrets = new Set(secretsOf(settings, resolved));
  let redact = redactor([...secrets]);
  const { environment } = surroundings;
  const log = logWriter(settings.log, (text) => redact(text), process.stderr.isTTY);
  const telemetry = createTelemetry({ clock, settings: settings.telemetry, environment, version: options.version, log, post });

  const data = dataPath(settings.data, surroundings);
  const opened = await openJournal({
    folder: data,
    settings: settings.journal,
    key: options.dataKey,
    clock,
    decoders: {
      stream: (name) => dialectOf(name).decoder(),
      whole(name, body) {
        const json = parseObject(body.toString('utf8'));
        const decoded = json && dialectOf(name).decodeAnswer(json);
        return decoded?.ok ? decoded.value : [];
      },
    },
    address: `http://${settings.server.host}:${settings.server.port}`,
    onNotice(notice) {
      if (notice.level !== 'info') notices.push(redact(notice.message));
      telemetry.feed.publish({ type: 'notice', level: notice.level, message: redact(notice.message) });
      // The screen of the start shows the notices so far by itself.
      if (address !== '' || !process.stderr.isTTY) log.warn({ room: 'journal' }, notice.message);
    },
  });
  if (!opened.ok) return err([{ message: opened.error.message, advice: opened.error.action }]);
  const journal = opened.value;
  const mirror = settings.archive.mirror && namedPath(settings.archive.mirror, surroundings);
  const { retention } = settings.archive;
  const keeping = { folder: data, key: options.dataKey, settings: settings.protect, machine: surroundings, mirror, retention };
  const archive = serveArchive(keeping, journal, clock, (message) => telemetry.warn('archive', redact(message)));

  const simulator = await startSim({ pace: REALISTIC, name: 'sim' });
  const http = createCall({ environment: surroundings.environment, connection: (origin) => resolved.connections.get(origin) });
  const health = createHealth({
    clock,
    random: chance,
    overrides: settings.deadlines,
    changed: () => state.touch(),
    onChange: telemetry.healthChanged,
  });
  const state = openStateFile(data, clock, () => ({
    spend: spend.snapshot(),
    habits: habits.snapshot(),
    health: health.snapshot(),
    rooms: rooms.snapshot(),
    bindings: stickiness.snapshot(),
  }));
  telemetry.listen(journal, health.review);
  const habits = createHabits(clock, state.saved.habits);
  const spend = createSpendLedger(
    clock,
    state.saved.spend,
    () => state.touch(),
    (message, cap) => telemetry.capNear(cap, message),
    habits,
    (principal) => current.server.tokens[principal],
  );
  const door = createClosing();
  const retryBudget = createRetryBudget(clock);
  const stickiness = createStickiness(clock, health, state.saved.bindings);
  const thoughts = createKeptThoughts();
  const rooms = createRateRooms(clock, state.saved.rooms);
  const concurrency = createConcurrency(clock, (principal) => current.server.tokens[principal]?.share ?? 1);
  const troubles = createTroubles(clock);
  const packages = sdkLoader(
    (name) => resolved.services.get(name),
    [surroundings.workingFolder, configFolder(surroundings), import.meta.dirname],
  );
  const embedded = serveEmbedded(data, clock, surroundings);
  await embedded.apply(settings.local.embedded);
  const offline = serveOffline({
    folder: data,
    key: options.dataKey,
    settings: settings.offline,
    clock,
    place: (named) => namedPath(named, surroundings),
    watch: () => watch,
    onHints: () => (address === '' ? undefined : watch.apply(watched())),
  });
  const call = withDesk(offline.desk, createBridge(packages, embedded.call(http.call)));
  const translates = new Map<DialectName, boolean>();
  const engine = createEngine({
    call,
    health: healthWithoutDesk(health),
    stickiness: stickinessWithoutDesk(stickiness),
    thoughts,
    controls: [door, retryBudget, spend, rooms, concurrency, troubles, deskControl],
    failingSince: troubles.since,
    clock,
    random,
    dialect: dialectOf,
    translates,
  });

  const simulated = simulatedProviders(simulator.url);
  let current = settings;
  /** What a reload could not bring into force. */
  let waiting: string[] = [];
  const identity = options.identity ?? OPENAI_IDENTITY;
  const { platform } = surroundings;
  const sign = signWhenAsked({ folder: configFolder(surroundings), platform, identity, call: http.call, clock });
  const worldWith = (wanted: Settings): World => {
    const providers = resolved.providers.map((provider) => withSignIn(provider, identity, sign));
    const found = withEmbedded(local.found(providers, wanted.local), embedded, providers);
    return worldOf(wanted, { ...resolved, providers: local.informed(providers) }, simulated, { ...options, found });
  };
  const local: LocalDesk = serveLocal({
    finds: options.findsLocal === true,
    call: http.call,
    embedded,
    clock,
    surroundings,
    telemetry,
    world: () => world,
    configured: () => resolved.providers,
    changed: () => void (world = worldWith(current)),
  });
  let world: World = worldWith(settings);
  if (state.saved.health !== undefined) {
    // Simulated assistants are born well; who is no longer configured is nobody's concern.
    const keep = ({ provider, model }: Target): boolean => provider !== 'sim' && world.provider(provider, model) !== undefined;
    const restored = health.restore(state.saved.health, keep);
    if (!restored.ok) notices.push(restored.error);
  }

  const deferred = await waitingIn(journal, clock);
  const holding = createHolding(journal, deferred, clock);
  const queueHome = { folder: data, key: options.dataKey, current: () => current, address: () => address };
  const queue = serveQueue(queueHome, { clock, random: chance, journal, deferred, telemetry, ask: (again) => asking.ask(again) });
  const asking = createAsking({
    journal,
    engine,
    clock,
    random,
    deferred,
    queue,
    holding,
    routesOf: (principal) => current.server.tokens[principal]?.routes,
    world: () => world,
    propagates: () => current.telemetry.propagate,
  });

  const watched = (): ReturnType<typeof watchPlan> => watchPlan(current, world, resolved.providers, address, offline.hints());
  const watch = watchClient(
    { folder: data, key: options.dataKey, version: options.version, environment, platform, plan: watched() },
    {
      clock,
      feed: telemetry.feed,
      probe: createProbeCall({ call, clock, dialect: dialectOf, provider: (name, model) => world.provider(name, model) }),
      suspect: health.suspect,
      warn: (message) => telemetry.warn('watch', redact(message)),
    },
  );

  const drillHome = { folder: data, key: options.dataKey, settings: settings.drill };
  const drills = serveDrills(drillHome, { call, clock, random, journal, concurrency, feed: telemetry.feed, world: () => world });

  const ports: ServerPorts = {
    ask: asking.ask,
    hold: asking.hold,
    translates: (dialect) => translates.get(dialect) ?? false,
    withdraw: deferred.withdraw,
    cancel: asking.cancel,
    countTokens: countingPort(asking, call, clock),
    models: () => modelListing(world),
    status,
    journal,
    archive,
    watch,
    offline,
    local,
    drills,
    queue: { ...queue.port, put: asking.put },
    feed: telemetry.feed,
    baseUrl: (provider) => world.provider(provider, '')?.baseUrl,
    config: () => effectiveSettings({ settings: current }),
  };

  function status(): StatusReport {
    const spans = telemetry.spans();
    const caps = spend.caps(current.failover.backupSpend, world.routes.values(), current.server.tokens);
    return {
      version: options.version,
      startedAt,
      address,
      data,
      journal: journal.state(),
      running: journal.running().length,
      deferred: deferred.count(),
      routes: routesReport(world),
      targets: targetsReport(health.status(), world, { rooms, concurrency, spend }),
      away: stickiness.away(),
      spend: caps,
      ...foundReport(local.report()),
      ...(spans && { spans }),
      ...drills.last(),
      ...archive.space(),
      notices: [
        ...notices,
        ...archive.notices(),
        ...watch.notices(),
        ...embedded.notices(),
        ...drills.notices(),
        ...queue.notices(),
        ...waiting,
        ...resolved.notices,
        ...caps.flatMap((cap) => capNotice(cap) ?? []),
      ],
    };
  }

  await queue.begin();
  const server = await startServer({ settings: settings.server, ports, clock, log });
  if (!server.ok) {
    local.close();
    await Promise.all([journal, archive, watch, simulator, http, telemetry, embedded, offline, drills, queue].map((part) => part.close()));
    return err([{ message: server.error.message, advice: server.error.action }]);
  }
  address = server.value.address;
  watch.apply(watched());
  local.begin(settings.local);
  const stopRecalling = recallThoughts(journal, thoughts, startedAt);

  return ok({
    address,
    status,
    subscribe: (listener) => journal.subscribe(listener),
    onAlert: (listener) =>
      telemetry.feed.subscribe(({ signal }) => {
        if (signal.type === 'alert') listener(signal);
      }),
    onLocal: (listener) => local.follow(listener),
    reload(wanted) {
      const found = resolveProviders(wanted.providers, surroundings);
      if (!found.ok) return err(found.error.map(providerProblem));
      resolved = found.value;
      world = worldWith(wanted);
      health.override(wanted.deadlines);
      telemetry.apply(wanted.telemetry);
      log.apply(wanted.log);
      const served = server.value.apply(wanted.server);
      const needsRestart = [
        ...served.needsRestart,
        ...(dataPath(wanted.data, surroundings) === data ? [] : ['data']),
        ...needsRestartIn(wanted, settings),
      ];
      current = { ...wanted, server: served.settings, data, journal: settings.journal, protect: settings.protect };
      waiting =
        needsRestart.length === 0 ? [] : [`Changed in the configuration, but in force only after a restart: ${needsRestart.join(', ')}.`];
      offline.apply(wanted.offline);
      watch.apply(watched());
      drills.apply(wanted.drill);
      local.begin(wanted.local);
      void embedded.apply(wanted.local.embedded).then(() => (world = worldWith(current)));
      for (const secret of secretsOf(current, resolved)) secrets.add(secret);
      redact = redactor([...secrets]);
      return ok({ needsRestart });
    },
    async close() {
      // Clients get some time to have the rest of their answers; it is not for new ones.
      door.close();
      holding.letGo();
      await server.value.close();
      local.close();
      asking.close();
      state.close();
      await queue.close();
      deferred.close();
      await stopRecalling();
      // First whoever reads the record: the last to leave it cleans up behind its writer.
      await Promise.all([archive.close(), watch.close(), offline.close(), drills.close()]);
      await journal.close();
      await Promise.all([telemetry.close(), http.close(), embedded.close(), simulator.close()]);
    },
  });
}

function providerProblem({ provider, field, message }: { provider: string; field: string; message: string }): AppProblem {
  return { message: `providers.${provider}${field === '' ? '' : `.${field}`}: ${message}`, advice: 'change understudy.yaml' };
}
