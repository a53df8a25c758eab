import type { AnswerEvent } from '../exchange/event.ts';
import type { Head } from '../journal/entry.ts';
import { answerHeaders } from './answer-head.ts';
import { type Delivery, encoderContext, errorAnswer, type Stop } from './delivery.ts';
import { followAnswer } from './follow-answer.ts';

/** Writes an answer as one JSON body when it is whole. Nothing goes out before that, so every failure is a normal HTTP error. */
export function wholeAnswer(delivery: Delivery): Stop {
  const { response, dialect, asked } = delivery;
  const exchange = asked.log.opening.id;

  return followAnswer(delivery, (client, attempts) => {
    const pieces: Buffer[] = [];
    const events: AnswerEvent[] = [];
    let head: Head | undefined;

    function send(status: number, headers: string[], body: Buffer): void {
      pieces.length = events.length = 0;
      response.writeHead(status, headers);
      client.end(body);
    }

    return {
      bytes(entry) {
        pieces.push(entry.bytes);
        return true;
      },
      events(entry) {
        for (const event of entry.events) events.push(event);
        return true;
      },
      seam: () => true,
      head(entry) {
        head = entry;
      },
      complete() {
        const body =
          pieces.length > 0 ? Buffer.concat(pieces) : Buffer.from(JSON.stringify(dialect.encodeAnswer(events, encoderContext(delivery))));
        const headers = answerHeaders(
          { exchange, journal: delivery.journal(), head, attempts, attached: delivery.attached === true },
          'application/json; charset=utf-8',
        );
        headers.push('content-length', String(body.length));
        send(head?.status ?? 200, headers, body);
      },
      failed(fault, provider) {
        const { status, headers, body } = errorAnswer(delivery, fault, head?.status === 200 ? undefined : head, attempts, provider);
        send(status, headers, body);
      },
      over: () => undefined,
    };
  });
}
