import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/**
 * Arguments that come value by value (`streamFunctionCallArguments` on Vertex): each entry names a place by a JSON path and says what is
 * there, a long string in pieces. Pieces are put together here; they may come in any order.
 */
export interface PartialArguments {
  /** What is wrong with the entries; `undefined`: nothing. */
  push(entries: Json[]): string | undefined;
  /** Whether a string is still to be continued. */
  open(): boolean;
  /** The arguments so far. */
  value(): JsonObject;
}

/** A list is written element by element; a gap this far ahead is no list but an attack on our memory. */
const LARGEST_INDEX = 100_000;

type Step = string | number;

export function partialArguments(): PartialArguments {
  const root: JsonObject = {};
  /** Paths of strings that go on. */
  const growing = new Set<string>();

  function put(steps: Step[], value: Json, append: boolean): string | undefined {
    let holder: JsonObject | Json[] = root;
    for (const [at, step] of steps.entries()) {
      const last = at === steps.length - 1;
      if (Array.isArray(holder) !== (typeof step === 'number')) return 'a list where an object should be, or the other way round';
      const before: Json | undefined = read(holder, step);
      if (last) {
        write(holder, step, append && typeof before === 'string' && typeof value === 'string' ? before + value : value);
        return undefined;
      }
      if (typeof before === 'object' && before !== null) holder = before;
      else {
        const inner: JsonObject | Json[] = typeof steps[at + 1] === 'number' ? [] : {};
        write(holder, step, inner);
        holder = inner;
      }
    }
    return undefined;
  }

  function take(entry: JsonObject): string | undefined {
    const { jsonPath } = entry;
    if (typeof jsonPath !== 'string') return 'an argument without a path';
    // Vertex ends a list with an entry for `path[]`; of an empty list it is all there is.
    const list = jsonPath.endsWith('[]');
    const steps = readPath(list ? jsonPath.slice(0, -2) : jsonPath);
    if (!steps || steps.length === 0) return `an argument at ${jsonPath.slice(0, 60)}`;
    const value = valueOf(entry);
    const goesOn = entry.willContinue === true;
    if (value === undefined) {
      growing.delete(jsonPath);
      if (goesOn || known(steps)) return undefined;
      return put(steps, list ? [] : {}, false);
    }
    const append = growing.has(jsonPath);
    if (goesOn) growing.add(jsonPath);
    else growing.delete(jsonPath);
    return put(steps, value, append);
  }

  function known(steps: Step[]): boolean {
    let holder: Json | undefined = root;
    for (const step of steps) {
      if (typeof holder !== 'object' || holder === null) return false;
      holder = read(holder, step);
    }
    return holder !== undefined;
  }

  return {
    push(entries) {
      for (const entry of entries) {
        const problem = isObject(entry) ? take(entry) : 'an entry of partialArgs is not an object';
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
    open: () => growing.size > 0,
    value: () => root,
  };
}

function valueOf(entry: JsonObject): Json | undefined {
  const value = entry.stringValue ?? entry.numberValue ?? entry.boolValue;
  if (value !== undefined && value !== null) return value;
  return entry.nullValue === undefined ? undefined : null;
}

function read(holder: JsonObject | Json[], step: Step): Json | undefined {
  if (Array.isArray(holder)) return holder[Number(step)];
  return Object.hasOwn(holder, step) ? holder[step] : undefined;
}

/** Defined, not assigned: a property may be called `__proto__`. */
function write(holder: JsonObject | Json[], step: Step, value: Json): void {
  Object.defineProperty(holder, step, { value, enumerable: true, configurable: true, writable: true });
}

/** `$.recipe.ingredients[0]['first name']`; `undefined` for what is no such path. */
function readPath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  let at = 1;
  const step = /\.([^.[\]]+)|\[(\d{1,6})\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y;
  while (at < path.length) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (!match) return undefined;
    const [whole, name, index, single, double] = match;
    at += whole.length;
    if (index !== undefined) {
      const place = Number(index);
      if (place > LARGEST_INDEX) return undefined;
      steps.push(place);
    } else steps.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'));
  }
  return steps;
}
