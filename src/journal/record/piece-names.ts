import { hash } from 'node:crypto';
import { type Cuts, findCuts } from './split-request.ts';

/** A piece of a request, from where the one before it ends. */
export interface NamedPiece {
  end: number;
  /** SHA-256 of its bytes. */
  name: Buffer;
}

/** Requests that are remembered: some agents with their helpers, side by side. */
const REMEMBERED = 8;
/** Bytes of them in all. */
const ROOM = 4 * 1024 * 1024;

interface Remembered {
  body: Buffer;
  cuts: Cuts;
  pieces: NamedPiece[];
}

/**
 * Names the pieces of requests (split-request.ts). Agents send their history with each request, longer by a message or two: what
 * begins as one of the last requests did is compared with it, which takes a twentieth of the time that cutting and hashing take.
 */
export function pieceNames(): (body: Buffer) => readonly NamedPiece[] {
  /** The newest first. */
  let remembered: Remembered[] = [];

  function remember(one: Remembered, instead: Remembered | undefined): void {
    let room = ROOM - one.body.length;
    if (room < 0) return;
    const others = remembered.filter((other) => other !== instead).slice(0, REMEMBERED - 1);
    remembered = [one, ...others.filter((other) => (room -= other.body.length) >= 0)];
  }

  return (body) => {
    let best: Remembered | undefined;
    let shared = 0;
    for (const each of remembered) {
      const count = sharedCuts(body, each);
      if (count > 0 && (best === undefined || each.cuts.between[count - 1]! > best.cuts.between[shared - 1]!))
        [best, shared] = [each, count];
    }
    if (best?.body.equals(body)) {
      remember(best, best);
      return best.pieces;
    }
    const known = best && knownPart(best, shared);
    const cuts = findCuts(body, known?.cuts);
    const pieces = named(body, cuts, known?.pieces ?? []);
    // One that has only grown takes the place of what it was. Copied: the body is a window on much more.
    const grown = best !== undefined && shared === best.cuts.between.length;
    if (cuts.between.length > 0) remember({ body: Buffer.from(body), cuts, pieces }, grown ? best : undefined);
    return pieces;
  };
}

/** How many of an earlier request's cuts between messages are this one's too: all bytes before them are the same, and so is their comma. */
function sharedCuts(body: Buffer, { body: earlier, cuts: { between } }: Remembered): number {
  let least = 0;
  let most = between.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    const end = between[middle - 1]! + 1;
    if (end <= body.length && body.compare(earlier, 0, end, 0, end) === 0) least = middle;
    else most = middle - 1;
  }
  return least;
}

function knownPart({ cuts, pieces }: Remembered, shared: number): { cuts: Cuts; pieces: NamedPiece[] } {
  const end = cuts.between[shared - 1]!;
  return {
    cuts: { cuts: cuts.cuts.filter((cut) => cut <= end), between: cuts.between.slice(0, shared) },
    pieces: pieces.filter((piece) => piece.end <= end),
  };
}

function named(body: Buffer, { cuts }: Cuts, known: readonly NamedPiece[]): NamedPiece[] {
  const pieces = [...known];
  let from = pieces.at(-1)?.end ?? 0;
  for (const end of [...cuts, body.length]) {
    if (end <= from) continue;
    pieces.push({ end, name: hash('sha256', body.subarray(from, end), 'buffer') });
    from = end;
  }
  return pieces;
}
