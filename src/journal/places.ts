/** Where an exchange's frames lie on disk, by their place in its history (-1: the opening). Plain arrays: one number per entry and column. */
export interface Places {
  put(seq: number, segment: number, offset: number): void;
  /** `undefined`: not on disk. */
  get(seq: number): { segment: number; offset: number } | undefined;
  has(seq: number): boolean;
  /** What lay in this segment is gone. */
  forget(segment: number): void;
  /** The oldest segment in use; Infinity if none. */
  oldest(): number;
}

const NOWHERE = -1;

export function places(): Places {
  let segments: number[] = [];
  const offsets: number[] = [];
  let oldest = Infinity;

  function has(seq: number): boolean {
    const segment = segments[seq + 1];
    return segment !== undefined && segment !== NOWHERE;
  }

  return {
    has,
    put(seq, segment, offset) {
      // Entries that are not kept leave gaps; arrays with holes would be slow.
      while (segments.length <= seq) {
        segments.push(NOWHERE);
        offsets.push(0);
      }
      segments[seq + 1] = segment;
      offsets[seq + 1] = offset;
      if (segment < oldest) oldest = segment;
    },
    get: (seq) => (has(seq) ? { segment: segments[seq + 1]!, offset: offsets[seq + 1]! } : undefined),
    forget(gone) {
      segments = segments.map((segment) => (segment === gone ? NOWHERE : segment));
      oldest = segments.reduce((least, segment) => (segment === NOWHERE ? least : Math.min(least, segment)), Infinity);
    },
    oldest: () => oldest,
  };
}
