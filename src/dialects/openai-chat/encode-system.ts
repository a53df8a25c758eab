import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodePart, plain } from './encode-content.ts';
import type { LossLog } from '../losses.ts';

/** The leading instructions as one message; another one wherever the client's own messages carried fields of their own (`name`). */
export function encodeSystem(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const groups: { about: JsonObject; key: string; content: JsonObject[] }[] = [];
  for (const [index, part] of request.system.entries()) {
    const piece = encodePart(part, `system[${index}]`, facts, losses);
    if (!piece) continue;
    const { message, ...content } = piece;
    const about = isObject(message) ? message : {};
    const key = JSON.stringify(about);
    const last = groups.at(-1);
    if (last?.key === key) last.content.push(content);
    else groups.push({ about, key, content: [content] });
  }
  return groups.map(({ about, content }) => ({ role: facts.systemRole, content: plain(content), ...about }));
}
