import type { Document, Pair, YAMLMap } from 'yaml';
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { ConfigProblem } from './problem.ts';
import { expand, shield, unshield } from './expand.ts';

/** A configuration's text, parsed and expanded, that still knows where everything stands. */
export interface Source {
  file: string;
  /** The plain value, references expanded. */
  value: unknown;
  /** Paths (as JSON arrays) whose value was written with references, and the variables that were read for it. */
  fromEnvironment: ReadonlyMap<string, string[]>;
  /** A problem at a path; at its key rather than its value with `atKey`. */
  problem(path: readonly PropertyKey[], message: string, advice?: string, atKey?: boolean): ConfigProblem;
}

/** Longest configuration that is read. */
const LIMIT = 1024 * 1024;

/** Parses YAML 1.2. `unread`: there is no value to look at. Problems are those of the text: syntax, keys that come twice, variables that are not set. */
export function readSource(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): { source: Source; problems: ConfigProblem[]; unread: boolean } {
  const problems: ConfigProblem[] = [];
  const lines = new LineCounter();
  const fromEnvironment = new Map<string, string[]>();
  const at = (offset: number | undefined, path: string, message: string, advice?: string): ConfigProblem => {
    const place = offset === undefined ? undefined : lines.linePos(offset);
    return {
      file,
      ...(place && place.line > 0 ? { line: place.line, column: place.col } : {}),
      path,
      message,
      ...(advice === undefined ? {} : { advice }),
    };
  };
  const empty: Source = {
    file,
    value: {},
    fromEnvironment,
    problem: (path, message, advice) => at(undefined, pathText(path), message, advice),
  };
  if (text.length > LIMIT)
    return { source: empty, problems: [at(undefined, '', 'is larger than 1 MiB, which no configuration is')], unread: true };

  const documents = parseAllDocuments(shield(text), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: 'silent',
  });
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (!document) return { source: empty, problems, unread: false };
  if (documents.length > 1)
    problems.push(at(documents[1]!.range[0], '', 'there is a second document', 'keep one, without further --- lines'));
  // One slip makes a parser stumble over all that follows; only the first place is sure to be one.
  const [slip] = document.errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  if (slip) {
    const line = quotedLine(text.split('\n')[lines.linePos(slip.pos[0]).line - 1] ?? '');
    problems.push(at(slip.pos[0], '', `this is not YAML: ${unshield(slip.message)}${line}`, 'check indentation, quotes and brackets'));
  }
  if (problems.length > 0) return { source: empty, problems, unread: true };

  visit(document, {
    Map: (_key, map, ancestors) => void problems.push(...keyProblems(map, pathOf(ancestors, map), at)),
    Scalar(key, scalar, ancestors) {
      if (typeof scalar.value !== 'string') return;
      if (key === 'key') {
        scalar.value = unshield(scalar.value);
        return;
      }
      const text = scalar.value;
      const expanded = expand(text, environment);
      const path = pathOf(ancestors, scalar);
      scalar.value = expanded.value;
      if (expanded.value !== unshield(text)) fromEnvironment.set(JSON.stringify(path), expanded.variables);
      for (const { message, advice, unset } of expanded.problems) {
        problems.push(
          at(scalar.range?.[0], pathText(path), message, unset === undefined ? advice : (insteadOfDefault(path, unset) ?? advice)),
        );
      }
    },
  });
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    problems.push(
      at(0, '', `this cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, 'take out anchors and aliases'),
    );
  }
  const source: Source = {
    file,
    value: value ?? {},
    fromEnvironment,
    problem: (path, message, advice, atKey = false) => at(offsetOf(document, path, atKey), pathText(path), message, advice),
  };
  return { source, problems, unread: value === undefined };
}

/** A key or token must not stand in the file in plain, so that a default is no way out. */
function insteadOfDefault(path: readonly PropertyKey[], variable: string): string | undefined {
  const [section, , field] = path;
  const what =
    section === 'providers' && (field === 'apiKey' || field === 'apiKeys') ? 'provider' : path.at(-1) === 'token' ? 'token' : undefined;
  return what && `export it (export ${variable}=…), or take the ${what} out`;
}

/** Most of a line that a message repeats. */
const LONGEST_QUOTE = 60;

/** The line in question, to be put behind a message; without what may be a secret. */
function quotedLine(line: string): string {
  const open = line
    .replace(/((?:keys?|token|secret|password|auth\w*|cookie|proxy|topic)["']?\s*:).*/i, '$1 …')
    // The path of a webhook is a key.
    .replaceAll(/(https?:\/\/[^/\s"']+\/)[^\s"',}]{16,}/gi, '$1…')
    .trim();
  // What is neither `name: value` nor a target in a list may be the rest of a text above it, or an item of `apiKeys`: a key.
  if (!/^(?:- )?["']?[\w.*/-]+["']?\s*:|^- ["']?[a-z][a-z0-9_-]{0,30}\//.test(open)) return '';
  return ` in «${open.length > LONGEST_QUOTE ? `${open.slice(0, LONGEST_QUOTE)}…` : open}»`;
}

/** `providers.wall.headers`, `routes.default[2]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${String(step)}`;
  return text;
}

/** Keys that come twice (yaml's own check names the second place only; people need both) or that cannot be. */
function keyProblems(
  map: YAMLMap,
  path: PropertyKey[],
  at: (offset: number | undefined, path: string, message: string, advice?: string) => ConfigProblem,
): ConfigProblem[] {
  const first = new Map<string, number | undefined>();
  const found: ConfigProblem[] = [];
  for (const pair of map.items) {
    const key = keyOf(pair);
    const offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
    // JavaScript takes it for something else than a name, and the setting would be lost without a word.
    if (key === '__proto__') found.push(at(offset, pathText([...path, key]), 'this name cannot be used', 'choose another'));
    if (!first.has(key)) {
      first.set(key, offset);
      continue;
    }
    const earlier = at(first.get(key), '', '').line;
    const what = path.length === 1 && path[0] === 'providers' ? `two providers are called «${key}»` : `«${key}» is there twice`;
    found.push(
      at(offset, pathText([...path, key]), `${what}: first in line ${earlier ?? '?'}, and again here`, 'rename one or take it out'),
    );
  }
  return found;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? unshield(String(pair.key.value)) : String(pair.key);
}

/** The path to a node, from what `visit` says of its ancestors. */
function pathOf(ancestors: readonly unknown[], node: unknown): PropertyKey[] {
  const path: PropertyKey[] = [];
  const chain = [...ancestors, node];
  for (let index = 0; index < chain.length; index++) {
    const one = chain[index];
    if (isPair(one)) path.push(keyOf(one));
    else if (isSeq(one)) path.push(one.items.indexOf(chain[index + 1]));
  }
  // A sequence that is the node itself has no item on the way.
  if (path.at(-1) === -1) path.pop();
  return path;
}

/** Where a path stands in the text; the deepest part of it that is there. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], atKey: boolean): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (let index = 0; index < path.length; index++) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => keyOf(item) === String(path[index]));
      if (!pair) return offset;
      const key = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      const value = isNode(pair.value) ? pair.value.range?.[0] : undefined;
      offset = (atKey && index === path.length - 1 ? key : (value ?? key)) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(path[index])];
      if (!isNode(item)) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}
