import type { SourceFile } from './reader.ts';

/** What the beginning of a JSON file says of its build. */
export interface Shape {
  /** The whole is a list, or an object. */
  top: 'list' | 'object';
  /** Keys of the object, or of the list's elements as far as the beginning goes. */
  keys: ReadonlySet<string>;
  /** Keys of objects that are values or list elements one level further in: `data_files[].category`. */
  inner: ReadonlySet<string>;
  /** The whole file fits into what was looked at. */
  isEmpty: boolean;
}

/** Reads keys out of a text that may be cut anywhere; `undefined` when it is no JSON list or object. */
export function shapeOf({ head }: Pick<SourceFile, 'head'>): Shape | undefined {
  const begins = /^[\s\0]*([[{])/.exec(head);
  if (!begins) return undefined;
  const top = begins[1] === '[' ? 'list' : 'object';
  const keys = new Set<string>();
  const inner = new Set<string>();
  /** Open brackets, outermost first. */
  const open: string[] = [];
  // Depth counted in objects: lists between do not matter for who owns a key.
  let objects = 0;
  let last = '';
  for (const [token, string] of head.matchAll(/"((?:[^"\\]|\\.)*)"|[[\]{}:,]/g)) {
    if (string !== undefined) last = string;
    else if (token === '{' || token === '[') {
      open.push(token);
      if (token === '{') objects += 1;
    } else if (token === '}' || token === ']') {
      if (open.pop() === '{') objects -= 1;
      if (open.length === 0) break;
    } else if (token === ':' && open.at(-1) === '{') {
      if (objects === 1) keys.add(last);
      else if (objects === 2) inner.add(last);
    }
  }
  return { top, keys, inner, isEmpty: keys.size === 0 && /^[\s\0]*(\[\s*\]|\{\s*\})\s*$/.test(head) };
}
