/** Fewer than this are not spoken of. */
const FEWEST = 5;

/**
 * What may be published of a count: the fives in it. Fewer than five are 0, and no difference between two published numbers is about one person, as it would be if
 * one were 5 and another 6.
 */
export function fives(count: number): number {
  return Math.floor(count / FEWEST) * FEWEST;
}

/** What is usual is an average of weeks, to one decimal place. */
export function rounded(mean: number): number {
  return Math.round(mean * 10) / 10;
}
