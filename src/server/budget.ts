/** Bytes that all requests under way hold in memory, against a limit. */
export interface Budget {
  /** False, and nothing taken, when it would go beyond the limit. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  used(): number;
  /** Another limit from now on; what is held already stays held. */
  limitTo(bytes: number): void;
}

export function budgetOf(atFirst: number): Budget {
  let limit = atFirst;
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > limit) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
    used: () => used,
    limitTo(bytes) {
      limit = bytes;
    },
  };
}

/** One request's share of a budget: grows while its body comes in, given back as a whole, once. */
export interface Share {
  grow(bytes: number): boolean;
  release(): void;
}

export function shareOf(budget: Budget): Share {
  let held = 0;
  let released = false;
  return {
    grow(bytes) {
      if (released || !budget.take(bytes)) return false;
      held += bytes;
      return true;
    },
    release() {
      if (released) return;
      released = true;
      budget.give(held);
    },
  };
}
