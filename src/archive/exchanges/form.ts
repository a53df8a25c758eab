import { hash } from 'node:crypto';
import type { Json } from '../../exchange/json.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import type { Part, ResultContent, Source } from '../../exchange/part.ts';
import { withoutInjected } from './injected.ts';

/**
 * What a message says, so far as it is the same in every request that holds it. Clients send answers back changed: reasoning left out, white space
 * trimmed, texts joined or split, arguments written anew, ids mapped, cache marks added. Absent: it says nothing of the kind.
 */
export interface Form {
  /** Everything that counts. */
  whole: string;
  /** The same without what calls were given: clients put these in order, too. */
  words: string;
}

export function userForm(parts: readonly Part[]): Form | undefined {
  const said: string[] = [];
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') {
      const text = withoutInjected(part.text);
      if (text !== '') said.push(text.replaceAll('\r\n', '\n'));
    } else if (part.type === 'image' || part.type === 'document' || part.type === 'audio') said.push(sourceForm(part.source));
    else if (part.type === 'opaque') said.push(digest(sorted(part.value)));
  }
  return said.length === 0 ? undefined : formOf(said.join('\n'));
}

export function resultsForm(parts: readonly Part[]): Form {
  return formOf(parts.map((part) => (part.type === 'tool-result' ? part.content.map(resultForm).join('\n').trim() : '')).join('\n\n'));
}

export function answerForm(parts: readonly Part[]): Form | undefined {
  let text = '';
  const calls: [name: string, given: string][] = [];
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') text += part.text;
    else if (part.type === 'tool-call') calls.push([part.name, givenForm(part.arguments)]);
  }
  text = bare(text);
  if (text === '' && calls.length === 0) return undefined;
  const names = calls.map(([name]) => name);
  return { whole: digest([text, ...calls.flat()].join('\n')), words: digest([text, ...names].join('\n')) };
}

/** An answer's text as forms take it: pieces may have been joined with or without a break between them. */
export function bare(text: string): string {
  return text.replace(/\s+/g, '');
}

/** A message's key: the same history has the same keys, whoever sends it. */
export function keyOf(above: string, role: string, form: string): string {
  return hash('sha256', `${above}\n${role}\n${form}`, 'base64url').slice(0, 24);
}

export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 24);
}

function formOf(text: string): Form {
  const whole = digest(text);
  return { whole, words: whole };
}

function resultForm(part: ResultContent): string {
  if (part.type === 'text') return withoutInjected(part.text);
  if (part.type === 'opaque') return digest(sorted(part.value));
  return sourceForm(part.source);
}

function sourceForm(source: Source): string {
  switch (source.type) {
    case 'base64':
      return digest(source.data);
    case 'url':
      return source.url;
    case 'text':
      return source.text;
    case 'file':
      return source.id;
  }
}

/** Arguments as JSON, however they are written; what is no JSON (a call that was cut) as it stands. */
function givenForm(given: string): string {
  const object = parseObject(given);
  return object ? sorted(object) : given.trim();
}

/** JSON with the members of each object in order. */
function sorted(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${sorted(value[name])}`).join(',')}}`;
}
