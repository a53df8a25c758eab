import type { Languages, Random } from './words.ts';

/** A kind of query, and its queries. */
export interface QueryKind {
  name: string;
  queries: string[];
}

/** Words of a text that the archive holds. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]{3,}/gu) ?? [];
}

/**
 * Ten kinds, `count` queries each. Frequent words are those that a vocabulary puts first, rare ones, phrases and fragments are taken
 * out of texts of the archive (`texts`), so that they are there.
 */
export function queryKinds(spoken: Languages, texts: readonly string[], count: number, random: Random): QueryKind[] {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const some = (make: () => string): string[] => Array.from({ length: count }, make);
  const latin = texts.filter((text) => /^[\w\s.,]{200,}/.test(text));
  const code = texts.filter((text) => /;\n/.test(text) && text.length > 300);
  const han = texts.filter((text) => /[\u4e00-\u9fff]{30}/.test(text));
  const common = ['the', 'and', 'you', 'that', 'for', 'return', 'const', 'import', 'was', 'with'];
  const tools = ['Bash', 'Read', 'Edit', 'Grep'];
  const sources = ['codex', 'claude-code', 'chatgpt', 'understudy'];
  const phrase = (): string => {
    const words = pick(latin).split(/\s+/);
    const start = Math.floor(random() * Math.max(1, words.length - 4));
    return words
      .slice(start, start + 3)
      .join(' ')
      .replaceAll('"', '');
  };
  const fragment = (): string => {
    const line =
      pick(
        pick(code)
          .split('\n')
          .filter((each) => each.length > 30),
      ) ?? 'throw new Error(';
    const start = 3 + Math.floor(random() * 5);
    return line.slice(start, start + 22).replaceAll('`', '');
  };
  const hanPiece = (): string => {
    const [run = '丁丂'] = /[\u4e00-\u9fff]{6,}/.exec(pick(han).slice(Math.floor(random() * 40))) ?? [];
    return run.slice(1, 3 + Math.floor(random() * 2));
  };
  return [
    { name: 'rare word', queries: some(() => wordsOf(pick(latin)).toSorted((one, other) => other.length - one.length)[0] ?? 'zzz') },
    { name: 'common word', queries: some(() => pick(common)) },
    { name: 'two common words', queries: some(() => `${pick(common)} ${spoken.english.word(() => random() * 0.5)}`) },
    { name: 'phrase', queries: some(() => `"${phrase()}"`) },
    {
      name: 'beginning of a word',
      queries: some(
        () =>
          `${
            wordsOf(pick(latin))
              .find((word) => word.length > 6)
              ?.slice(0, 5) ?? 'serve'
          }*`,
      ),
    },
    { name: 'code fragment', queries: some(() => `\`${fragment()}\``) },
    { name: 'CJK fragment', queries: some(hanPiece) },
    {
      name: 'filter only',
      queries: some(() =>
        pick([`source:${pick(sources)} from:user`, `tool:${pick(tools)} after:30d`, 'is:interrupted', 'has:code from:assistant']),
      ),
    },
    {
      name: 'filter and word',
      queries: some(() => `${spoken.english.word(() => 0.3 + random() * 0.4)} source:${pick(sources)} from:assistant`),
    },
    { name: 'no hit', queries: some(() => `qx${Math.floor(random() * 1e9).toString(36)}zq`) },
  ];
}
