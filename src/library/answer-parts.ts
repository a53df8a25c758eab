import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { AttemptStart, Entry } from '../journal/entry.ts';
import type { AnswerLog, Follower } from '../journal/journal.ts';
import { targetName } from '../exchange/target.ts';
import { finalError } from './final-error.ts';
import { partWriter } from './write-parts.ts';

export interface Answering {
  stream: ReadableStream<LanguageModelV4StreamPart>;
  /** The target that delivers first, where that is known by now. */
  target?: string;
}

/** Parts that may wait in the stream for whoever reads it; more wait in the log. */
const MOST_WAITING = 64;

/**
 * An answer as the AI SDK takes it, read from its log. Resolves when there is something to see; rejects where nobody could answer. A reader
 * that cancels, and a signal that aborts, give the exchange up by `leave`. `notes`: warnings besides those of whoever answers.
 */
export function answerParts(
  log: AnswerLog,
  leave: () => void,
  signal: AbortSignal | undefined,
  notes: readonly string[],
): Promise<Answering> {
  const { id } = log.opening;
  return new Promise((resolve, reject) => {
    const attempts: AttemptStart[] = [];
    let telling: AttemptStart | undefined;
    let seams = 0;
    let shown = false;
    let over = false;
    const reading: { follower?: Follower } = {};
    let controller: ReadableStreamDefaultController<LanguageModelV4StreamPart>;
    const writer = partWriter(() => [...notes, ...(telling?.losses ?? [])]);

    const stream = new ReadableStream<LanguageModelV4StreamPart>(
      {
        start(given) {
          controller = given;
        },
        pull: () => reading.follower?.resume(),
        cancel() {
          if (stop()) leave();
        },
      },
      new CountQueuingStrategy({ highWaterMark: MOST_WAITING }),
    );

    function stop(): boolean {
      if (over) return false;
      over = true;
      signal?.removeEventListener('abort', abort);
      reading.follower?.stop();
      return true;
    }

    function abort(): void {
      if (!stop()) return;
      leave();
      fault(signal?.reason);
    }

    /** What ends the answer otherwise than in its own terms. */
    function fault(reason: unknown): void {
      if (shown) controller.error(reason);
      else reject(reason as Error);
    }

    function show(target?: string): void {
      if (shown) return;
      shown = true;
      resolve({ stream, ...(target !== undefined && { target }) });
    }

    function told(): SharedV4ProviderMetadata {
      const targets = attempts.map(({ target }) => targetName(target));
      const switches = targets.filter((target, at) => at > 0 && target !== targets[at - 1]).length;
      return { understudy: { exchange: id, targets, switches, seams } };
    }

    function take(entry: Entry): void {
      switch (entry.type) {
        case 'attempt':
          attempts[entry.ordinal] = entry;
          return;
        case 'seam':
          seams += 1;
          return;
        case 'head':
          return show(entry.target);
        case 'events': {
          telling = attempts[entry.attempt];
          for (const part of writer.write(entry.events, telling?.target.provider ?? '')) controller.enqueue(part);
          return;
        }
        case 'end':
          return end(entry);
        case 'attempt-end':
        // Nobody passes through here.
        case 'bytes':
          return;
      }
    }

    function end({ outcome }: Extract<Entry, { type: 'end' }>): void {
      stop();
      if (outcome.type === 'complete') {
        show();
        for (const part of writer.end(told())) controller.enqueue(part);
        return controller.close();
      }
      const error =
        'fault' in outcome ? finalError(outcome.fault, id) : new Error('the failover model was closed while this was being answered');
      if (!shown) return reject(error);
      for (const part of writer.fail(error, told())) controller.enqueue(part);
      controller.close();
    }

    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    reading.follower = log.follow(
      -1,
      ({ entry }) => {
        if (over) return false;
        take(entry);
        return !over && (controller.desiredSize ?? 0) > 0;
      },
      (reason) => {
        if (stop()) fault(new Error(`the answer was read too slowly and is lost: ${reason}`));
      },
    );
  });
}
