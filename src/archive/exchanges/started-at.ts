import { parseObject } from '../../exchange/json.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow } from '../store/read.ts';
import type { Unit } from './units.ts';

/** Answers that are looked through for the call. */
const LAST = 20;

const ANSWERS = "SELECT * FROM messages WHERE conversation = ? AND role = 'assistant' ORDER BY place DESC LIMIT ?";

/** Key of the answer whose call started a sub-agent: one of its arguments is what the sub-agent is told. */
export function startedAt({ database }: Archive, conversation: number, units: readonly Unit[]): string | undefined {
  const first = units.find(({ role, form }) => role === 'user' && form);
  const task = first?.parts.flatMap((part) => (part.type === 'text' ? [part.text.trim()] : [])) ?? [];
  if (task.length === 0) return undefined;
  for (const row of database.prepare(ANSWERS).iterate(conversation, LAST)) {
    const { key, parts } = messageOfRow(row);
    const isIt = parts.some((part) => {
      const given = part.type === 'tool-call' ? parseObject(part.arguments) : undefined;
      return Object.values(given ?? {}).some((value) => typeof value === 'string' && value.length > 10 && task.includes(value.trim()));
    });
    if (isIt) return key;
  }
  return undefined;
}
