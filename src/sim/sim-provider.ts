import type { Clock } from '../exchange/clock.ts';
import { parseObject, type JsonObject } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { type AccountLimit, createAccountLimits } from './account-limit.ts';
import type { Answer } from './answer.ts';
import type { Asked, SimDialect } from './asked.ts';
import { answer, type AssistantOptions } from './assistant.ts';
import { errorScene, jsonScene, usualError, type VendorError } from './errors.ts';
import { faultById } from './faults/catalogue.ts';
import { withHeaders } from './faults/frames.ts';
import type { Content, Fault, Injection, Refusal } from './faults/fault.ts';
import { createKeptResponses } from './kept-responses.ts';
import { modelEntry, modelList, SIM_MODELS } from './models.ts';
import { positionsOf, type Position } from './position.ts';
import { dialectOf, keyOf, routeOf } from './route.ts';
import type { Scene } from './scene.ts';
import { inScope, scheduler, type Schedule, type Scheduler, type Scope, type Scoped } from './schedule.ts';
import { hash } from './seeded.ts';
import { VENDORS } from './vendors.ts';
import { AT_ONCE, type Pace } from './wire/pace.ts';

export interface SimRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** The connection has served another request before. */
  reused: boolean;
}

/** A fault that is set. The fault's own schedule and scope hold where the rule has none; else it strikes for ever and everybody. */
export interface FaultRule {
  /** Id in the catalogue. */
  fault: string;
  /** Where the answer has no such place, the answer stays whole. Default: in the middle of what is said. */
  position?: Position;
  schedule?: Schedule;
  scope?: Scope;
}

export interface Played {
  scene: Scene;
  /** Set instead of playing the scene. */
  refuse?: Refusal;
  /** Id of the fault that struck. */
  fault?: string;
  model: string;
  stream: boolean;
}

export interface SimProviderOptions {
  clock: Clock;
  /** Makes the ids of two providers differ that are asked the same at the same time. */
  name?: string;
  /** Default: as fast as possible. */
  pace?: Pace;
  assistant?: AssistantOptions;
  /** Answers 400 to what the real service would. */
  strict?: boolean;
  /** The only names that exist; default: any. */
  models?: readonly string[];
  /** The only key that is accepted; default: any, and none. */
  key?: string;
  /** What each key may ask; default: as much as it likes. */
  limit?: AccountLimit;
  faults?: readonly FaultRule[];
}

/** A simulated service, whatever its requests come over. Requests in, scenes out; no I/O. */
export interface SimProvider {
  play(request: SimRequest): Played;
  /** What is answered before a request's body has been read; usually nothing. */
  playEarly(request: Omit<SimRequest, 'body'>): Played | undefined;
  /** Replaces all rules. The error names a fault that the catalogue does not have. */
  setFaults(rules: readonly FaultRule[]): Result<void, string>;
}

interface SetFault {
  fault: Fault;
  rule: FaultRule;
  scheduler: Scheduler;
}

/** Throws for an unknown fault in `options.faults`: a slip in a test or script, not an input. */
export function createSimProvider(options: SimProviderOptions): SimProvider {
  const { clock } = options;
  const pace = options.pace ?? AT_ONCE;
  const kept = createKeptResponses(clock);
  const limits = options.limit && createAccountLimits(clock, options.limit);
  let rules: SetFault[] = [];
  let count = 0;

  function setFaults(wanted: readonly FaultRule[]): Result<void, string> {
    const found: SetFault[] = [];
    for (const rule of wanted) {
      const fault = faultById(rule.fault);
      if (!fault) return err(`there is no fault «${rule.fault}»; faults/catalogue.ts has the list`);
      const schedule = rule.schedule ?? fault.schedule ?? { type: 'ever' };
      found.push({ fault, rule, scheduler: scheduler(schedule, clock.monotonic()) });
    }
    rules = found;
    return ok(undefined);
  }

  function strike(request: Scoped, candidates: (set: SetFault) => boolean): SetFault | undefined {
    return rules.find(
      (set) => candidates(set) && inScope(set.rule.scope ?? set.fault.scope ?? {}, request) && set.scheduler.strikes(clock.monotonic()),
    );
  }

  function write(said: Answer, asked: Asked): Scene {
    return VENDORS[asked.dialect].write(said, asked, { pace, now: clock.now() });
  }

  function converse(request: SimRequest, dialect: SimDialect, given: JsonObject, seed: string): Played {
    const size = request.body.length;
    const key = keyOf(request.path, request.headers);
    const complete = dialect === 'openai-responses' ? kept.complete(given) : ok(given);
    const body = complete.ok ? complete.value : given;
    const asked = VENDORS[dialect].read(body, size, request.path);
    const { model, stream } = asked;
    const said = answer(asked, seed, options.assistant);
    const content = contentOf(said);
    const struck = strike(
      { model, stream, size, key },
      ({ fault }) => fault.beforeBody !== true && fault.applies(dialect, stream, content),
    );
    const told = struck ? undefined : limits?.(dialect, key);
    const wrong =
      refusal(dialect, key, model) ?? told?.refused ?? (complete.ok ? undefined : complete.error) ?? strictly(dialect, body, request.path);
    const sound = wrong ? errorScene(dialect, wrong, seed) : told ? withHeaders(write(said, asked), told.headers) : write(said, asked);
    // What the service makes in the background it keeps, whatever becomes of the connection.
    const keeps = dialect === 'openai-responses' && given.store !== false && !wrong && (!struck || asked.background === true);
    if (keeps) kept.keep(said, asked, given, { pace, now: clock.now() });
    if (!struck) return { scene: sound, model, stream };
    const injected = inject(struck, sound, said, asked, request.reused);
    return { ...injected, fault: struck.fault.id, model, stream };
  }

  /** A stream that is taken up again fails as any other may. */
  function resumed(request: SimRequest, scene: Scene, id: string): Played {
    const one = request.method === 'GET' && /[?&]stream=true/.test(request.path) ? kept.find(id) : undefined;
    if (!one) return { scene, model: '', stream: false };
    const { answer: said, asked } = one;
    const { model } = asked;
    const scope = { model, stream: true, size: request.body.length, key: keyOf(request.path, request.headers) };
    const struck = strike(
      scope,
      ({ fault }) => fault.beforeBody !== true && fault.positioned && fault.applies(asked.dialect, true, contentOf(said)),
    );
    if (!struck) return { scene, model, stream: true };
    return { ...inject(struck, scene, said, asked, request.reused), fault: struck.fault.id, model, stream: true };
  }

  function inject(set: SetFault, scene: Scene, said: Answer, asked: Asked, reused: boolean): { scene: Scene; refuse?: Refusal } {
    const injected: Injection = set.fault.inject(scene, set.rule.position ?? middle(scene), {
      dialect: asked.dialect,
      stream: asked.stream,
      answer: said,
      asked,
      write: (other) => write(other, asked),
      writeWhole: (other) => write(other, { ...asked, stream: false }),
      now: clock.now(),
      reused,
    });
    return Array.isArray(injected) ? { scene: injected } : { scene, refuse: injected.refuse };
  }

  /** Whom the service does not answer, whatever the question. */
  function refusal(dialect: SimDialect, key: string, model: string): VendorError | undefined {
    if (options.key !== undefined && key !== options.key) return usualError(dialect, 'auth', 401);
    if (!options.models || options.models.includes(model)) return undefined;
    return usualError(dialect, 'model', 404, { message: `model: ${model}` });
  }

  function strictly(dialect: SimDialect, body: JsonObject, path: string): VendorError | undefined {
    return options.strict === true ? VENDORS[dialect].strict(body, path) : undefined;
  }

  const started = setFaults(options.faults ?? []);
  if (!started.ok) throw new Error(started.error);

  return {
    setFaults,
    play(request) {
      const text = request.body.toString();
      const seed = `${options.name ?? ''} ${clock.now()} ${count++} ${hash(text)}`;
      const route = routeOf(request.method, request.path, request.headers);
      const plain = (scene: Scene): Played => ({ scene, model: '', stream: false });
      const names = options.models ?? SIM_MODELS.map((model) => model.name);
      switch (route.type) {
        case 'probe':
          return plain([{ type: 'head', status: 200, headers: { server: 'simulated' } }, { type: 'end' }]);
        case 'upgrade':
          return plain(jsonScene(426, { error: { message: 'No WebSockets here; use POST.' } }, { upgrade: 'HTTP/1.1' }));
        case 'models':
          return plain(jsonScene(200, modelList(route.dialect, names)));
        case 'model':
          return plain(
            names.includes(route.name)
              ? jsonScene(200, modelEntry(route.dialect, route.name))
              : errorScene(route.dialect, usualError(route.dialect, 'model', 404), seed),
          );
        case 'kept':
          return resumed(request, kept.play(route, request.path), route.id);
        case 'unknown': {
          const message = `Not found: ${request.path.replace(/\?.*$/, '')}`;
          return plain(errorScene(route.dialect, usualError(route.dialect, 'model', 404, { message }), seed));
        }
        case 'wrong-method':
          return plain(errorScene(route.dialect, usualError(route.dialect, 'invalid', 405, { message: 'Method Not Allowed' }), seed));
        case 'count':
        case 'converse': {
          const vendor = VENDORS[route.dialect];
          const body = parseObject(text);
          if (!body) return plain(errorScene(route.dialect, usualError(route.dialect, 'invalid', 400, { message: vendor.notJson }), seed));
          if (route.type === 'count') return plain(jsonScene(200, vendor.counted(Math.max(1, Math.ceil(request.body.length / 4)))));
          return converse(request, route.dialect, body, seed);
        }
      }
    },
    playEarly(request) {
      const size = Number(request.headers['content-length'] ?? 0);
      const key = keyOf(request.path, request.headers);
      const struck = strike({ model: '', stream: false, size, key }, ({ fault }) => fault.beforeBody === true);
      if (!struck) return undefined;
      const asked = VENDORS[dialectOf(request.path, request.headers)].read({}, size, request.path);
      return { ...inject(struck, [], answer(asked, 'early'), asked, request.reused), fault: struck.fault.id, model: '', stream: false };
    },
  };
}

function contentOf(said: Answer): Content {
  const calls = said.parts.filter((part) => part.type === 'tool-call').length;
  if (calls > 0) return calls > 1 ? 'parallel' : 'tool';
  return said.parts.some((part) => part.type === 'reasoning') ? 'thinking' : 'text';
}

/** Where a fault strikes that was not told where. */
function middle(scene: Scene): Position {
  const places = positionsOf(scene);
  return (['text-middle', 'arguments', 'body-middle'] as const).find((place) => places.includes(place)) ?? 'start';
}
