import type { Dialect } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import { isObject, type Json, parseObject } from '../exchange/json.ts';
import { type Call, type UpstreamHandler } from '../providers/call.ts';
import { prepareRequest } from '../providers/prepare.ts';
import { passedHeaders } from './delivery.ts';
import type { Plan, PlannedTarget } from './plan.ts';

export interface CountInput {
  dialect: Dialect;
  body: Buffer;
  headers: [name: string, value: string][];
  path: string;
  plan: Plan;
}

type Counting = NonNullable<Dialect['counting']>;

export interface Counted {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A count is a courtesy: nobody waits long for it, however many targets there are. */
const PATIENCE = 5000;
/** Anthropic's rule of thumb for an image of usual size. */
export const IMAGE_TOKENS = 1600;

/**
 * A dialect's call for counting tokens: the first native target that answers, else an estimate, marked as one in the body and by the
 * header `x-understudy-estimate`. What happens here is no signal for any breaker.
 */
export async function countTokens(call: Call, clock: Clock, input: CountInput): Promise<Counted> {
  const { counting } = input.dialect;
  const until = clock.monotonic() + PATIENCE;
  for (const planned of input.plan.targets) {
    const left = until - clock.monotonic();
    if (!planned.native || !counting || left <= 0) continue;
    const counted = await ask(call, clock, input, counting, planned, left);
    // What is wrong with the request is the vendor's to say; anything else is not the client's problem.
    if (counted && (counted.status === 200 || counted.status === 400 || counted.status === 413)) return counted;
  }
  const tokens = estimateTokens(input.body);
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-understudy-estimate': 'true' },
    body: Buffer.from(JSON.stringify(counting?.estimate(tokens) ?? { input_tokens: tokens })),
  };
}

function ask(
  call: Call,
  clock: Clock,
  input: CountInput,
  counting: Counting,
  planned: PlannedTarget,
  patience: number,
): Promise<Counted | undefined> {
  const { body } = input.dialect.adaptRequest(input.body, planned.target.model, planned.facts);
  if (planned.passThrough && !body.equals(input.body)) return Promise.resolve(undefined);
  const prepared = prepareRequest({
    provider: planned.provider,
    native: true,
    model: planned.target.model,
    endpoint: counting.endpoint(planned.target.model, input.path),
    clientPath: input.path,
    clientHeaders: input.headers,
    dialectHeaders: {},
    body,
    stream: false,
    connectTimeout: Math.min(patience, input.plan.deadlines.connect),
    fresh: false,
  });
  if (!prepared.ok) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Buffer[] = [];
    const handler: UpstreamHandler = {
      headers(code, received) {
        status = code;
        headers = Object.fromEntries(passedHeaders(received));
      },
      data: (chunk) => void chunks.push(chunk),
      end() {
        stop();
        const answer = Buffer.concat(chunks);
        const told = status === 200 ? parseObject(answer.toString('utf8')) : undefined;
        const sound = status !== 200 || (told !== undefined && counting.read(told) !== undefined);
        resolve(sound ? { status, headers: { ...headers, 'x-understudy-target': planned.provider.name }, body: answer } : undefined);
      },
      error() {
        stop();
        resolve(undefined);
      },
    };
    const cancel = call(prepared.value, handler);
    const stop = clock.after(patience, () => {
      cancel();
      resolve(undefined);
    });
  });
}

/** About four characters a token; binary data counts as an image each. An estimate, and said to be one. */
export function estimateTokens(body: Buffer): number {
  const json = parseObject(body.toString('utf8'));
  return json ? Math.max(1, Math.ceil(weigh(json))) : 0;
}

function weigh(value: Json | undefined): number {
  if (typeof value === 'string') return value.length / 4;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + weigh(item), 0);
  if (!isObject(value)) return value === undefined || value === null ? 0 : 1;
  if (value.type === 'base64') return IMAGE_TOKENS;
  return Object.entries(value).reduce((sum, [name, item]) => sum + name.length / 8 + weigh(item), 0);
}
