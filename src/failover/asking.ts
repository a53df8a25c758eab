import type { Dialect } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';
import { isObject } from '../exchange/json.ts';
import type { CalledTool } from '../exchange/part.ts';
import type { Request } from '../exchange/request.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { isTooDeep, TOO_DEEP } from '../exchange/too-deep.ts';
import type { UpstreamRequest } from '../providers/call.ts';
import { prepareRequest } from '../providers/prepare.ts';
import { withMadeIds } from './call-ids.ts';
import { continuationRequest, DEFAULT_NOTE } from './continuation.ts';
import type { EngineParts, Question } from './engine.ts';
import { misfit, needsLook, strictRefusal } from './fit.ts';
import type { PlannedTarget } from './plan.ts';
import { PREVIOUS_EDIT } from './previous-response.ts';
import { isResumable, type Resume, resumeOf } from './resume.ts';

/** A request to one target, written. */
export interface Asking {
  upstream: UpstreamRequest;
  /** The target's dialect. */
  dialect: Dialect;
  /** A stream is asked of the target. Foreign targets always stream: that way their silence is noticed. */
  stream: boolean;
  /** The answer's bytes may pass through. */
  native: boolean;
  losses: string[];
  edits: string[];
  /** Its provider goes on making the answer when the connection is lost. */
  resume?: Resume;
  /** The answer's bytes are to say that it goes on from this. */
  goesOnFrom?: string;
  /** Tools by the names that the answer's events have for them -> as the client knows them; absent where all are the same. */
  calls?: ReadonlyMap<string, CalledTool>;
}

/**
 * Writes the requests of one exchange. The client's body is decoded only if somebody needs more than its bytes, once for each request
 * that is written: kept longer, what was decoded would lie in memory for as long as the answer takes, and hardly ever be wanted again.
 */
export interface Asker {
  first(planned: PlannedTarget, fresh: boolean): Result<Asking, Fault>;
  /** Carries `delivered` on; with `prefill` by a trailing assistant turn alone. */
  hop(planned: PlannedTarget, delivered: string, prefill: boolean): Result<Asking, Fault>;
  /** After reasoning or blanks alone: the same question again, as a stream of events. */
  again(planned: PlannedTarget): Result<Asking, Fault>;
  /** The client's last message brings tool results: the model may have nothing to add. */
  answersTools(): boolean;
}

export function createAsker(parts: EngineParts, question: Question): Asker {
  let decoded: Result<Request, Fault> | undefined;
  /** Vendors whose thoughts were put back into it. */
  const makers = new Set<string>();

  function request(): Result<Request, Fault> {
    decoded ??= complete(decode(question));
    return decoded;
  }

  function complete(read: Result<Request, Fault>): Result<Request, Fault> {
    if (!read.ok) return read;
    const request = withMadeIds(read.value);
    if (!question.plan.untold || !parts.thoughts) return ok(request);
    return ok(parts.thoughts.restored(question, request, ({ vendor }) => makers.add(vendor ?? '')));
  }

  /** A native target whose own thoughts its client was not told: the client's bytes lack what their maker wants back. */
  function withOwnThoughts({ target, passThrough }: PlannedTarget): Request | undefined {
    const { plan, original } = question;
    const isElsewhere = plan.untold && target.vendor !== plan.home?.vendor && original?.provider !== target.provider;
    if (!isElsewhere || passThrough || parts.thoughts?.isEmpty() !== false) return undefined;
    const read = request();
    return read.ok && makers.has(target.vendor) ? read.value : undefined;
  }

  function write(planned: PlannedTarget, neutral: Request, fresh: boolean): Result<Asking, Fault> {
    const dialect = parts.dialect(planned.target.dialect);
    const unfit = misfit(neutral, planned.facts);
    if (unfit !== undefined) return err(unable(unfit));
    const encoded = dialect.encodeRequest({ ...neutral, model: planned.target.model, stream: true }, planned.facts);
    const refusal = question.plan.strict ? strictRefusal(encoded.losses) : undefined;
    if (refusal !== undefined) return err(unable(refusal));
    const losses = encoded.losses.map(({ what, why }) => `${what}: ${why}`);
    const body = Buffer.from(JSON.stringify(encoded.body));
    const sent = send(planned, dialect, body, encoded.headers, { stream: true, native: false, fresh, losses, edits: [] });
    return sent.ok && encoded.calls ? ok({ ...sent.value, calls: encoded.calls }) : sent;
  }

  function send(
    planned: PlannedTarget,
    dialect: Dialect,
    body: Buffer,
    dialectHeaders: Record<string, string>,
    how: { stream: boolean; native: boolean; fresh: boolean; losses: string[]; edits: string[] },
  ): Result<Asking, Fault> {
    const prepared = prepareRequest({
      provider: planned.provider,
      // A hop to a native target is still that vendor's own client asking: its headers (betas, session) go along.
      native: planned.native,
      model: planned.target.model,
      endpoint: dialect.endpoint(planned.target.model, how.stream, planned.native ? question.path : undefined),
      clientPath: question.path,
      // An idempotency key stands for the bytes that it came with.
      clientHeaders: how.native ? question.headers : question.headers.filter(([name]) => name.toLowerCase() !== 'idempotency-key'),
      dialectHeaders,
      body,
      stream: how.stream,
      connectTimeout: question.plan.deadlines.connect,
      fresh: how.fresh,
    });
    if (!prepared.ok) return err(skipped(prepared.error));
    const { stream, native, losses, edits } = how;
    return ok({ upstream: prepared.value, dialect, stream, native, losses, edits });
  }

  const asker: Asker = {
    first(planned, fresh) {
      const own = planned.native ? withOwnThoughts(planned) : undefined;
      if (own) return write(planned, own, fresh);
      if (planned.native) {
        const neutral = needsLook(planned.facts) ? request() : undefined;
        const unfit = neutral?.ok ? misfit(neutral.value, planned.facts) : undefined;
        if (unfit !== undefined) return err(unable(unfit));
        const { original } = question;
        const body = original?.provider === planned.target.provider ? original.body : question.body;
        const adapted = question.dialect.adaptRequest(body, planned.target.model, planned.facts, question.head.layout);
        const edits = adapted.edits.map(({ what, why }) => `${what}: ${why}`);
        const goesOnFrom = body === question.body ? question.goesOnFrom : undefined;
        if (goesOnFrom !== undefined) edits.push(PREVIOUS_EDIT);
        if (planned.passThrough && !adapted.body.equals(body)) return err(skipped(changed(edits.join('; '))));
        const how = { stream: question.head.stream, native: true, fresh, losses: [], edits };
        const ways = isResumable(question, planned) ? question.dialect.resume : undefined;
        const sent = send(planned, question.dialect, ways ? ways.inBackground(adapted.body) : adapted.body, {}, how);
        if (!sent.ok) return sent;
        return ok({
          ...sent.value,
          ...(ways && { resume: resumeOf(ways, sent.value.upstream) }),
          ...(goesOnFrom !== undefined && { goesOnFrom }),
        });
      }
      const neutral = request();
      return neutral.ok ? write(planned, neutral.value, fresh) : neutral;
    },
    hop(planned, delivered, prefill) {
      if (planned.passThrough) return err(skipped(changed('an answer is carried on')));
      const neutral = request();
      if (!neutral.ok) return neutral;
      const note = question.plan.failover.note ?? DEFAULT_NOTE;
      return write(planned, continuationRequest(neutral.value, delivered, prefill, note), true);
    },
    answersTools() {
      const neutral = request();
      return neutral.ok && (neutral.value.messages.at(-1)?.parts.some((part) => part.type === 'tool-result') ?? false);
    },
    again(planned) {
      if (planned.passThrough) return err(skipped(changed('the answer is asked for in another form')));
      const neutral = request();
      return neutral.ok ? write(planned, neutral.value, true) : neutral;
    },
  };
  return {
    answersTools() {
      let brings = false;
      forgetting(() => {
        brings = asker.answersTools();
        return err(unable(''));
      });
      return brings;
    },
    first(planned, fresh) {
      const asking = forgetting(() => asker.first(planned, fresh));
      parts.translates.set(question.dialect.name, !planned.native);
      question.head.parsed?.take();
      return asking;
    },
    hop: (planned, delivered, prefill) => forgetting(() => asker.hop(planned, delivered, prefill)),
    again: (planned) => forgetting(() => asker.again(planned)),
  };

  function forgetting(ask: () => Result<Asking, Fault>): Result<Asking, Fault> {
    const asking = guarded(ask);
    decoded = undefined;
    return asking;
  }
}

/** What a codec of ours trips over costs this target, not the server with all that it is answering. */
function guarded(ask: () => Result<Asking, Fault>): Result<Asking, Fault> {
  try {
    return ask();
  } catch (error) {
    if (isTooDeep(error)) return err(unable(TOO_DEEP));
    return err(unable(`Understudy failed to write the request (${String(error)}); please report that`));
  }
}

function changed(why: string): string {
  return `a subscription's login goes along only with the client's own bytes, and these would have to be changed (${why})`;
}

function skipped(message: string): Fault {
  return { class: 'provider-fault', symptom: 'skipped', message };
}

/** It will be no different next time: where nobody else can take the request either, its client is not to try again. */
function unable(message: string): Fault {
  return { class: 'bad-request', symptom: 'skipped', message };
}

function decode(question: Question): Result<Request, Fault> {
  const { parsed } = question.head;
  let json: unknown = parsed?.of === question.body ? parsed.take() : undefined;
  try {
    json ??= JSON.parse(question.body.toString('utf8'));
  } catch (error) {
    return err({
      class: 'bad-request',
      symptom: 'skipped',
      message: `the request is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    });
  }
  if (!isObject(json)) return err({ class: 'bad-request', symptom: 'skipped', message: 'the request is not a JSON object' });
  const result = question.dialect.decodeRequest(json, question.path);
  if (result.ok) return result;
  const { field, message } = result.error;
  return err({
    class: 'bad-request',
    symptom: 'skipped',
    message: field === '' || message.startsWith(field) ? message : `${field}: ${message}`,
  });
}
