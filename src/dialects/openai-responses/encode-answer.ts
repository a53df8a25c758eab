import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { assembleFor, type WholePart } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { writeFinish } from './finish.ts';
import { responseResource } from './resource.ts';
import { writeUsage } from './usage.ts';
import { DIALECT } from './wire.ts';
import { isShown, joins, newItem, wholeItem, type AnswerItem } from './write-items.ts';

/** A whole response. */
export function encodeAnswer(events: readonly AnswerEvent[], context: EncoderContext): JsonObject {
  const answer = assembleFor(events, ({ dialect }) => dialect !== DIALECT);
  const items: AnswerItem[] = [];
  for (const part of answer.parts) {
    if (!isShown(part.head)) continue;
    const last = items.at(-1);
    if (last && joins(last, part.head)) last.parts.push(part);
    else items.push(newItem(part, items.length, context.exchange));
  }
  const ending = writeFinish(answer.finish, answer.parts.some(isRefusal));
  return responseResource(
    context,
    answer.start,
    answer.finish,
  )({
    status: ending.status,
    output: items.map((item, place) => wholeItem(item, place === items.length - 1 ? ending.status : 'completed')),
    usage: writeUsage(answer.usage, answer.rawUsage),
    ...(ending.status === 'incomplete' && { reason: ending.reason }),
  });
}

function isRefusal(part: WholePart): boolean {
  return part.head.type === 'refusal' && part.text !== '';
}
