import type { Fault } from '../../exchange/fault.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { broken, type Desk, type Visit } from '../desk.ts';
import type { Share } from '../budget.ts';
import type { Ask, Asked, KeptLog } from '../ports.ts';
import { badRequest } from '../receive.ts';
import { hashOf, LONGEST_KEY, questionHash, repeatedBy } from './repeated.ts';

/** An answer that has been asked for: now, or by an earlier request. */
export interface Asking {
  asked: Asked;
  attached: boolean;
  /** To be called when the connection is done with, and the client did not get all of it. */
  left?(): void;
}

/**
 * Asks, unless the same request has been asked before and its answer is there or under way: then that is what the client gets, and nobody
 * is paid twice. `client`: the body as the client sent it. Requests that say nothing of repetition are asked at once.
 */
export function askOnce(
  desk: Desk,
  visit: Visit,
  ask: Ask,
  client: Buffer,
  share: Share,
  proceed: (asking: Result<Asking, Fault>) => void,
): void {
  const { principal, guest } = visit.admitted;
  if (guest) {
    const admitted = desk.limits.admit(principal, guest);
    if ('fault' in admitted) return proceed(err(admitted.fault));
    visit.response.once('close', admitted.done);
  }
  const repeated = repeatedBy(visit.request.headers);
  if (repeated?.by === 'key') {
    if (repeated.key.length > LONGEST_KEY) return proceed(err(LONG_KEY));
    const once = { key: hashOf(repeated.key), question: questionHash(ask, client) };
    later(underKey(desk, ask, once));
    return;
  }
  // A first try may say nothing of itself, and its retry count all the same.
  const question = (): string => questionHash(ask, client);
  if (!repeated || repeated.count === 0 || !desk.attachments.anyLeft()) return proceed(counted(desk, ask, anew(desk, ask), question));
  later(
    desk.attachments
      .takeLeft(ask, question())
      .then((log) => () => counted(desk, ask, log ? ok(given(desk, ask, log)) : anew(desk, ask), question)),
  );

  /** What is made of it is made in one go, and only for a client that is still there. */
  function later(found: Promise<() => Result<Asking, Fault>>): void {
    found
      .then((make) => {
        const asking = make();
        if (!visit.response.destroyed) return proceed(asking);
        share.release();
        if (!asking.ok) return;
        asking.value.left?.();
        asking.value.asked.abandon();
      })
      .catch((error: unknown) => {
        share.release();
        broken(desk, visit, ask.dialect, error);
      });
  }
}

function anew(desk: Desk, ask: Ask): Result<Asking, Fault> {
  const asked = desk.ports.ask(ask);
  return asked.ok ? ok({ asked: { ...asked.value, log: asked.value.held ?? asked.value.log }, attached: false }) : asked;
}

function given(desk: Desk, ask: Ask, log: KeptLog): Asking {
  return { asked: { log: desk.ports.hold(ask, log), abandon: () => true, cancel: () => undefined }, attached: true };
}

/** An answer that its client leaves behind may be asked for again by a retry that bears no key. */
function counted({ attachments }: Desk, ask: Ask, asking: Result<Asking, Fault>, question: () => string): Result<Asking, Fault> {
  if (!asking.ok) return asking;
  const { asked } = asking.value;
  let stays: boolean | undefined;
  return ok({
    ...asking.value,
    asked: { ...asked, abandon: () => (stays = asked.abandon()) },
    left() {
      if (stays ?? asked.abandon()) attachments.left(ask, question(), asked.log.opening.id);
    },
  });
}

async function underKey(desk: Desk, ask: Ask, once: { key: string; question: string }): Promise<() => Result<Asking, Fault>> {
  const verdict = await desk.attachments.byKey(ask, once);
  switch (verdict.type) {
    case 'given':
      return () => ok(given(desk, ask, verdict.log));
    case 'other-question':
      return () => err(OTHER_QUESTION);
    case 'ask':
      return () => {
        let exchange: string | undefined;
        try {
          const asking = anew(desk, { ...ask, once, ...(verdict.runs !== undefined && { runs: verdict.runs }) });
          if (asking.ok) exchange = asking.value.asked.log.opening.id;
          return asking;
        } finally {
          verdict.asked(exchange);
        }
      };
  }
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ section 2.7: 422 for a key that was used for something else. */
const OTHER_QUESTION: Fault = {
  class: 'bad-request',
  symptom: 'status',
  status: 422,
  code: 'idempotency_key_reused',
  message:
    'This Idempotency-Key was used for another request within the last 24 hours. Send the same path and body as then, or another key.',
};

const LONG_KEY: Fault = badRequest({
  field: 'Idempotency-Key',
  message: `is longer than ${LONGEST_KEY} characters: send a shorter one, such as a UUID`,
});
