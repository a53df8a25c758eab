import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { isObject, type Json, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { type Asking, questionOf, type RawQuestion, rewritten } from './question.ts';

/**
 * What a client sends next: the question, the answer as it came, word for word, and the results of its calls. `undefined`: the answer
 * has no calls.
 */
export function nextQuestion(client: ClientDialect, content: Asking, answer: string): RawQuestion | undefined {
  return goOn(client, questionOf(client, false, content, 'the-model'), answer);
}

/** The same after a question that is written otherwise. */
export function goOn(client: ClientDialect, first: RawQuestion, answer: string): RawQuestion | undefined {
  const asked = parseObject(first.body.toString());
  const said = parseObject(answer);
  if (!asked || !said) throw new Error('neither question nor answer may be anything but JSON');
  const more = NEXT[client](said);
  if (more.length === 0) return undefined;
  const field = client === 'openai-responses' ? 'input' : client === 'gemini' ? 'contents' : 'messages';
  return rewritten(first, { [field]: [...objects(asked[field]), ...more] });
}

/** What a tool says; the simulated assistants quote it. */
export function resultOf(name: string): string {
  return `result of ${name}`;
}

const NEXT: Record<ClientDialect, (answer: JsonObject) => JsonObject[]> = {
  'anthropic-messages'(answer) {
    const uses = objects(answer.content).filter((block) => block.type === 'tool_use');
    const results = uses.map((use) => ({ type: 'tool_result', tool_use_id: use.id!, content: resultOf(String(use.name)) }));
    return uses.length === 0
      ? []
      : [
          { role: 'assistant', content: answer.content! },
          { role: 'user', content: results },
        ];
  },
  'openai-chat'(answer) {
    const message = objects(answer.choices)[0]?.message;
    const calls = isObject(message) ? objects(message.tool_calls) : [];
    const results = calls.map((call) => ({
      role: 'tool',
      tool_call_id: call.id!,
      content: resultOf(String((call.function as JsonObject).name)),
    }));
    return calls.length === 0 ? [] : [message as JsonObject, ...results];
  },
  'openai-responses'(answer) {
    const items = objects(answer.output);
    const results = items.flatMap((item) =>
      item.type === 'function_call' || item.type === 'custom_tool_call'
        ? [{ type: `${item.type}_output`, call_id: item.call_id!, output: resultOf(String(item.name)) }]
        : [],
    );
    return results.length === 0 ? [] : [...items, ...results];
  },
  gemini(answer) {
    const content = objects(answer.candidates)[0]?.content;
    const calls = (isObject(content) ? objects(content.parts) : []).flatMap((part) =>
      isObject(part.functionCall) ? [part.functionCall] : [],
    );
    const parts = calls.map(({ id, name }) => ({
      functionResponse: { ...(id === undefined ? {} : { id }), name: name!, response: { output: resultOf(String(name)) } },
    }));
    return calls.length === 0 ? [] : [content as JsonObject, { role: 'user', parts }];
  },
};

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
