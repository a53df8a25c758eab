import type { Fault } from '../exchange/fault.ts';
import type { AttemptStart, Bytes, Entry, Events, Head, Seam } from '../journal/entry.ts';
import type { Follower, LoggedEntry } from '../journal/journal.ts';
import { type Client, clientOf } from './client.ts';
import { brokenFault, type Delivery, faultOf, lostFault, type Stop } from './delivery.ts';

/** Makes of an answer's entries what its client wants. The functions that say whether there is room for more return what `Client.write` does. */
export interface AnswerReader {
  head(head: Head): void;
  bytes(entry: Bytes): boolean;
  events(entry: Events): boolean;
  seam(entry: Seam): boolean;
  /** The answer is whole. Nothing comes after this. */
  complete(): void;
  /** It is not. `provider`: the provider's own error, to be passed on as it came. Nothing comes after this. */
  failed(fault: Fault, provider: string | undefined): void;
  /** Whatever the reason, the answer has no more to say to this client. */
  over(): void;
}

/** Follows an answer log for one client until the answer is over, the client leaves, or something of ours breaks. */
export function followAnswer(delivery: Delivery, read: (client: Client, attempts: readonly AttemptStart[]) => AnswerReader): Stop {
  const { response, asked } = delivery;
  const attempts: AttemptStart[] = [];
  let over = false;
  let begun = false;
  let follower: Follower | undefined = undefined;

  const client = clientOf(response, delivery.clock, delivery.slowReader, {
    drained: () => follower?.resume(),
    gone() {
      leave();
      asked.abandon();
    },
    closed: delivery.closed,
  });
  const reader = read(client, attempts);

  function leave(): void {
    over = true;
    follower?.stop();
    reader.over();
  }

  function take({ entry }: LoggedEntry): boolean {
    if (over) return false;
    try {
      return hand(entry);
    } catch (error) {
      giveUp(brokenFault(delivery, error));
      return false;
    }
  }

  function hand(entry: Entry): boolean {
    begun ||= entry.type === 'bytes' || entry.type === 'events';
    switch (entry.type) {
      case 'bytes':
        return reader.bytes(entry);
      case 'events':
        return reader.events(entry);
      case 'seam':
        return reader.seam(entry);
      case 'head':
        reader.head(entry);
        return true;
      case 'attempt':
        attempts.push(entry);
        return true;
      case 'attempt-end':
        return true;
      case 'end': {
        const { outcome } = entry;
        if (outcome.type === 'complete') {
          reader.complete();
          leave();
        } else {
          const fault = faultOf(outcome, asked.log.opening, begun);
          fail(fault, outcome.type === 'failed' && fault === outcome.fault ? outcome.body : undefined);
        }
        return false;
      }
    }
  }

  function fail(fault: Fault, provider: string | undefined): void {
    leave();
    try {
      reader.failed(fault, provider);
    } catch (error) {
      // Not even that could be written: nobody may be left waiting for it.
      delivery.log.error({ err: error, exchange: asked.log.opening.id }, 'telling of a failed answer failed');
      response.destroy();
    }
  }

  function giveUp(fault: Fault): void {
    if (over) return;
    fail(fault, undefined);
    asked.abandon();
  }

  follower = asked.log.follow(-1, take, (reason) => giveUp(lostFault(reason)));
  if (over) follower.stop();
  return giveUp;
}
