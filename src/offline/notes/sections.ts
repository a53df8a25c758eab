/** A piece of a note under one heading. */
export interface Section {
  /** Its first line, from 1. */
  line: number;
  /** Headings above it, the outermost first. */
  headings: string[];
  /** Word for word, its heading among it. */
  text: string;
}

/** Characters beyond which a section is cut at the next empty line, and where it is cut at the latest. */
const LONG = 4000;
const LONGEST = 8000;

interface Heading {
  level: number;
  title: string;
}

/** Markdown by its headings (`# …`, and lines underlined with = or -). What looks like one within a fence of code, or in front matter, is none. */
export function sectionsOf(markdown: string): Section[] {
  const lines = markdown.split(/\r\n|\n|\r/);
  const sections: Section[] = [];
  let headings: Heading[] = [];
  let begun = 0;
  let length = 0;
  let fence: string | undefined;

  /** Empty lines around a section are nobody's. */
  function finish(end: number): void {
    let first = begun;
    let last = end - 1;
    while (first <= last && lines[first]!.trim() === '') first += 1;
    while (last > first && lines[last]!.trim() === '') last -= 1;
    if (first <= last)
      sections.push({ line: first + 1, headings: headings.map(({ title }) => title), text: lines.slice(first, last + 1).join('\n') });
    begun = end;
    length = 0;
  }

  for (let index = frontMatterEnd(lines); index < lines.length; index++) {
    const line = lines[index]!;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length) fence = undefined;
    } else if (mark !== undefined) fence = mark;
    else {
      const heading = headingAt(lines, index);
      if (heading) {
        finish(index);
        headings = [...headings.filter(({ level }) => level < heading.level), heading];
      }
    }
    length += line.length + 1;
    if (length > LONGEST || (length > LONG && line.trim() === '' && fence === undefined)) finish(index + 1);
  }
  finish(lines.length);
  return sections;
}

/** Front matter is part of the first section; nothing in it is a heading. */
function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trim() !== '---') return 0;
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  return end < 0 ? 0 : end + 1;
}

function headingAt(lines: readonly string[], index: number): Heading | undefined {
  const line = lines[index]!;
  const [, marks, title] = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/.exec(line) ?? [];
  if (marks !== undefined) return { level: marks.length, title: title ?? '' };
  const [, underline] = /^ {0,3}(=+|-+)[ \t]*$/.exec(lines[index + 1] ?? '') ?? [];
  const before = lines[index - 1] ?? '';
  // A paragraph of several lines before a rule, a list or a quote is no heading.
  if (underline === undefined || underline.length < 2 || before.trim() !== '' || !/^ {0,3}[^\s>#|*+-]/.test(line)) return undefined;
  return { level: underline.startsWith('=') ? 1 : 2, title: line.trim() };
}
