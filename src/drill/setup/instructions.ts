import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { InstructionPlaces, SetupWorld } from './tool.ts';

/** What a tool is told in one scope. */
export interface Instructions {
  scope: 'user' | 'project';
  /** Files that it reads, with what they say once their imports are in place. Empty ones are none. */
  files: { path: string; text: string; isPersonal: boolean }[];
  copy: string;
}

/** Claude Code follows imports at most so far (code.claude.com/docs/en/memory). */
const MOST_HOPS = 5;

export function readInstructions(places: InstructionPlaces, world: SetupWorld, imports: boolean): Instructions {
  for (const group of places.groups) {
    const files = group.flatMap((path) => {
      const text = world.read(path);
      if (text === undefined || text.trim() === '') return [];
      return [
        { path, text: withImports(text, path, world, imports ? MOST_HOPS : 0), isPersonal: places.personal?.includes(path) === true },
      ];
    });
    if (files.length > 0) return { scope: places.scope, files, copy: places.copy };
  }
  return { scope: places.scope, files: [], copy: places.copy };
}

/** A line that only names a file, `@AGENTS.md`, stands for it where there is such a file. Lines within code are left. */
function withImports(text: string, path: string, world: SetupWorld, hops: number): string {
  if (hops === 0 || !/^@\S+\s*$/m.test(text)) return text;
  let isCode = false;
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
      const [, name] = isCode ? [] : (/^@(\S+?)\s*$/.exec(line) ?? []);
      if (name === undefined) return line;
      const place = name.startsWith('~/') ? join(world.home, name.slice(2)) : isAbsolute(name) ? name : resolve(dirname(path), name);
      const inner = world.read(place);
      return inner === undefined ? line : withImports(inner, place, world, hops - 1).trimEnd();
    })
    .join('\n');
}

/** The same to a reader: neither a copy's first line nor spaces at ends count. */
export function essence(text: string): string {
  return (readCopy(text)?.body ?? text)
    .replaceAll('\r\n', '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();
}

const FIRST_LINE = /^<!-- Copied by Understudy’s parity from (.*); kept up to date by it until edited \(([0-9a-f]{16})\) -->\n/;

/** A copy says where it comes from and what it said, so that a later run knows whether somebody has edited it. */
export function copyText(from: readonly string[], body: string): string {
  const named = from.join(', ').replaceAll('--', '- -');
  return `<!-- Copied by Understudy’s parity from ${named}; kept up to date by it until edited (${fingerprint(body)}) -->\n${body}`;
}

/** `undefined`: it is no copy of ours. */
export function readCopy(text: string): { body: string; isEdited: boolean } | undefined {
  const found = FIRST_LINE.exec(text.replaceAll('\r\n', '\n'));
  if (!found) return undefined;
  const body = text.replaceAll('\r\n', '\n').slice(found[0].length);
  return { body, isEdited: fingerprint(body) !== found[2] };
}

function fingerprint(body: string): string {
  return createHash('sha256').update(body.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);
}
