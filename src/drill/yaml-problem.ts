import type { Document, LineCounter } from 'yaml';
import { isMap, isNode, isPair, isScalar } from 'yaml';
import type { z } from 'zod';

/** What is wrong in a file that a person wrote, and where. */
export interface FileProblem {
  /** From 1; absent where the file as a whole is at fault. */
  line?: number;
  /** Dotted: `events.3.fault`. */
  field: string;
  message: string;
}

/** Finds the line of every complaint that a schema has about a document. */
export function locate(
  document: Document,
  lines: LineCounter,
  error: z.ZodError,
  suggest: (key: string, path: readonly (string | number)[]) => string | undefined,
): FileProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code !== 'unrecognized_keys') return [problem(document, lines, path, issue.message)];
    return issue.keys.map((key) => {
      const near = suggest(key, path);
      const meant = near === undefined ? '' : `; did you mean \`${near}\`?`;
      return problem(document, lines, [...path, key], `\`${key}\` is not known here${meant}`);
    });
  });
}

function problem(document: Document, lines: LineCounter, path: (string | number)[], message: string): FileProblem {
  const offset = offsetOf(document, path);
  return { ...(offset !== undefined && { line: lines.linePos(offset).line }), field: path.join('.'), message };
}

/** Where the deepest part of a path that exists begins; keys come before their values. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last));
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}

/** `june.yaml, line 12 (events.3.fault): …`. */
export function describe(file: string, found: FileProblem): string {
  const place = found.line === undefined ? file : `${file}, line ${found.line}`;
  return `${place}${found.field === '' ? '' : ` (${found.field})`}: ${found.message}`;
}
