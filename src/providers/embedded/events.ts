import type { AnswerEvent, FinishReason, PartHead } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EngineUsage } from './messages.ts';
import { withoutNulls } from './schema.ts';

/** Turns what the engine tells into the neutral events of one answer. */
export interface AnswerEvents {
  text(text: string, thought: boolean): AnswerEvent[];
  call(name: string, args: JsonObject): AnswerEvent[];
  finish(reason: FinishReason, usage: EngineUsage): AnswerEvent[];
}

/** `schemas`: of the tools, as the client gave them. */
export function answerEvents(id: string, model: string, schemas: ReadonlyMap<string, JsonObject>): AnswerEvents {
  let started = false;
  let next = 0;
  let open: { index: number; type: PartHead['type'] } | undefined;
  let calls = 0;

  function start(): AnswerEvent[] {
    if (started) return [];
    started = true;
    return [{ type: 'start', id, model }];
  }
  function close(): AnswerEvent[] {
    if (!open) return [];
    const { index } = open;
    open = undefined;
    return [{ type: 'part-end', index }];
  }
  function part(head: PartHead): AnswerEvent[] {
    if (open?.type === head.type && head.type !== 'tool-call') return [];
    const closed = close();
    open = { index: next++, type: head.type };
    return [...start(), ...closed, { type: 'part-start', index: open.index, part: head }];
  }

  return {
    text(text, thought) {
      const begun = part(thought ? { type: 'reasoning', producer: { dialect: 'openai-chat' } } : { type: 'text' });
      return [...begun, { type: 'part-delta', index: open!.index, delta: { type: 'text', text } }];
    },
    call(name, args) {
      const begun = part({ type: 'tool-call', id: `call_${id}_${calls++}`, name });
      const json = JSON.stringify(withoutNulls(args, schemas.get(name)));
      return [...begun, { type: 'part-delta', index: open!.index, delta: { type: 'arguments', json } }, ...close()];
    },
    finish(reason, { input, cached, output }) {
      return [...start(), ...close(), { type: 'usage', usage: { input, output, cacheRead: cached } }, { type: 'finish', reason }];
    },
  };
}
