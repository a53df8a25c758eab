import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { End, Entry, Head } from '../journal/entry.ts';
import type { Follower, LoggedEntry } from '../journal/journal.ts';
import { answerHeaders } from './answer-head.ts';
import { clientOf } from './client.ts';
import { brokenFault, type Delivery, errorAnswer, faultOf, lostFault, type Stop } from './delivery.ts';

/** Follows an answer log and writes one JSON body when it is whole. Nothing goes out before that, so every failure is a normal HTTP error. */
export function wholeAnswer(delivery: Delivery): Stop {
  const { response, dialect, asked } = delivery;
  const { opening } = asked.log;
  const targets: string[] = [];
  const pieces: Buffer[] = [];
  let events: AnswerEvent[] = [];
  let head: Head | undefined;
  let over = false;
  let follower: Follower | undefined = undefined;

  const client = clientOf(response, delivery.clock, delivery.slowReader, {
    drained: () => undefined,
    gone() {
      leave();
      asked.abandon();
    },
    closed: delivery.closed,
  });

  function leave(): void {
    over = true;
    follower?.stop();
  }

  function take({ entry }: LoggedEntry): boolean {
    if (over) return false;
    try {
      return collect(entry);
    } catch (error) {
      giveUp(brokenFault(delivery, error));
      return false;
    }
  }

  function collect(entry: Entry): boolean {
    switch (entry.type) {
      case 'bytes':
        pieces.push(entry.bytes);
        return true;
      case 'events':
        events.push(...entry.events);
        return true;
      case 'head':
        head = entry;
        return true;
      case 'attempt': {
        const target = targetName(entry.target);
        if (!targets.includes(target)) targets.push(target);
        return true;
      }
      case 'seam':
      case 'attempt-end':
        return true;
      case 'end':
        end(entry);
        return false;
    }
  }

  function end({ outcome }: End): void {
    if (outcome.type !== 'complete') return fail(faultOf(outcome), outcome.type === 'failed' ? outcome.body : undefined);
    const context = { exchange: opening.id, head: delivery.head, created: Math.floor(opening.at / 1000) };
    const body = pieces.length > 0 ? Buffer.concat(pieces) : Buffer.from(JSON.stringify(dialect.encodeAnswer(events, context)));
    const headers = answerHeaders(
      { exchange: opening.id, journal: delivery.journal(), head, asked: targets },
      'application/json; charset=utf-8',
    );
    headers.push('content-length', String(body.length));
    send(head?.status ?? 200, headers, body);
  }

  function fail(fault: Fault, provider: string | undefined): void {
    const { status, headers, body } = errorAnswer(delivery, fault, head?.status === 200 ? undefined : head, targets, provider);
    send(status, headers, body);
  }

  function send(status: number, headers: string[], body: Buffer): void {
    leave();
    pieces.length = 0;
    events = [];
    response.writeHead(status, headers);
    client.end(body);
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
