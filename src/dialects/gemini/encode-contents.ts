import type { JsonObject } from '../../exchange/json.ts';
import type { Message, Request } from '../../exchange/request.ts';
import type { ReasoningPart, ToolResultPart } from '../../exchange/part.ts';
import { flatName } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { partWriter, type PartWriter } from './encode-parts.ts';
import { encodeResult, missingResult } from './encode-results.ts';
import { isBeforeGemini3 } from './generation.ts';
import type { LossLog } from '../losses.ts';
import { wireName } from './names.ts';
import { canRead } from './own-signature.ts';
import { signatureHome } from './signature-home.ts';
import { waitingCalls } from '../waiting-calls.ts';
import { signSteps } from './step-signatures.ts';

interface Turn {
  role: 'user' | 'model';
  parts: JsonObject[];
  /** Results of the turn before, which come first. */
  results: JsonObject[];
  /** What belongs to them and can't be inside. */
  beside: JsonObject[];
  fields: JsonObject;
}

interface Open {
  id: string;
  name: string;
}

/**
 * Turns as the API demands them: user and model alternate, a user begins, and after calls comes a turn with as many results, before anything
 * else that was said.
 */
export function encodeContents(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const write = partWriter(facts, losses);
  const turns: Turn[] = [];
  let open: Open[] = [];
  for (const [index, message] of request.messages.entries()) {
    const at = `messages[${index}]`;
    if (message.name !== undefined) losses.lose(`${at}.name`, 'Gemini has no names of participants');
    const fields = losses.own(message.extras, at);
    if (message.role === 'assistant') {
      const parts = encodeModel(message, at, facts, write, losses);
      if (parts.length === 0) continue;
      if (turns.at(-1)?.role === 'user') open = closed(turns.at(-1)!, open, losses);
      turn(turns, 'model', fields).parts.push(...parts);
      open.push(...callsOf(message));
      continue;
    }
    const before = turns.at(-1);
    const user = before?.role === 'user' ? before : newTurn('user');
    if (message.role === 'system') losses.lose(at, 'Gemini takes no instructions between turns; sent as a user turn');
    open = encodeUser(message, at, user, open, facts, write, losses);
    if (user === before || user.parts.length + user.results.length + user.beside.length === 0) continue;
    Object.assign(user.fields, fields);
    turns.push(user);
  }
  if (open.length > 0) closed(turns.at(-1)?.role === 'user' ? turns.at(-1)! : turn(turns, 'user', {}), open, losses);
  const contents = finish(turns, facts, losses).map(({ role, parts, results, beside, fields }) => ({
    role,
    parts: [...results, ...beside, ...parts],
    ...fields,
  }));
  if (facts.signedCalls) signSteps(contents);
  return contents;
}

function newTurn(role: Turn['role']): Turn {
  return { role, parts: [], results: [], beside: [], fields: {} };
}

/** The last turn, if it is of this role, else a new one. */
function turn(turns: Turn[], role: Turn['role'], fields: JsonObject): Turn {
  const last = turns.at(-1);
  const current = last?.role === role ? last : newTurn(role);
  Object.assign(current.fields, fields);
  if (current !== last) turns.push(current);
  return current;
}

function callsOf(message: Message): Open[] {
  return message.parts.flatMap((part) => (part.type === 'tool-call' ? [{ id: part.id, name: wireName(flatName(part)) }] : []));
}

/** Answers the calls that nobody has answered. */
function closed(user: Turn, open: readonly Open[], losses: LossLog): Open[] {
  for (const { id, name } of open) {
    losses.lose(`result of ${id}`, 'the conversation has none; the model is told so');
    user.results.push(missingResult(id, name));
  }
  return [];
}

/** Returns the calls that still wait. */
function encodeUser(
  message: Message,
  at: string,
  user: Turn,
  waiting: readonly Open[],
  facts: TargetFacts,
  write: PartWriter,
  losses: LossLog,
): Open[] {
  const open = waitingCalls(waiting, ({ id }) => id);
  for (const [index, part] of message.parts.entries()) {
    const place = `${at}.parts[${index}]`;
    if (part.type === 'reasoning') {
      losses.lose(place, 'a user does not reason');
    } else if (part.type !== 'tool-result') {
      const pieces = write(part, place);
      user.parts.push(...(message.role === 'system' ? pieces.map(asReminder) : pieces));
    } else {
      const call = open.take(part.callId);
      if (!call) {
        user.parts.push(...orphan(part, place, write, losses));
        continue;
      }
      const written = encodeResult(part, call.name, place, !isBeforeGemini3(facts), write, losses);
      user.results.push(written.part);
      user.beside.push(...written.beside);
    }
  }
  return open.rest();
}

/** Where the words of an instruction between turns can only be said in the user's name. */
function asReminder(piece: JsonObject): JsonObject {
  return typeof piece.text === 'string' ? { ...piece, text: `<system>\n${piece.text}\n</system>` } : piece;
}

function orphan(part: ToolResultPart, at: string, write: PartWriter, losses: LossLog): JsonObject[] {
  losses.lose(at, 'answers no call of the turn before it; sent as text');
  const label = `Result of an earlier tool call (${part.callId})${part.isError ? ', which failed' : ''}:`;
  return [{ text: label }, ...part.content.flatMap((content, index) => write(content, `${at}.content[${index}]`))];
}

/** An earlier answer. Signatures go back to where they stood: on the part after the thought, on the thought, or on an empty text. */
function encodeModel(message: Message, at: string, facts: TargetFacts, write: PartWriter, losses: LossLog): JsonObject[] {
  const parts: JsonObject[] = [];
  let pending: string | undefined;

  function flush(): void {
    if (pending !== undefined) parts.push({ text: '', thoughtSignature: pending });
    pending = undefined;
  }

  function reasoning(part: ReasoningPart, place: string): void {
    flush();
    if (!canRead(part.producer, facts)) {
      losses.loseReasoning(place, `only ${part.producer.vendor ?? part.producer.dialect} can read its own reasoning`);
      return;
    }
    const home = signatureHome(part.extras);
    const { on: _on, ...own } = losses.own(part.extras, place);
    const signature = part.signature ?? part.redacted;
    if (part.text !== '' || (home === 'thought' && signature !== undefined)) {
      const proof = home === 'thought' && signature !== undefined ? { thoughtSignature: signature } : {};
      parts.push({ text: part.text, thought: true, ...proof, ...own });
    }
    if (home !== 'thought') pending = signature;
    if (home === 'empty') flush();
  }

  for (const [index, part] of message.parts.entries()) {
    const place = `${at}.parts[${index}]`;
    if (part.type === 'reasoning') {
      reasoning(part, place);
      continue;
    }
    const [first, ...more] = part.type === 'tool-result' ? orphan(part, place, write, losses) : write(part, place);
    if (!first) continue;
    parts.push(pending === undefined || first.thoughtSignature !== undefined ? first : { ...first, thoughtSignature: pending }, ...more);
    if (first.thoughtSignature === undefined) pending = undefined;
  }
  flush();
  return parts.every(isEmpty) ? [] : parts;
}

/** A signature without anything that it could prove. */
function isEmpty(part: JsonObject): boolean {
  return part.text === '' && Object.keys(part).every((name) => name === 'text' || name === 'thoughtSignature');
}

/** A user begins. A model's turn at the end is carried on literally where the target can, and asked to be elsewhere. */
function finish(turns: Turn[], facts: TargetFacts, losses: LossLog): Turn[] {
  const first = turns[0];
  if (first?.role !== 'user') {
    losses.lose('messages[0]', 'a user has to begin; a turn "(continued)" was put before it');
    turns.unshift({ ...newTurn('user'), parts: [{ text: '(continued)' }] });
  }
  if (turns.at(-1)!.role === 'model' && !facts.prefill) {
    losses.lose('messages', `${facts.model} does not carry on a model's turn; it is asked to`);
    turns.push({ ...newTurn('user'), parts: [{ text: 'Your previous response was interrupted. Continue from where you left off.' }] });
  }
  return turns;
}
