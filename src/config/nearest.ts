import { presets } from '../providers/catalogue.ts';

/** The candidate that a mistyped word most likely meant: at most a third of its letters wrong, swapped, missing or too many. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance || candidate.length > 64) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? akin(word.toLowerCase(), candidates);
}

/** The one candidate that holds the word, or begins with the same part: `chat` and `openai` for `openai-chat`. */
function akin(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < 3) return undefined;
  const like = candidates.filter((each) => each.toLowerCase().includes(word) || each.split('-')[0]?.toLowerCase() === word.split('-')[0]);
  return like.length === 1 ? like[0] : undefined;
}

/** The known service that a provider's name most likely meant. */
export function presetLike(name: string): string | undefined {
  return nearest(
    name,
    presets.map((preset) => preset.name),
  );
}

/** Damerau-Levenshtein in its optimal string alignment form. */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let cost = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        cost = Math.min(cost, before[column - 2]! + 1);
      }
      current.push(cost);
    }
    [before, above] = [above, current];
  }
  return above[other.length]!;
}
