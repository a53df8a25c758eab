/** Mends the white space where two pieces meet: none doubled, and no paragraph break inside a sentence (outside of code). */
export function meet(delivered: string, rest: string): string {
  const gap = /^\s*/.exec(rest)?.[0] ?? '';
  if (gap === '') return rest;
  if (gap.length === rest.length) return '';
  if (/\s$/.test(delivered)) {
    const had = /\s*$/.exec(delivered)?.[0] ?? '';
    if (gap.startsWith(had)) return rest.slice(had.length);
    return gap.includes('\n') && !had.includes('\n') ? rest : rest.slice(gap.length);
  }
  const breaks = gap.includes('\n\n') && /^\p{Ll}/u.test(rest.slice(gap.length));
  return breaks && !insideFence(delivered) && endsInsideSentence(delivered) ? ` ${rest.slice(gap.length)}` : rest;
}

/** Shorter lines are verses, headings and entries of lists, which end without a full stop. */
const PROSE_LINE = 40;

function endsInsideSentence(text: string): boolean {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return line.length >= PROSE_LINE && /^[^#|>*+\-\s\d\\]/.test(line) && /[\p{L}\p{N},;]$/u.test(line);
}

/** Whether a text ends within a fenced block of code. */
export function insideFence(text: string): boolean {
  return (text.match(/```/g)?.length ?? 0) % 2 === 1;
}

/** Takes away the last fence of a text that was put between fences on its way, and leaves those within it. */
export interface Unfencing {
  push(text: string): string;
  /** What was held back and turned out to belong to the text. */
  end(): string;
}

export function createUnfencing(before: string): Unfencing {
  let held = '';
  /** Backticks at the end of what has been delivered, of which a fence may be in the middle. */
  let open = before;
  let fences = 0;
  return {
    push(text) {
      const all = held + text;
      const tail = /\n?[ \t]*`*\s*$/.exec(all)!;
      held = all.slice(tail.index);
      const said = all.slice(0, tail.index);
      fences += (open + said).match(/```/g)?.length ?? 0;
      if (said !== '') open = '';
      return said;
    },
    end: () => (fences % 2 === 0 && held.trim() === '```' ? '' : held),
  };
}
