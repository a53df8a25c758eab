import { createHash } from 'node:crypto';

/** `tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`, says the API; ids have the alphabet without the limit. */
const LEGAL = /^[a-zA-Z0-9_-]+$/;
const LONGEST_TOOL_NAME = 128;

/** Marks what we have renamed. */
const PREFIX = 'us-';

/** A name in Anthropic's alphabet. What had to be changed says by itself what it was: `web.search` becomes `us-web-2e-search`. */
export function legalise(name: string): string {
  return LEGAL.test(name) && !isRenamed(name) ? name : rename(name);
}

/**
 * A tool's name, which also has a limit of 128 characters. What is longer is cut and told apart by a hash; that can't be
 * undone, so `shortened` says that it happened.
 */
export function legalToolName(name: string): { name: string; shortened: boolean } {
  const legal = legalise(name);
  if (legal.length <= LONGEST_TOOL_NAME) return { name: legal, shortened: false };
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return { name: `${legal.slice(0, LONGEST_TOOL_NAME - 9)}_${digest}`, shortened: true };
}

/** The name that `legalise` was given. */
export function restore(name: string): string {
  return isRenamed(name) ? original(name) : name;
}

function rename(name: string): string {
  let renamed = PREFIX;
  for (const character of name) renamed += /[a-zA-Z0-9_]/.test(character) ? character : `-${character.codePointAt(0)!.toString(16)}-`;
  return renamed;
}

function original(name: string): string {
  return name.slice(PREFIX.length).replace(/-([0-9a-f]{1,6})-/g, (whole, code: string) => {
    const point = Number.parseInt(code, 16);
    return point > 0x10ffff ? whole : String.fromCodePoint(point);
  });
}

/** Only what renaming would give, and of something that needed it: `us-east` is somebody's own name. */
function isRenamed(name: string): boolean {
  if (!name.startsWith(PREFIX)) return false;
  const before = original(name);
  return before !== '' && rename(before) === name && (!LEGAL.test(before) || isRenamed(before));
}
