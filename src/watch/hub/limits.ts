/** What one network may do: so much at once, and so much more as time goes by. */
export interface Allowance {
  burst: number;
  /** Milliseconds until one more is allowed. */
  every: number;
}

export interface Limits<Kind extends string> {
  /** `undefined`: it may. Else the milliseconds until it may. */
  take(kind: Kind, network: string, now: number): number | undefined;
  /** Networks that are remembered. */
  size(): number;
}

/** Networks remembered at once: some 100 bytes each. Whoever has not asked for longest is forgotten first. */
const MOST = 100_000;

/** Token buckets, in memory only. A bucket that is full again need not be remembered. */
export function limitsOf<Kind extends string>(allowances: Readonly<Record<Kind, Allowance>>, most = MOST): Limits<Kind> {
  // By when it will be full again: a bucket is one number.
  const full = new Map<string, number>();

  return {
    take(kind, network, now) {
      const { burst, every } = allowances[kind];
      const name = `${kind} ${network}`;
      const fullAt = Math.max(now, full.get(name) ?? 0);
      const wait = fullAt + every - (now + burst * every);
      if (wait > 0) return wait;
      full.delete(name);
      full.set(name, fullAt + every);
      if (full.size > most) forget(now);
      return undefined;
    },
    size: () => full.size,
  };

  /** A tenth at once, so that it is seldom done. */
  function forget(now: number): void {
    for (const [name, fullAt] of full) if (fullAt <= now) full.delete(name);
    const excess = full.size - Math.floor(most * 0.9);
    if (full.size <= most) return;
    for (const name of [...full.keys()].slice(0, excess)) full.delete(name);
  }
}
