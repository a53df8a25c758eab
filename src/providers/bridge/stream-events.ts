import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { Producer } from '../../exchange/part.ts';
import { FINISH_REASONS, usageOf } from './finish-and-usage.ts';

/** What an AI SDK model's stream says, piece by piece, in neutral events. An error in it, and an end without a reason, end the answer badly. */
export interface StreamReader {
  read(part: LanguageModelV4StreamPart): { events: AnswerEvent[] } | { error: unknown };
}

/** `producer`: who the reasoning is from. Tools that the provider runs by itself are not part of the answer. */
export function streamReader(model: string, producer: Producer): StreamReader {
  const open = new Map<string, number>();
  /** Calls that came whole and those that streamed have the same ids. */
  const called = new Set<string>();
  const theirs = new Set<string>();
  let next = 0;
  let started = false;

  function start(id: string): AnswerEvent[] {
    if (started) return [];
    started = true;
    return [{ type: 'start', id, model }];
  }

  function begin(id: string, part: Extract<AnswerEvent, { type: 'part-start' }>['part']): AnswerEvent[] {
    const index = next++;
    open.set(id, index);
    return [...start(''), { type: 'part-start', index, part }];
  }

  function delta(id: string, piece: Extract<AnswerEvent, { type: 'part-delta' }>['delta']): AnswerEvent[] {
    const index = open.get(id);
    return index === undefined ? [] : [{ type: 'part-delta', index, delta: piece }];
  }

  function end(id: string): AnswerEvent[] {
    const index = open.get(id);
    open.delete(id);
    return index === undefined ? [] : [{ type: 'part-end', index }];
  }

  function events(part: Exclude<LanguageModelV4StreamPart, { type: 'error' }>): AnswerEvent[] {
    switch (part.type) {
      case 'response-metadata':
        return part.id === undefined ? [] : start(part.id);
      case 'text-start':
        return begin(`text ${part.id}`, { type: 'text' });
      case 'text-delta':
        return delta(`text ${part.id}`, { type: 'text', text: part.delta });
      case 'text-end':
        return end(`text ${part.id}`);
      case 'reasoning-start':
        return begin(`reasoning ${part.id}`, { type: 'reasoning', producer });
      case 'reasoning-delta':
        return delta(`reasoning ${part.id}`, { type: 'text', text: part.delta });
      case 'reasoning-end':
        return end(`reasoning ${part.id}`);
      case 'tool-input-start':
        if (part.providerExecuted === true) {
          theirs.add(part.id);
          return [];
        }
        called.add(part.id);
        return begin(`call ${part.id}`, { type: 'tool-call', id: part.id, name: part.toolName });
      case 'tool-input-delta':
        return delta(`call ${part.id}`, { type: 'arguments', json: part.delta });
      case 'tool-input-end':
        return end(`call ${part.id}`);
      case 'tool-call': {
        const id = part.toolCallId;
        if (called.has(id) || theirs.has(id) || part.providerExecuted === true) return [];
        called.add(id);
        return [
          ...begin(`call ${id}`, { type: 'tool-call', id, name: part.toolName }),
          ...delta(`call ${id}`, { type: 'arguments', json: part.input }),
          ...end(`call ${id}`),
        ];
      }
      case 'finish': {
        const ends = [...open.keys()].flatMap(end);
        const { unified, raw } = part.finishReason;
        return [
          ...start(''),
          ...ends,
          { type: 'usage', usage: usageOf(part.usage) },
          { type: 'finish', reason: FINISH_REASONS[unified], ...(raw !== undefined && { raw }) },
        ];
      }
      default:
        return [];
    }
  }

  return {
    read(part) {
      if (part.type === 'error') return { error: part.error };
      if (part.type === 'finish' && (part.finishReason.unified === 'error' || part.finishReason.unified === 'interrupted')) {
        return { error: new Error(`the answer ended with: ${part.finishReason.raw ?? part.finishReason.unified}`) };
      }
      // What a package says at the end of a stream that never told a reason: such an answer was cut.
      if (part.type === 'finish' && part.finishReason.unified === 'other' && part.finishReason.raw === undefined) {
        return { error: new Error('the answer ended without a finish reason') };
      }
      return { events: events(part) };
    },
  };
}
