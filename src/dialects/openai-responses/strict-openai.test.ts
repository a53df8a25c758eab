import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { ReasoningPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { ownSignature } from '../../sim/signature.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { argumentsText, functionTool, image, pdf, requests, text, textPart } from '../arbitraries.ts';
import { encodeRequest } from './encode-request.ts';
import { FACTS } from './encode-request.fixtures.ts';

describe('law: whatever is asked, OpenAI would take it', () => {
  const producer = fc.constantFrom(
    { dialect: 'openai-responses' as const },
    { dialect: 'openai-responses' as const, vendor: 'openai' },
    { dialect: 'openai-responses' as const, vendor: 'xai' },
    { dialect: 'anthropic-messages' as const, vendor: 'anthropic' },
    { dialect: 'gemini' as const },
  );
  const request = requests({
    attachment: fc.oneof(image, pdf),
    resultContent: fc.oneof(textPart, image),
    resultErrors: true,
    callArguments: argumentsText,
    reasoningPart: fc.tuple(text, producer).map(([words, by]): ReasoningPart => ({
      type: 'reasoning',
      text: words,
      signature: by.vendor === 'xai' || by.dialect !== 'openai-responses' ? 'Zm9yZWlnbg==' : ownSignature('openai-responses', words),
      producer: by,
    })),
    tool: functionTool,
    output: fc.constant({ type: 'text' as const }),
    sampling: fc.constantFrom({}, { temperature: 0.3, topP: 0.2 }),
    reasoning: fc.constantFrom({ effort: 'high' as const }, { budget: 5000 }, { adaptive: true }),
    maxOutputTokens: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
    systemInside: true,
  });

  test('after anything has been torn out of the history', () => {
    fc.assert(
      fc.property(request, fc.infiniteStream(fc.nat(5)), fc.boolean(), (whole, chance, custom) => {
        const torn: Request = {
          ...whole,
          messages: whole.messages.map((message) => ({
            ...message,
            parts: message.parts
              .filter(() => chance.next().value !== 0)
              .map((part) => (custom && part.type === 'tool-call' ? { ...part, kind: 'custom' as const } : part)),
          })),
        };
        const { body } = encodeRequest(torn, FACTS);
        expect(strictResponses(JSON.parse(JSON.stringify(body)) as JsonObject)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
