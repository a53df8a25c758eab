import type { Delivered } from '../../archive/exchanges/answer.ts';
import type { Part } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { languageOf } from './language.ts';
import type { TaskKind } from './report.ts';

/** Tokens from which on a question is a long one: more than some models on people's own machines take. */
const LONG = 16_000;

/** What is special about a question, so that a sample has some of each. `words` where nothing is. */
export function kindsOf(request: Request, answer: Pick<Delivered, 'parts'>, input: number): TaskKind[] {
  const said = textOf(answer.parts);
  const asked = request.messages.findLast(({ role }) => role === 'user');
  const question = textOf(asked?.parts ?? []);
  const language = languageOf(question) ?? languageOf(said);
  const kinds: TaskKind[] = [];
  if (request.tools.length > 0 && request.toolChoice?.type !== 'none') kinds.push('tools');
  if (request.output.type !== 'text') kinds.push('json');
  if (input >= LONG) kinds.push('long');
  if (request.messages.some(({ parts }) => parts.some(({ type }) => type === 'image'))) kinds.push('image');
  if (/^```/m.test(said) || /^```/m.test(question)) kinds.push('code');
  if (language !== undefined && language !== 'English') kinds.push('other language');
  return kinds.length > 0 ? kinds : ['words'];
}

/** The words of an answer or a question. */
export function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}

/** What was asked last, in words. */
export function lastQuestion({ messages }: Request): string {
  return textOf(messages.findLast(({ role, parts }) => role === 'user' && textOf(parts) !== '')?.parts ?? []);
}
