import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { randomFillSync } from 'node:crypto';
import { type Clock, systemClock } from '../exchange/clock.ts';
import { exchangeId, pooled, type Random } from '../exchange/ids.ts';
import { createEngine } from '../failover/engine.ts';
import { makePlan, type Plan } from '../failover/plan.ts';
import { createRateRooms } from '../failover/rate-room.ts';
import { createRetryBudget } from '../failover/retry-budget.ts';
import { parseRoute } from '../failover/route.ts';
import { routeSettings } from '../failover/settings.ts';
import { createSpendLedger } from '../failover/spend.ts';
import { createStickiness } from '../failover/stickiness.ts';
import { createHealth } from '../health/create-health.ts';
import type { Health, TargetStatus } from '../health/health.ts';
import type { AnswerLog } from '../journal/journal.ts';
import { answerParts, type Answering } from './answer-parts.ts';
import { callBody } from './call-body.ts';
import { finalError } from './final-error.ts';
import { keepJournal } from './keep-journal.ts';
import { modelCall } from './model-call.ts';
import { headOf, modelDialect } from './model-dialect.ts';
import { placeOf, type WrappedModel, wrapModels } from './models.ts';
import { type FailoverOptions, withDeadlines } from './options.ts';
import { credentialsIn, headersFor } from './own-headers.ts';
import { reporting } from './reporting.ts';
import { takeOptions, type TakenOptions } from './take-options.ts';
import { supportedByAll } from './supported-urls.ts';
import { wholeAnswer } from './whole-answer.ts';

/** Several models as one, for everything of the AI SDK that takes a model. */
export interface FailoverModel extends LanguageModelV4 {
  readonly provider: 'understudy';
  /** How each model stands that has been asked. */
  status(): TargetStatus[];
  /** Gives up what is being answered, and waits until the journal is on disk. */
  close(): Promise<void>;
}

/** What an instance takes from its surroundings. */
export interface Ports {
  clock: Clock;
  random: Random;
}

/**
 * Wraps models of the AI SDK (specification v4) in one that answers as long as any of them can, by the same engine as the server's:
 * docs/library.md. Throws where an option can't be taken, in words that say which.
 */
export function createFailover(options: FailoverOptions): FailoverModel {
  return failoverWith(options, { clock: systemClock, random: pooled((bytes) => randomFillSync(bytes)) });
}

/** Breakers, marks and learned limits for several instances (`FailoverOptions.health`): what one has found out the others need not. */
export function createFailoverHealth(): Health {
  return healthWith({ clock: systemClock, random: pooled((bytes) => randomFillSync(bytes)) });
}

function healthWith({ clock, random }: Ports): Health {
  return createHealth({ clock, random: () => (random(new Uint8Array(1))[0] ?? 0) / 256 });
}

/** `createFailover` with a clock and randomness of the caller's. */
export function failoverWith(options: FailoverOptions, ports: Ports): FailoverModel {
  const { clock, random } = ports;
  const taken = takeOptions(options);
  if (!taken.ok) throw new TypeError(taken.error);
  const { deadlines, failover } = taken.value;
  const wrapped = wrapModels(options.models);
  if (!wrapped.ok) throw new TypeError(wrapped.error);
  const models = wrapped.value;
  const lead = models[0]!;
  const modelId = options.modelId ?? lead.model.modelId;
  const health = withDeadlines(options.health ?? healthWith(ports), deadlines);
  const notice = options.onNotice ?? ((message: string) => process.emitWarning(message, 'UnderstudyWarning'));
  const journal = keepJournal(options.journal, clock, notice);
  const dialect = modelDialect(lead.provider.vendor);
  const world = worldOf(models, options, { deadlines, failover });
  /** Exchanges under way: what goes beside their questions, and how they are given up. */
  const running = new Map<string, { options: LanguageModelV4CallOptions; leave: () => void }>();

  const call = modelCall((request, body) => {
    const model = models[placeOf(request.origin)]?.model;
    const exchange = running.get(body.exchange);
    return model && exchange && { model, headers: headersFor(exchange.options.headers, model.provider) };
  });
  const engine = createEngine({
    call,
    health,
    clock,
    random,
    controls: [createRetryBudget(clock), createSpendLedger(clock, undefined, () => undefined, notice), createRateRooms(clock)],
    stickiness: createStickiness(clock, health),
    dialect: () => dialect,
    translates: new Map(),
  });

  function planOf(head: ReturnType<typeof headOf>, exchange: string): Plan {
    const plan = makePlan(world, { dialect: dialect.name, head, client: { credential: 'none', alone: true } });
    if (!plan.ok) throw finalError(plan.error, exchange);
    // Each model is asked in the words of its own package: nothing passes through.
    return { ...plan.value, targets: plan.value.targets.map((planned) => ({ ...planned, native: false })) };
  }

  async function ask(asked: LanguageModelV4CallOptions, stream: boolean): Promise<Answering & { headers: Record<string, string> }> {
    asked.abortSignal?.throwIfAborted();
    const kept = await journal.ready;
    if (!kept.ok) throw new Error(kept.error);
    const at = clock.now();
    const id = exchangeId(at, random);
    const body = { ...callBody(id, asked), model: modelId };
    const bytes = Buffer.from(JSON.stringify(body));
    const head = headOf(body, bytes.length, stream);
    const plan = planOf(head, id);
    const log = kept.value.open(
      { id, at, dialect: dialect.name, model: modelId, route: plan.route, stream, principal: 'library', save: plan.save },
      bytes,
    );
    const leave = begin(id, asked, log, () =>
      engine.ask({
        dialect,
        head,
        body: bytes,
        headers: [],
        path: '/',
        plan,
        append: reporting(id, options, notice, (entry) => {
          if (entry.type === 'end') running.delete(id);
          log.append(entry);
        }),
      }),
    );
    const answering = await answerParts(log, leave, asked.abortSignal, leftOut(asked));
    const { target } = answering;
    return { ...answering, headers: { 'x-understudy-exchange': id, ...(target !== undefined && { 'x-understudy-target': target }) } };
  }

  /** Notes an exchange while it is under way; it may be over before it has been begun. */
  function begin(id: string, asked: LanguageModelV4CallOptions, log: AnswerLog, start: () => () => void): () => void {
    let cancel: (() => void) | undefined;
    const leave = (): void => cancel?.();
    running.set(log.opening.id, { options: asked, leave });
    cancel = start();
    if (!running.has(id)) cancel = undefined;
    return leave;
  }

  return {
    specificationVersion: 'v4',
    provider: 'understudy',
    modelId,
    get supportedUrls() {
      return supportedByAll(models.map(({ model }) => model));
    },
    async doStream(asked) {
      const { stream, headers } = await ask(asked, true);
      return { stream, response: { headers } };
    },
    async doGenerate(asked) {
      const { stream, headers } = await ask(asked, false);
      return wholeAnswer(stream, headers);
    },
    status: () => health.status(),
    async close() {
      for (const { leave } of running.values()) leave();
      await journal.close();
    },
  };
}

/** What of a call no model is told. */
function leftOut({ headers, includeRawChunks }: LanguageModelV4CallOptions): string[] {
  const credentials = credentialsIn(headers).map(
    (name) => `headers.${name}: a credential goes to its own provider: give it to the model's package`,
  );
  return includeRawChunks
    ? [...credentials, 'includeRawChunks: raw chunks are not passed on: an answer may come from several models']
    : credentials;
}

function worldOf(models: readonly WrappedModel[], options: FailoverOptions, taken: TakenOptions): Parameters<typeof makePlan>[0] {
  const targets = models.map(({ provider, name }) => `${provider.name}/${name}`);
  const { strict = false, spend } = options;
  const settings = routeSettings.parse({ targets, strict, ...(spend !== undefined && { spend }) });
  const byName = new Map(models.map(({ provider, name }) => [`${provider.name}/${name}`, provider]));
  return {
    provider: (name, model) => byName.get(`${name}/${model}`),
    providerNames: models.map(({ provider }) => provider.name),
    routes: new Map([['default', parseRoute('default', settings)]]),
    ownVendor: () => undefined,
    ...taken,
  };
}
