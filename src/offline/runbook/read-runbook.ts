import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RunbookHint } from '../../watch/runbooks.ts';

/** What to do when something is down, as Markdown with a checklist. */
export interface Runbook extends RunbookHint {
  path: string;
  /** It came along with Understudy. */
  isOurs: boolean;
  /** Without its front matter, word for word. */
  text: string;
  /** Its checklist, in order. */
  items: RunbookItem[];
}

export interface RunbookItem {
  /** Line of `text`, from 0. */
  line: number;
  /** Without its box. */
  text: string;
}

/** What is wrong in a runbook that a person wrote. */
export interface RunbookProblem {
  path: string;
  /** From 1; absent where the file as a whole is at fault. */
  line?: number;
  message: string;
}

const oneOrMore = <Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>[]> =>
  z.union([z.array(schema).min(1), schema.transform((one) => [one])]) as never;

const VERDICTS = ['down', 'degraded', 'over'] as const;
const SCOPES = ['everyone', 'model', 'account', 'network', 'inconclusive'] as const;

const frontMatter = z.strictObject({
  title: z.string('has to be a text').trim().min(1, 'is empty').max(100, 'has more than 100 characters'),
  when: z
    .strictObject({
      product: oneOrMore(z.string().trim().min(1)).default([]),
      verdict: oneOrMore(z.enum(VERDICTS, `is none of ${VERDICTS.join(', ')}`)).default(['down', 'degraded']),
      scope: oneOrMore(z.enum(SCOPES, `is none of ${SCOPES.join(', ')}`)).default([]),
    })
    .optional(),
});

const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s+(\S.*?)\s*$/;

/** Reads one; `name` is that of its file without the ending. */
export function readRunbook(name: string, path: string, content: string, isOurs: boolean): Result<Runbook, RunbookProblem[]> {
  const lines = content.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  if (lines[0]?.trimEnd() !== '---')
    return err([{ path, line: 1, message: 'it has no front matter: its first line has to be --- and a title: has to follow' }]);
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0) return err([{ path, line: 1, message: 'its front matter has no end: a second line --- is missing' }]);
  const read = readFrontMatter(path, lines.slice(1, end).join('\n'));
  if (!read.ok) return read;
  const { title, when } = read.value;
  const body = lines.slice(end + 1);
  while (body[0]?.trim() === '') body.shift();
  while (body.at(-1)?.trim() === '') body.pop();
  return ok({
    name,
    title,
    products: when?.product ?? [],
    verdicts: when === undefined ? [] : when.verdict,
    scopes: when?.scope ?? [],
    path,
    isOurs,
    text: body.join('\n'),
    items: itemsOf(body),
  });
}

function readFrontMatter(path: string, yaml: string): Result<z.output<typeof frontMatter>, RunbookProblem[]> {
  const counter = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: counter });
  // The first line of the file is that of dashes.
  const lineAt = (offset: number): number => counter.linePos(offset).line + 1;
  if (document.errors.length > 0)
    return err(
      document.errors.map(({ pos, message }) => ({
        path,
        line: lineAt(pos[0]),
        message: message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
      })),
    );
  if (!isMap(document.contents)) return err([{ path, line: 2, message: 'its front matter has no title: title: Claude is down' }]);
  const checked = frontMatter.safeParse(document.toJS());
  if (checked.success) return ok(checked.data);
  return err(
    checked.error.issues.flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      return keys.map((found): RunbookProblem => {
        const field = found.map(String);
        const known = field.length === 1 ? 'title, when' : 'product, verdict, scope';
        const message = issue.code === 'unrecognized_keys' ? `is not known here; there is: ${known}` : saidOf(issue);
        return { path, line: lineOf(document.contents, field, lineAt) ?? 2, message: `${field.join('.')} ${message}` };
      });
    }),
  );
}

function saidOf(issue: z.core.$ZodIssue): string {
  const inner = issue.code === 'invalid_union' ? issue.errors.flat().find(({ message }) => message.startsWith('is none of')) : undefined;
  if (inner) return inner.message;
  return issue.code === 'invalid_type' && issue.path[0] === 'title' ? 'is missing: title: Claude is down' : issue.message;
}

/** Where the deepest part of a path that there is begins. */
function lineOf(contents: unknown, path: readonly string[], lineAt: (offset: number) => number): number | undefined {
  let line: number | undefined;
  let node: unknown = contents;
  for (const step of path) {
    if (!isMap(node)) return line;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    if (!pair || !isScalar(pair.key) || !pair.key.range) return line;
    line = lineAt(pair.key.range[0]);
    node = pair.value;
  }
  return line;
}

function itemsOf(lines: readonly string[]): RunbookItem[] {
  let fence: string | undefined;
  return lines.flatMap((line, index): RunbookItem[] => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      return [];
    }
    const text = fence === undefined ? ITEM.exec(line)?.[1] : undefined;
    return text === undefined ? [] : [{ line: index, text }];
  });
}
