import type { Clock } from '../exchange/clock.ts';
import { parseObject, type JsonObject } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Answer } from './answer.ts';
import type { Asked, SimDialect } from './asked.ts';
import { answer, type AssistantOptions } from './assistant.ts';
import { errorScene, jsonScene, usualError } from './errors.ts';
import { faultById } from './faults/catalogue.ts';
import type { Content, Fault, Injection, Refusal } from './faults/fault.ts';
import { modelList, SIM_MODELS } from './models.ts';
import { positionsOf, type Position } from './position.ts';
import type { Scene } from './scene.ts';
import { inScope, scheduler, type Schedule, type Scheduler, type Scope, type Scoped } from './schedule.ts';
import { hash } from './seeded.ts';
import { strictAnthropic } from './strict/anthropic.ts';
import { strictOpenai } from './strict/openai.ts';
import { anthropicScene } from './wire/anthropic-messages.ts';
import { chatScene } from './wire/openai-chat.ts';
import { AT_ONCE, type Pace } from './wire/pace.ts';
import { readAnthropic } from './wire/read-anthropic.ts';
import { readChat } from './wire/read-chat.ts';

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
    const context = { pace, now: clock.now() };
    return asked.dialect === 'anthropic-messages' ? anthropicScene(said, asked, context) : chatScene(said, asked, context);
  }

  function converse(request: SimRequest, dialect: SimDialect, body: JsonObject, seed: string): Played {
    const size = request.body.length;
    const asked = dialect === 'anthropic-messages' ? readAnthropic(body, size) : readChat(body, size);
    const { model, stream } = asked;
    const said = answer(asked, seed, options.assistant);
    const content = contentOf(said);
    const struck = strike(
      { model, stream, size, key: keyOf(request) },
      ({ fault }) => fault.beforeBody !== true && fault.applies(dialect, stream, content),
    );
    const sound = refusal(dialect, request, body, model, seed) ?? write(said, asked);
    if (!struck) return { scene: sound, model, stream };
    const injected = inject(struck, sound, said, asked, request.reused);
    return { ...injected, fault: struck.fault.id, model, stream };
  }

  function inject(set: SetFault, scene: Scene, said: Answer, asked: Asked, reused: boolean): { scene: Scene; refuse?: Refusal } {
    const injected: Injection = set.fault.inject(scene, set.rule.position ?? middle(scene), {
      dialect: asked.dialect,
      stream: asked.stream,
      answer: said,
      write: (other) => write(other, asked),
      writeWhole: (other) => write(other, { ...asked, stream: false }),
      now: clock.now(),
      reused,
    });
    return Array.isArray(injected) ? { scene: injected } : { scene, refuse: injected.refuse };
  }

  /** What the real service would refuse. */
  function refusal(dialect: SimDialect, request: SimRequest, body: JsonObject, model: string, seed: string): Scene | undefined {
    if (options.key !== undefined && keyOf(request) !== options.key) return errorScene(dialect, usualError(dialect, 'auth', 401), seed);
    if (options.models && !options.models.includes(model)) {
      return errorScene(dialect, usualError(dialect, 'model', 404, { message: `model: ${model}` }), seed);
    }
    if (options.strict !== true) return undefined;
    const wrong = dialect === 'anthropic-messages' ? strictAnthropic(body) : strictOpenai(body);
    return wrong ? errorScene(dialect, wrong, seed) : undefined;
  }

  const started = setFaults(options.faults ?? []);
  if (!started.ok) throw new Error(started.error);

  return {
    setFaults,
    play(request) {
      const text = request.body.toString();
      const seed = `${options.name ?? ''} ${clock.now()} ${count++} ${hash(text)}`;
      const path = request.path.replace(/\?.*$/, '').replace(/\/+$/, '');
      const dialect: SimDialect =
        path.includes('/messages') || request.headers['anthropic-version'] !== undefined ? 'anthropic-messages' : 'openai-chat';
      const plain = (scene: Scene): Played => ({ scene, model: '', stream: false });
      if (request.method === 'HEAD') return plain([{ type: 'head', status: 200, headers: { server: 'simulated' } }, { type: 'end' }]);
      if (request.method === 'GET' && /(^|\/)models$/.test(path)) {
        return plain(jsonScene(200, modelList(dialect, options.models ?? SIM_MODELS.map((model) => model.name))));
      }
      const known = /\/messages(\/count_tokens)?$|\/chat\/completions$/.test(path);
      if (!known) return plain(errorScene(dialect, usualError(dialect, 'model', 404, { message: `Not found: ${path}` }), seed));
      if (request.method !== 'POST')
        return plain(errorScene(dialect, usualError(dialect, 'invalid', 405, { message: 'Method Not Allowed' }), seed));
      const body = parseObject(text);
      if (!body) {
        const message =
          dialect === 'anthropic-messages' ? 'The request body is not valid JSON' : 'We could not parse the JSON body of your request.';
        return plain(errorScene(dialect, usualError(dialect, 'invalid', 400, { message }), seed));
      }
      if (path.endsWith('/count_tokens')) return plain(jsonScene(200, { input_tokens: Math.max(1, Math.ceil(request.body.length / 4)) }));
      return converse(request, dialect, body, seed);
    },
    playEarly(request) {
      const dialect: SimDialect = request.path.includes('/messages') ? 'anthropic-messages' : 'openai-chat';
      const size = Number(request.headers['content-length'] ?? 0);
      const struck = strike({ model: '', stream: false, size, key: keyOf(request) }, ({ fault }) => fault.beforeBody === true);
      if (!struck) return undefined;
      const asked: Asked = dialect === 'anthropic-messages' ? readAnthropic({}, size) : readChat({}, size);
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

function keyOf(request: Pick<SimRequest, 'headers'>): string {
  const { headers } = request;
  return headers['x-api-key'] ?? headers['api-key'] ?? headers.authorization?.replace(/^Bearer\s+/i, '') ?? '';
}
