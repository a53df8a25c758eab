/** What a request no longer says after it was written for a target and read back as the target would. */
import { isDeepStrictEqual } from 'node:util';
import { asFunction, flatName } from '../../src/dialects/plain-tools.ts';
import { argumentsOf } from '../../src/dialects/said.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { Json } from '../../src/exchange/json.ts';
import type { Extras, Part } from '../../src/exchange/part.ts';
import type { Request } from '../../src/exchange/request.ts';

/**
 * Places, in the words of a loss (`tools[2]`, `messages[4].parts[0]`, `sampling.topP`). Not looked at: the order of turns, which some dialects
 * have rules for.
 */
export function unsaid(before: Request, after: Request, target: DialectName): string[] {
  const told = everything(after);
  return [...toldBy(before)]
    .flatMap(([what, values]) => (values.every((value) => told.has(key(value))) ? [] : [what]))
    .concat(settings(before, after), foreign(before, target));
}

/** Words, calls, results and tools of a request, by their place. */
function toldBy({ system, messages, tools }: Request): Map<string, Json[]> {
  const places = new Map<string, Json[]>();
  system.forEach((part, at) => places.set(`system[${at}]`, valuesOf(part)));
  for (const [turn, { parts }] of messages.entries())
    parts.forEach((part, at) => places.set(`messages[${turn}].parts[${at}]`, valuesOf(part)));
  for (const [at, tool] of tools.entries()) {
    if (tool.type === 'server') places.set(`tools[${at}]`, [`server ${tool.name}`]);
    else {
      const { name, description = '', parameters } = asFunction(tool);
      places.set(`tools[${at}]`, [`tool ${bare(name)}`, `description ${description}`, ...properties(parameters)]);
    }
  }
  return places;
}

function everything(request: Request): Set<string> {
  return new Set([...toldBy(request).values()].flat().map(key));
}

function key(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valuesOf(part: Part): Json[] {
  switch (part.type) {
    case 'text':
      return pieces(part.text);
    case 'refusal':
      return pieces(part.text);
    case 'reasoning':
      return [`thought ${part.text}`];
    case 'tool-call':
      return [['call', bare(flatName(part)), argumentsOf(part.arguments)]];
    case 'tool-result':
      return part.content.flatMap((content) => valuesOf(content));
    case 'opaque':
      return [['opaque', part.value]];
    default:
      return [[part.type, 'url' in part.source ? part.source.url : 'data' in part.source ? part.source.data : '']];
  }
}

/** Codex' own tools are in the group that is OpenAI's default: with or without it they are the same. */
function bare(name: string): string {
  return name.replace(/^functions__/, '');
}

/** Texts may be joined or cut at blank lines. */
function pieces(text: string): string[] {
  return text.split(/\n+/).filter((line) => line.trim() !== '');
}

/** Names of the arguments, at any depth. */
function properties(schema: Json | undefined): string[] {
  if (Array.isArray(schema)) return schema.flatMap(properties);
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties: own } = schema;
  const names = typeof own === 'object' && own !== null && !Array.isArray(own) ? Object.keys(own).map((name) => `argument ${name}`) : [];
  return [...names, ...Object.values(schema).flatMap((inner) => properties(inner))];
}

function settings(before: Request, after: Request): string[] {
  const one = flat(before);
  const other = flat(after);
  return Object.keys(one).filter((name) => one[name] !== undefined && !isDeepStrictEqual(one[name], other[name]));
}

function flat({
  toolChoice,
  parallelToolCalls,
  output,
  sampling,
  reasoning,
  maxOutputTokens,
  stop,
  user,
  stream,
}: Request): Record<string, unknown> {
  return {
    ...Object.fromEntries(Object.entries(sampling)),
    toolChoice: toolChoice?.type === 'auto' ? undefined : toolChoice,
    parallelToolCalls: parallelToolCalls === true ? undefined : parallelToolCalls,
    output: output.type === 'text' ? undefined : output,
    'reasoning.effort': reasoning?.effort,
    'reasoning.budget': reasoning?.budget,
    'reasoning.adaptive': reasoning?.adaptive,
    maxOutputTokens,
    stop: stop.length > 0 ? stop : undefined,
    user,
    stream,
  };
}

/** Fields that only the client's own dialect has, when that is not the target's. */
function foreign({ extras, messages, tools, system, reasoning }: Request, target: DialectName): string[] {
  const named = (where: string, each: Extras | undefined): string[] =>
    each && each.dialect !== target ? Object.keys(each.fields).map((name) => (where === '' ? name : `${where}.${name}`)) : [];
  return [
    ...named('', extras),
    ...named('reasoning', reasoning?.extras),
    ...system.flatMap((part, at) => (part.type === 'text' ? named(`system[${at}]`, part.extras) : [])),
    ...messages.flatMap((message, turn) => [
      ...named(`messages[${turn}]`, message.extras),
      ...message.parts.flatMap((part, at) => ('extras' in part ? named(`messages[${turn}].parts[${at}]`, part.extras) : [])),
    ]),
    ...tools.flatMap((tool, at) => ('extras' in tool ? named(`tools[${at}]`, tool.extras) : [])),
  ];
}
