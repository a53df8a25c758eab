/** What real services have answered, sent back to them and to others as the history of a next question. */
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { ownSignature } from '../../sim/signature.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { gemini } from '../gemini/dialect.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiResponses } from './dialect.ts';
import { recordedBodies } from './recordings.ts';

const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'gpt-5.6',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: true,
};

/** Secrets of OpenAI's simulated self, which can check them. */
function next(output: JsonObject[]): JsonObject {
  const items = output.map((item, index) =>
    typeof item.encrypted_content === 'string' ? { ...item, encrypted_content: ownSignature('openai-responses', String(index)) } : item,
  );
  return { model: 'm', input: [{ role: 'user', content: 'q' }, ...items, { role: 'user', content: 'go on' }] };
}

function read(body: JsonObject): Request {
  const decoded = openaiResponses.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, '/v1/responses');
  if (!decoded.ok) throw new Error(`${decoded.error.field}: ${decoded.error.message}`);
  return decoded.value;
}

/** Items by type, with what they say: reasoning that cannot be read again, messages without a word and what we fill in are left out. */
function said(items: JsonObject[]): unknown[] {
  return items
    .filter(({ type, encrypted_content: secret }) => type !== 'reasoning' || secret !== undefined)
    .filter(({ type }) => !/^(function|custom_tool|local_shell|shell|apply_patch)_call_output$/.test(String(type)))
    .map(({ type, content, name, arguments: args, input, action, operation }) => {
      const words = Array.isArray(content) ? content.map((part) => isObject(part) && (part.text ?? part.refusal)).join('') : undefined;
      return type === 'message' ? { type, words } : { type, name, args, input, action, operation };
    })
    .filter((item) => item.words !== '');
}

const bodies = recordedBodies().flatMap(({ name, body }) => {
  const output = Array.isArray(body.output) ? body.output.filter(isObject) : [];
  return output.length > 0 ? [{ name, output }] : [];
});

describe.skipIf(bodies.length === 0)('recorded answers as history', () => {
  test.each(bodies)('$name, back to OpenAI', ({ output }) => {
    const body = next(output);
    const encoded = openaiResponses.encodeRequest(read(body), FACTS);
    const wire = JSON.parse(JSON.stringify(encoded.body)) as JsonObject;
    const items = (wire.input as JsonObject[]).slice(1, -1);
    const last = output.findLastIndex(({ type }) => type !== 'reasoning');
    expect(said(items)).toEqual(said((body.input as JsonObject[]).slice(1, last + 2)));
    // The simulated OpenAI knows no programs.
    const known = !output.some(({ type }) => type === 'program');
    expect(known ? strictResponses(wire) : undefined).toBeUndefined();
  });

  test.each(bodies)('$name, to everybody else: words and calls arrive, and what does not is listed', ({ output }) => {
    const request = read(next(output));
    for (const dialect of [anthropicMessages, openaiChat, gemini]) {
      const { body, losses } = dialect.encodeRequest(request, { ...FACTS, vendor: 'other', fixedSampling: false });
      const wire = JSON.stringify(body);
      const parts = request.messages.flatMap((message) => message.parts);
      const wanted = parts.flatMap((part) => {
        if (part.type === 'text') return [JSON.stringify(part.text.trim()).slice(1, -1).slice(0, 40)];
        return part.type === 'tool-call' ? [part.name] : [];
      });
      expect(wanted.filter((words) => !wire.includes(words))).toEqual([]);
      const unknown = parts.filter(({ type }) => type === 'opaque' || type === 'reasoning');
      expect(losses.length).toBeGreaterThanOrEqual(unknown.length);
    }
  });
});
