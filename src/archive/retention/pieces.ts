/** Items that are gone through before others get their turn: some 5 ms of work. */
const PIECE = 2000;

/** Hands a long list over in pieces, and yields after each. */
export function* inPieces<Item>(items: readonly Item[], work: (piece: readonly Item[]) => void): Generator<void> {
  for (let from = 0; from < items.length; from += PIECE) {
    work(items.slice(from, from + PIECE));
    yield;
  }
}

/** Where nobody waits for a turn. */
export function toItsEnd<Value>(work: Generator<void, Value>): Value {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
