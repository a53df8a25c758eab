/** What the schemas of one request may unfold into. A unit is about what one small schema costs: some 30 microseconds, some 100 characters. */
export interface SchemaBudget {
  /** Takes so many units; `false`: there are not that many left, and from now on there are none. */
  affords(units: number): boolean;
}

/** Two hundred tools with a hundred referred schemas each. Beyond that a few bytes could be made to stand for gigabytes. */
const UNITS = 20_000;

export function schemaBudget(): SchemaBudget {
  let left = UNITS;
  return {
    affords(units) {
      left = units <= left ? left - units : 0;
      return left > 0;
    },
  };
}
