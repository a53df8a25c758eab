import type { ArchivedMessage, ArchivedPart } from '../conversation.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Json } from '../../exchange/json.ts';

/** What of a message can be searched, as text. */
export interface Searchable {
  /** Of which part (its index). */
  part: number;
  type: ArchivedPart['type'];
  text: string;
}

export function searchableOf({ parts }: Pick<ArchivedMessage, 'parts'>): Searchable[] {
  return parts.flatMap((part, index) => {
    const text = textOf(part);
    return text === '' ? [] : [{ part: index, type: part.type, text }];
  });
}

function textOf(part: ArchivedPart): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return part.text;
    case 'tool-call':
      return lines([part.name, part.arguments === '' ? '' : argumentsOf(part.arguments)]);
    case 'tool-result':
      return lines(part.content.map(textOf));
    case 'file':
      return lines([
        part.name ?? '',
        part.content.type === 'text' ? part.content.text : part.content.type === 'link' ? part.content.url : '',
      ]);
    case 'opaque':
      return lines(stringsIn(part.value));
  }
}

/** As a person would write them: without quotes and escapes, in which words would hide (`\nfoo`). A call that was cut stays as it is. */
function argumentsOf(text: string): string {
  const parsed = parseObject(text);
  return parsed === undefined ? text : lines(stringsIn(parsed));
}

function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const within = inner === undefined ? [] : stringsIn(inner);
    return within.length === 1 ? [`${name}: ${within[0]}`] : [name, ...within];
  });
}

function lines(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n');
}
