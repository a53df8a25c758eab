import type { Dialect } from '../../dialects/dialect.ts';
import type { Clock } from '../../exchange/clock.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Request } from '../../exchange/request.ts';
import type { AnswerState } from '../../failover/answer-state.ts';
import { type AttemptResult, startAttempt } from '../../failover/attempt.ts';
import { costOf } from '../../failover/cost.ts';
import type { Call, UpstreamRequest } from '../../providers/call.ts';
import { prepareRequest } from '../../providers/prepare.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ProbeCall, ProbeOutcome } from './outcome.ts';

export interface ProbePorts {
  call: Call;
  clock: Clock;
  dialect(name: DialectName): Dialect;
  /** As in the configuration. */
  provider(name: string, model: string): Provider | undefined;
}

/** Milliseconds until words have to have come (research/status.md, 3.4). */
const PATIENCE = 20_000;
const CONNECT_TIMEOUT = 5000;
const QUESTION = 'Say OK.';
/** Tokens of the question with what services put around it. */
const ASKED = 10;
/** The least that OpenAI's Responses take as `max_output_tokens`. */
const LEAST_OF_RESPONSES = 16;

/**
 * Asks a target for one token, streamed, with its own key and as nobody's exchange: it stands in no journal, is not counted by any breaker and leaves no
 * trace but its outcome. What only a client's login or somebody's plan could ask is not asked.
 */
export function createProbeCall({ call, clock, dialect: dialectOf, provider: find }: ProbePorts): ProbeCall {
  return (target) => {
    const slash = target.indexOf('/');
    const model = target.slice(slash + 1);
    const provider = slash > 0 ? find(target.slice(0, slash), model) : undefined;
    const refusal = provider ? whyNot(provider) : 'it is not configured';
    if (!provider || refusal !== undefined) return Promise.resolve({ type: 'not-asked', reason: refusal ?? '' });
    const dialect = dialectOf(provider.dialect);
    const facts = provider.facts(model);
    const tokens = provider.dialect === 'openai-responses' ? LEAST_OF_RESPONSES : 1;
    const encoded = dialect.encodeRequest(question(model, tokens), facts);
    const prepared = prepareRequest({
      provider,
      native: false,
      endpoint: dialect.endpoint(model, true),
      model,
      clientPath: '',
      clientHeaders: [],
      dialectHeaders: encoded.headers,
      body: Buffer.from(JSON.stringify(encoded.body)),
      stream: true,
      connectTimeout: CONNECT_TIMEOUT,
      fresh: false,
    });
    if (!prepared.ok) return Promise.resolve({ type: 'not-asked', reason: prepared.error });
    const { price } = facts;
    return ask({ call, clock }, dialect, prepared.value, (result) =>
      price && (result.type === 'whole' || result.firstEventAfter !== undefined)
        ? costOf(price, result.usage, { input: ASKED, output: tokens })
        : undefined,
    );
  };
}

function whyNot({ name, credential }: Provider): string | undefined {
  if (credential.type === 'client') return `${name} has no key of its own`;
  if (credential.type === 'identity' && credential.personal)
    return `${name} is asked with the login of a person's plan, which is for that person's own requests`;
  return undefined;
}

function question(model: string, maxOutputTokens: number): Request {
  return {
    model,
    stream: true,
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: QUESTION }] }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    maxOutputTokens,
    stop: [],
  };
}

function ask(
  { call, clock }: Pick<ProbePorts, 'call' | 'clock'>,
  dialect: Dialect,
  request: UpstreamRequest,
  costOfIt: (result: AttemptResult) => number | undefined,
): Promise<ProbeOutcome> {
  const began = clock.monotonic();
  return new Promise((resolve) => {
    let wordsAfter: number | undefined;
    let giveUp: (() => void) | undefined = undefined;
    const took = (): number => Math.round(clock.monotonic() - began);

    function see(state: AnswerState): undefined {
      if (state.hasContent()) wordsAfter ??= took();
    }

    function settle(result: AttemptResult): void {
      stop();
      const dollars = costOfIt(result);
      const cost = dollars === undefined ? {} : { cost: dollars };
      // A model that thinks may have spent its token on that: the answer is whole all the same.
      if (wordsAfter !== undefined || result.type === 'whole') return resolve({ type: 'answered', took: wordsAfter ?? took(), ...cost });
      const { class: kind, symptom, status, code } = result.fault;
      const fault = { class: kind, symptom, ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
      resolve({ type: 'failed', took: took(), fault, ...cost });
    }

    // Pings do not count: what bounds it is one wait over the whole of it.
    const stop = clock.after(PATIENCE, () => {
      giveUp?.();
      if (wordsAfter !== undefined) resolve({ type: 'answered', took: wordsAfter });
      else resolve({ type: 'failed', took: took(), fault: { class: 'provider-fault', symptom: 'first-event-timeout' } });
    });
    giveUp = startAttempt(
      call,
      clock,
      {
        request,
        dialect,
        stream: true,
        limits: {
          headers: PATIENCE,
          firstEvent: PATIENCE,
          firstEventAlive: PATIENCE,
          idle: PATIENCE,
          idleAlive: PATIENCE,
          thinking: PATIENCE,
          thinkingAlive: PATIENCE,
          whole: PATIENCE,
        },
        reasoning: false,
        candidates: 1,
        mayBeEmpty: true,
      },
      {
        headers() {},
        frames: (_frames, state) => see(state),
        body: (_bytes, _events, state) => see(state),
        resumed() {},
        settled: settle,
      },
    );
  });
}
