import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok } from '../../exchange/result.ts';
import type { Call } from '../call.ts';
import { TITLES } from '../local/identify.ts';
import type { LocalService } from '../local/service.ts';
import type { Warmed } from '../local/warm-up.ts';
import type { Provider } from '../provider.ts';
import { startChild } from './child.ts';
import { createEmbeddedCall, EMBEDDED_ORIGIN } from './embedded-call.ts';
import { createEngine, type EngineStatus } from './engine-process.ts';
import { type GgufModel, readGgufModel } from './gguf-model.ts';
import { installedEngine, type InstalledEngine } from './installed.ts';
import { availableMemory, memoryFor, tooLarge } from './memory.ts';
import type { EngineSetup } from './messages.ts';
import { ENGINE_VERSION } from './package.ts';
import { EMBEDDED, type EmbeddedSettings } from './settings.ts';
import { createEngineWarmUp } from './warm.ts';

/** A model of the settings that can be asked. */
export interface EmbeddedModel {
  name: string;
  file: string;
  /** Tokens of its window, as it is loaded. */
  context: number;
  gguf: GgufModel;
}

export interface EmbeddedParts {
  /** Where the engine is installed. */
  folder: string;
  clock: Clock;
  environment: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** A path of the settings, made whole. */
  pathOf(named: string): string;
}

export interface Embedded {
  /** A call that this engine answers, where it is asked. */
  call(others: Call): Call;
  /** Takes these settings from now on; resolves when their files have been looked at. */
  apply(settings: EmbeddedSettings): Promise<void>;
  /** Absent: no model of the settings can be asked. */
  provider(): Provider | undefined;
  models(): readonly EmbeddedModel[];
  status(): EngineStatus;
  /** As the services on this machine are told of; absent: the settings name no model. */
  service(): LocalService | undefined;
  /** Has the first of its models loaded, ahead of need. */
  warm(): Promise<Warmed>;
  /** What the user should know. */
  notices(): string[];
  close(): Promise<void>;
}

/** Where nobody says otherwise: longer windows take gigabytes, and minutes of reading without a graphics card. */
const CONTEXT = 16_384;
/** Of a file that does not say what it was trained for: what the first such models had. */
const UNKNOWN_CONTEXT = 2048;
/** Milliseconds that a model stays in memory without being asked. Ollama keeps its own for five minutes; loading takes seconds to a minute. */
const KEEP = 10 * 60_000;

/**
 * On few cores one thread less: those of the engine wait for one another by spinning, and a core that they share with streams makes both crawl (11 tokens
 * of a tiny model took 14 s with two threads on two busy cores, and 0.1 s with one).
 */
function threadsFor(cores: number): { threads?: number } {
  return cores > 4 ? {} : { threads: Math.max(1, cores - 1) };
}

/** Models in GGUF files of the user's, run by llama.cpp in a process of its own that is there only while it is asked. */
export function createEmbedded({ folder, clock, environment, platform, pathOf }: EmbeddedParts): Embedded {
  let models: EmbeddedModel[] = [];
  let threads: number | undefined;
  let notices: string[] = [];
  let leftOut: { name: string; why: string }[] = [];
  let installed: InstalledEngine | undefined;
  let applied = 0;

  const engine = createEngine({
    clock,
    start: (said, ended) => startChild(environment, said, ended),
    async forbids({ file, context }) {
      if (!installedEngine(folder)) return 'it is not installed any more: understudy local install';
      const read = await readGgufModel(file);
      if (!read.ok) return `${file}: ${read.error}`;
      const available = availableMemory(platform, process.availableMemory(), totalmem());
      return tooLarge(memoryFor(read.value, context), available, installed?.accelerator ?? 'cpu');
    },
  });
  engine.keepFor(KEEP);
  const warmUp = createEngineWarmUp(engine, clock);

  function setupOf({ file, context }: EmbeddedModel): EngineSetup {
    return { folder, file, context, ...(threads === undefined ? threadsFor(availableParallelism()) : { threads }) };
  }

  function find(name: string): ReturnType<Parameters<typeof createEmbeddedCall>[1]> {
    const model = models.find((one) => one.name === name);
    if (!model) return err({ status: 404, message: `the embedded engine has no model ${name} (local.embedded.models)` });
    return ok(setupOf(model));
  }

  return {
    call: (others) => createEmbeddedCall(engine, find, clock, others),
    async apply(settings) {
      const turn = ++applied;
      const wanted = Object.entries(settings.models);
      const engineThere = installedEngine(folder);
      const told = wanted.length === 0 ? [] : engineNotices(engineThere);
      const read = await Promise.all(wanted.map(async ([name, { file }]) => ({ name, file, gguf: await readGgufModel(pathOf(file)) })));
      if (turn !== applied) return;
      installed = engineThere;
      threads = settings.threads;
      notices = [
        ...told,
        ...read.flatMap(({ name, file, gguf }) => (gguf.ok ? [] : `local.embedded.models.${name}: ${file}: ${gguf.error}`)),
      ];
      leftOut = read.flatMap(({ name, gguf }) => (gguf.ok ? told.map((why) => ({ name, why })) : { name, why: gguf.error }));
      models = read.flatMap(({ name, file, gguf }) => {
        if (!gguf.ok || told.length > 0) return [];
        return { name, file: pathOf(file), gguf: gguf.value, context: settings.models[name]?.context ?? defaultContext(gguf.value) };
      });
    },
    provider: () => (models.length === 0 ? undefined : embeddedProvider(models)),
    models: () => models,
    status: engine.status,
    service() {
      if (models.length === 0 && leftOut.length === 0) return undefined;
      const { file } = engine.status();
      return {
        kind: 'embedded',
        provider: EMBEDDED,
        title: TITLES.embedded,
        baseUrl: EMBEDDED_ORIGIN,
        ...(installed && { version: installed.version }),
        models: models.map((model) => ({
          name: model.name,
          loaded: model.file === file,
          context: model.context,
          contextFrom: 'set',
          ...(model.gguf.context !== undefined && { longest: model.gguf.context }),
          tools: model.gguf.tools,
          images: false,
          billions: model.gguf.weights / 1e9,
          bytes: model.gguf.size,
        })),
        leftOut,
        slots: 1,
        cutsLongInput: false,
      };
    },
    warm() {
      const [first] = models;
      return first ? warmUp(`${EMBEDDED}/${first.name}`, setupOf(first)) : Promise.resolve({ type: 'nobody' });
    },
    notices: () => notices,
    close: engine.close,
  };
}

/** Tokens of the window where the settings say nothing. */
export function defaultContext({ context = UNKNOWN_CONTEXT }: GgufModel): number {
  return Math.min(context, CONTEXT);
}

function engineNotices(installed: InstalledEngine | undefined): string[] {
  if (!installed) return ['local.embedded names models, but the engine is not installed: understudy local install'];
  return installed.version === ENGINE_VERSION
    ? []
    : [`the embedded engine is of version ${installed.version}, and ${ENGINE_VERSION} is needed: understudy local install`];
}

function embeddedProvider(models: readonly EmbeddedModel[]): Provider {
  const byName = new Map(models.map((model) => [model.name, model]));
  return Object.freeze({
    name: EMBEDDED,
    dialect: 'openai-chat' as const,
    baseUrl: EMBEDDED_ORIGIN,
    vendor: EMBEDDED,
    credential: { type: 'none' as const },
    // One question at a time, whichever model: the line of those who wait is kept for each model, and the engine's own takes care of the rest.
    concurrency: 1,
    headers: {},
    local: true,
    computesHere: true,
    models: [...byName.keys()],
    offers: (model: string) => byName.has(model),
    facts: (model: string) => ({
      vendor: EMBEDDED,
      model,
      // The last turn is gone on with where it is the model's.
      prefill: true,
      reasoning: 'none' as const,
      maxTokensField: 'max_tokens' as const,
      systemRole: 'system' as const,
      fixedSampling: false,
      images: false,
      documents: false,
      tools: byName.get(model)?.gguf.tools === true,
      structuredOutput: true,
      price: { input: 0, output: 0 },
      ...(byName.has(model) && { contextWindow: byName.get(model)!.context }),
    }),
  });
}
