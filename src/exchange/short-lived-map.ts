/** What is under way, by its name. */
export interface ShortLivedMap<Value> {
  set(name: string, value: Value): void;
  get(name: string): Value | undefined;
  delete(name: string): void;
  values(): Generator<Value>;
  readonly size: number;
}

/**
 * A Map whose values sit in cells that are emptied when they leave. A Map that is often added to and deleted from makes a new table now and
 * then, and the one before keeps all that it held from the young generation's collector.
 */
export function shortLivedMap<Value>(): ShortLivedMap<Value> {
  const cells = new Map<string, { value: Value | undefined }>();
  return {
    get size() {
      return cells.size;
    },
    set(name, value) {
      const cell = cells.get(name);
      if (cell) cell.value = value;
      else cells.set(name, { value });
    },
    get: (name) => cells.get(name)?.value,
    delete(name) {
      const cell = cells.get(name);
      if (!cell) return;
      cell.value = undefined;
      cells.delete(name);
    },
    *values() {
      for (const { value } of cells.values()) if (value !== undefined) yield value;
    },
  };
}
