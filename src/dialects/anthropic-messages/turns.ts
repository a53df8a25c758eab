import type { JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { waitingCalls } from '../waiting-calls.ts';
import { extras, type BlockWriter, type Lose } from './encode-blocks.ts';

interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: JsonObject[];
  fields?: JsonObject;
}

/** Where the words of an instruction between turns can only be said in the user's name. */
function asReminder(blocks: JsonObject[]): JsonObject[] {
  return blocks.map((block) => (block.type === 'text' ? { ...block, text: `<system>\n${String(block.text)}\n</system>` } : block));
}

/** Messages as the API demands them: roles alternate, a user begins, each call is followed at once by its result. */
export function encodeTurns(request: Request, facts: TargetFacts, writer: BlockWriter, lose: Lose): JsonObject[] {
  const turns: Turn[] = [];
  for (const [index, message] of request.messages.entries()) {
    const at = `messages[${index}]`;
    if (message.name !== undefined) lose(`${at}.name`, 'Anthropic has no names of participants');
    const content = message.parts.flatMap((part, place) => writer.part(part, `${at}.parts[${place}]`));
    const own = extras(message.extras, at, lose);
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (message.role !== 'system') {
      add(turns, { role: message.role, content, ...(own && { fields: own }) });
    } else if (facts.systemInside && last?.role === 'user') {
      turns.push({ role: 'system', content, ...(own && { fields: own }) });
    } else {
      lose(
        at,
        facts.systemInside
          ? 'an instruction must follow a user turn; sent as one'
          : `${facts.model} takes no instructions between turns; sent as a user turn`,
      );
      add(turns, { role: 'user', content: asReminder(content) });
    }
  }
  return finish(pair(turns, lose), facts, lose).map(({ role, content, fields }) => ({ role, content, ...fields }));
}

/** Two turns of one role become one, unless one of them says something about itself. */
function add(turns: Turn[], turn: Turn): void {
  const last = turns.at(-1);
  if (last?.role === turn.role && !last.fields && !turn.fields) last.content.push(...turn.content);
  else turns.push(turn);
}

/** A call that waits for its result: the id in the history, and the one that is written. */
interface Call {
  asked: string;
  written: string;
}

/**
 * Every `tool_use` needs its `tool_result` in the next turn, and the other way round, and no id may come twice, or the whole
 * request is refused. Histories that were cut short or come from elsewhere are not always so (some services number the calls
 * of each turn from 0).
 */
function pair(turns: Turn[], lose: Lose): Turn[] {
  const paired: Turn[] = [];
  /** Ids that are taken, each with the number from which a free one is looked for. */
  const used = new Map<string, number>();
  let calls = waitingCalls<Call>([], askedId);
  for (const turn of turns) {
    if (turn.role === 'system') {
      paired.push(turn);
      continue;
    }
    const results: JsonObject[] = [];
    const others: JsonObject[] = [];
    const made: Call[] = [];
    for (const block of turn.content) {
      if (block.type === 'tool_use') {
        const call = { asked: String(block.id), written: unused(String(block.id), used) };
        if (call.written !== call.asked) lose(`id of call ${call.asked}`, `it was used before; written as ${call.written}`);
        made.push(call);
        others.push({ ...block, id: call.written });
      } else if (block.type === 'tool_result') {
        const answered = calls.take(String(block.tool_use_id));
        if (answered) results.push({ ...block, tool_use_id: answered.written });
        else others.push(asText(block, lose));
      } else {
        others.push(block);
      }
    }
    const missing = missingResults(calls.rest(), lose);
    if (missing.length > 0 && turn.role === 'assistant') paired.push({ role: 'user', content: missing });
    paired.push({ ...turn, content: turn.role === 'user' ? [...results, ...missing, ...others] : others });
    calls = waitingCalls(turn.role === 'assistant' ? made : [], askedId);
  }
  const missing = missingResults(calls.rest(), lose);
  if (missing.length > 0) paired.push({ role: 'user', content: missing });
  return paired;
}

function askedId({ asked }: Call): string {
  return asked;
}

function unused(id: string, used: Map<string, number>): string {
  let free = id;
  for (let count = used.get(id) ?? 2; used.has(free); count++) {
    free = `${id}_${count}`;
    used.set(id, count + 1);
  }
  used.set(free, used.get(free) ?? 2);
  return free;
}

function asText(block: JsonObject, lose: Lose): JsonObject {
  lose(`result of ${String(block.tool_use_id)}`, 'its call is not in the turn before; sent as text');
  return { type: 'text', text: `Result of tool call ${String(block.tool_use_id)}: ${JSON.stringify(block.content ?? '')}` };
}

function missingResults(calls: readonly Call[], lose: Lose): JsonObject[] {
  return calls.map(({ asked, written }) => {
    lose(`result of ${asked}`, 'the conversation has none; the model is told so');
    return { type: 'tool_result', tool_use_id: written, content: 'No result of this call was recorded.', is_error: true };
  });
}

/** A user begins. An assistant's turn at the end is carried on literally where the target can, and asked to be elsewhere. */
function finish(turns: Turn[], facts: TargetFacts, lose: Lose): Turn[] {
  if (turns[0] === undefined || turns[0].role === 'assistant') {
    lose('messages[0]', 'a user has to begin; a turn "(continued)" was put before it');
    turns.unshift({ role: 'user', content: [{ type: 'text', text: '(continued)' }] });
  }
  const last = turns.at(-1);
  if (last?.role !== 'assistant') return turns;
  if (!facts.prefill) {
    lose('messages', `${facts.model} does not carry on an assistant turn; it is asked to`);
    // The wording of Anthropic's migration guide for models without prefill.
    turns.push({
      role: 'user',
      content: [{ type: 'text', text: 'Your previous response was interrupted. Continue from where you left off.' }],
    });
    return turns;
  }
  const block = last.content.at(-1);
  if (block?.type === 'text' && typeof block.text === 'string' && block.text !== block.text.trimEnd()) {
    lose('messages', 'Anthropic refuses white space at the end of a prefill');
    last.content[last.content.length - 1] = { ...block, text: block.text.trimEnd() };
  }
  return turns;
}
