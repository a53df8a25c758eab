import type { AttemptStart, Bytes, End, Events, Opening } from '../entry.ts';
import type { Decoders } from '../replay.ts';

/** Entries for this room's tests. */

export function openingOf(id: string, more: Partial<Opening> = {}): Opening {
  return {
    id,
    at: Date.UTC(2026, 5, 2, 6, 5),
    dialect: 'anthropic-messages',
    model: 'm',
    route: 'default',
    stream: true,
    principal: 'local',
    save: true,
    ...more,
  };
}

export function attemptStart(ordinal = 0): AttemptStart {
  const target = { provider: 'wall', model: 'm', credential: 'key', dialect: 'anthropic-messages', vendor: 'wall' } as const;
  return { type: 'attempt', ordinal, kind: 'first', target, native: true, losses: [], edits: [] };
}

export function textEntry(text: string, attempt = 0): Events {
  return { type: 'events', attempt, events: [{ type: 'part-delta', index: 0, delta: { type: 'text', text } }] };
}

/** In this room's tests a native answer is a line of text per event. */
export function bytesEntry(text: string, attempt = 0): Bytes {
  const events: Bytes['events'] = [{ type: 'part-delta', index: 0, delta: { type: 'text', text } }];
  return { type: 'bytes', attempt, bytes: Buffer.from(`${text}\n`), events, terminated: false };
}

export function wholeEnd(): End {
  return { type: 'end', outcome: { type: 'complete', finish: 'stop' }, usage: { input: 3, output: 5 } };
}

/** Reads what `bytesEntry` has written: a delta for each line, wherever the bytes are cut. */
export const lineDecoders: Decoders = {
  stream() {
    let rest = '';
    return {
      push(chunk) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        return lines.map((text) => ({ type: 'events', raw: Buffer.from(`${text}\n`), clean: true, events: bytesEntry(text).events }));
      },
      end: () => [],
    };
  },
  whole: (_, body) => bytesEntry(body.toString('utf8')).events,
};
