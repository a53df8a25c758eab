import type { Hit } from './candidates.ts';
import type { Shard } from './shards.ts';

export interface Found {
  shard: number;
  hit: Omit<Hit, 'weight'>;
}

/** What a shard has of a query, the newest document first. */
export interface Listing {
  next(): Found['hit'] | undefined;
  close(): void;
}

export interface Taken {
  /** The newest first. */
  found: Found[];
  /** There are older ones. */
  more: boolean;
  /** The time was up: of what is as old as this, or older, not all was looked at. */
  late?: number;
}

interface Open {
  shard: number;
  listing: Listing;
  head: Found['hit'] | undefined;
}

/**
 * The hits of several shards as one list. A shard is asked when something of it may come next, and for no more than that takes: shards whose
 * times overlap cost little more than one. `shards`: the newest first; `end`: all documents of it are below this number.
 */
export function newestFirst(
  shards: readonly (Shard & { end: number })[],
  isUp: () => boolean,
  list: (shard: Shard) => Listing,
): { take(most: number): Taken } {
  const open: Open[] = [];
  const waiting = [...shards].toSorted((one, other) => other.end - one.end);

  function newest(): Open | undefined {
    let best: Open | undefined;
    for (const each of open) if (each.head && (!best?.head || each.head.document > best.head.document)) best = each;
    return best;
  }

  function begin(shard: Shard): void {
    const listing = list(shard);
    open.push({ shard: shard.shard, listing, head: listing.next() });
  }

  /** What has been found already is not thrown away. */
  function heads(): Found[] {
    return open
      .flatMap(({ shard, head }) => (head ? [{ shard, hit: head }] : []))
      .toSorted((one, other) => other.hit.document - one.hit.document);
  }

  function taken(most: number): Taken {
    const found: Found[] = [];
    for (;;) {
      const next = waiting[0];
      const best = newest();
      const isNext = next !== undefined && (!best?.head || best.head.document < next.end);
      if (open.length > 0 && (isNext || best) && isUp()) {
        const late = Math.max(next?.newest ?? 0, best?.head?.at ?? 0);
        return { found: [...found, ...heads()].slice(0, most), more: true, late };
      }
      if (isNext) {
        begin(next);
        waiting.shift();
        continue;
      }
      if (!best?.head) return { found, more: false };
      if (found.length === most) return { found, more: true };
      found.push({ shard: best.shard, hit: best.head });
      best.head = best.listing.next();
    }
  }

  return {
    take(most) {
      try {
        return taken(most);
      } finally {
        for (const { listing } of open) listing.close();
      }
    },
  };
}
