import { hash } from 'node:crypto';
import { restore } from '../dialects/legal-names.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Part, Producer, ReasoningPart } from '../exchange/part.ts';
import type { Message, Request } from '../exchange/request.ts';
import { conversationKey, type Spoken } from './conversation.ts';
import type { Question } from './engine.ts';

/**
 * What a client is not told of others' thoughts (`Plan.untold`), kept for whoever thought them: the next round of tools is the better for it,
 * and DeepSeek's and Gemini's are hardly possible without. In memory; without it everything works, just without those thoughts.
 */
export interface KeptThoughts {
  /** Takes what is said in one answer, as it goes out. */
  recorder(asked: Asked): (events: readonly AnswerEvent[]) => void;
  /** The request with the thoughts back in their places. `back` is told whose they are. */
  restored(asked: Asked, request: Request, back?: (maker: Producer) => void): Request;
  /** Nothing is kept for anybody. */
  isEmpty(): boolean;
}

/** As much of a question as tells which conversation it belongs to. */
export type Asked = Spoken & { plan: Pick<Question['plan'], 'route'> };

/** Characters of all that is kept: some 32 MB at worst. OpenAI's encrypted thoughts of one round take some 10,000. */
const CAPACITY = 16 * 1024 * 1024;

/** A place is known by what follows it in its conversation: a call by its id, words by themselves. */
type Follows = { type: 'call'; id: string } | { type: 'text'; text: string };

interface Kept {
  parts: ReasoningPart[];
  size: number;
}

export function createKeptThoughts(): KeptThoughts {
  /** The one that was used longest ago comes first, and goes first. */
  const places = new Map<string, Kept>();
  let size = 0;

  function forget(key: string): void {
    size -= places.get(key)?.size ?? 0;
    places.delete(key);
  }

  function keep(key: string, parts: ReasoningPart[]): void {
    forget(key);
    const added = { parts, size: parts.reduce((sum, part) => sum + sizeOf(part), key.length) };
    if (added.size > CAPACITY) return;
    places.set(key, added);
    size += added.size;
    for (const oldest of places.keys()) {
      if (size <= CAPACITY) return;
      forget(oldest);
    }
  }

  function find(key: string): ReasoningPart[] {
    const found = places.get(key);
    if (!found) return [];
    places.delete(key);
    places.set(key, found);
    return found.parts;
  }

  return {
    recorder(asked) {
      let conversation: string | undefined;
      return watching((before, thoughts) => {
        conversation ??= conversationOf(asked);
        keep(keyOf(conversation, before), thoughts);
      });
    },

    isEmpty: () => places.size === 0,

    restored(asked, request, back) {
      if (places.size === 0) return request;
      const conversation = conversationOf(asked);
      const look = (before: Follows): ReasoningPart[] => {
        const found = find(keyOf(conversation, before));
        for (const { producer } of found) back?.(producer);
        return found;
      };
      return {
        ...request,
        messages: request.messages.map((message) => (message.role === 'assistant' ? completed(message, look) : message)),
      };
    },
  };
}

function conversationOf(asked: Asked): string {
  return conversationKey(asked.plan.route, asked);
}

function keyOf(conversation: string, before: Follows): string {
  return `${conversation} ${before.type} ${hash('sha1', before.type === 'call' ? restore(before.id) : before.text, 'base64')}`;
}

function sizeOf({ text, signature = '', redacted = '', extras }: ReasoningPart): number {
  return text.length + signature.length + redacted.length + (extras ? JSON.stringify(extras).length : 0);
}

/** Gathers thoughts that are not told, until it is known what they are followed by. Thoughts that nothing follows are of no use to anybody. */
function watching(found: (before: Follows, thoughts: ReasoningPart[]) => void): (events: readonly AnswerEvent[]) => void {
  /** Not told, under way: by the index of their part. */
  const open = new Map<number, ReasoningPart>();
  let thoughts: ReasoningPart[] = [];
  /** The thoughts that the words under way follow; the words may come in several parts. */
  let spoken: { thoughts: ReasoningPart[]; text: string } | undefined;

  function closeWords(): void {
    if (spoken && spoken.text !== '') found({ type: 'text', text: spoken.text }, spoken.thoughts);
    spoken = undefined;
  }

  return (events) => {
    for (const event of events) {
      if (event.type === 'part-start') {
        const { part } = event;
        if (part.type !== 'text' && part.type !== 'refusal') closeWords();
        if (part.type === 'reasoning' && part.untold) {
          const { producer, redacted, extras } = part;
          const thought: ReasoningPart = {
            type: 'reasoning',
            text: '',
            producer,
            ...(redacted !== undefined && { redacted }),
            ...(extras && { extras }),
          };
          open.set(event.index, thought);
          thoughts.push(thought);
          continue;
        }
        open.delete(event.index);
        if (thoughts.length === 0) continue;
        if (part.type === 'tool-call') found({ type: 'call', id: part.id }, thoughts);
        else if (part.type === 'text' || part.type === 'refusal') spoken = { thoughts, text: '' };
        thoughts = [];
      } else if (event.type === 'part-delta') {
        const thought = open.get(event.index);
        const { delta } = event;
        if (thought && delta.type === 'text') thought.text += delta.text;
        else if (thought && delta.type === 'signature') thought.signature = (thought.signature ?? '') + delta.signature;
        else if (!thought && spoken && delta.type === 'text') spoken.text += delta.text;
      } else if (event.type === 'finish') closeWords();
    }
  };
}

function completed(message: Message, look: (before: Follows) => ReasoningPart[]): Message {
  const parts: Part[] = [];
  let found = false;
  for (const [place, part] of message.parts.entries()) {
    const before = followsAt(message.parts, place);
    const thoughts = before ? look(before) : [];
    found ||= thoughts.length > 0;
    parts.push(...thoughts, part);
  }
  return found ? { ...message, parts } : message;
}

/** A client that keeps a stream as it came has words in many pieces. */
function followsAt(parts: readonly Part[], place: number): Follows | undefined {
  const part = parts[place]!;
  if (part.type === 'tool-call') return { type: 'call', id: part.id };
  if (!isWords(part) || isWords(parts[place - 1])) return undefined;
  const after = parts.findIndex((other, index) => index > place && !isWords(other));
  const words = parts.slice(place, after === -1 ? undefined : after);
  return { type: 'text', text: words.map((each) => (isWords(each) ? each.text : '')).join('') };
}

function isWords(part: Part | undefined): part is Extract<Part, { type: 'text' | 'refusal' }> {
  return part?.type === 'text' || part?.type === 'refusal';
}
