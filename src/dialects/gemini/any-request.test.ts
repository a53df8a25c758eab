import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { wrap } from '../envelope.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { gemini } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'google',
  model: 'gemini-3.6-flash',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
  signedCalls: true,
};
const PATH = '/v1beta/models/gemini-3.6-flash:generateContent';

/** Anything at all where a field should be, or something like it. */
const value: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 1 }).map((json) => JSON.parse(JSON.stringify(json)) as Json);

/** Fields that are right nine times out of ten, under either of their names. */
function strange(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  const arbitraries = Object.fromEntries(
    Object.entries(fields).map(([name, right]) => [name, fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: value })]),
  );
  return fc.tuple(fc.record(arbitraries, { requiredKeys: [] }), fc.boolean()).map(([record, snake]) => {
    const named = snake
      ? Object.fromEntries(
          Object.entries(record).map(([name, field]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), field]),
        )
      : record;
    return JSON.parse(JSON.stringify(named)) as JsonObject;
  });
}

const word = fc.constantFrom('', 'a', 'AUTO', 'ANY', 'text/plain', 'image/png', 'https://a.b/c.png', 'aGk=', 'models/m');
const signature = fc.constantFrom(
  '',
  'sig',
  wrap({ dialect: 'gemini', vendor: 'google' }, { signature: 's' }),
  wrap({ dialect: 'openai-chat' }, 1),
);
const blob = strange({ mimeType: word, data: word, displayName: word });
const file = strange({ mimeType: word, fileUri: word });
const part = strange({
  text: word,
  thought: fc.boolean(),
  thoughtSignature: signature,
  inlineData: blob,
  fileData: file,
  functionCall: strange({ id: word, name: word, args: value }),
  functionResponse: strange({
    id: word,
    name: word,
    response: value,
    parts: fc.array(strange({ inlineData: blob, fileData: file }), { maxLength: 2 }),
  }),
  executableCode: value,
});
const content = strange({ role: fc.constantFrom('user', 'model', 'function', 'system'), parts: fc.array(part, { maxLength: 3 }) });
const schema = strange({
  type: word,
  properties: value,
  items: value,
  anyOf: fc.array(value),
  enum: fc.array(value),
  nullable: fc.boolean(),
  $ref: word,
});
const request = strange({
  contents: fc.array(content, { maxLength: 4 }),
  systemInstruction: content,
  tools: fc.array(
    strange({
      functionDeclarations: fc.array(strange({ name: word, description: word, parameters: schema, parametersJsonSchema: schema }), {
        maxLength: 2,
      }),
      googleSearch: value,
    }),
  ),
  toolConfig: strange({ functionCallingConfig: strange({ mode: word, allowedFunctionNames: fc.array(word) }) }),
  generationConfig: strange({
    temperature: fc.double({ noNaN: true }),
    maxOutputTokens: fc.nat(),
    stopSequences: fc.array(word),
    responseMimeType: fc.constantFrom('application/json', 'text/plain', 'text/x.enum'),
    responseSchema: schema,
    responseJsonSchema: schema,
    thinkingConfig: strange({ thinkingBudget: fc.integer(), thinkingLevel: word, includeThoughts: fc.boolean() }),
  }),
  cachedContent: word,
});

describe('any request at all', () => {
  test('is read or refused by the name of a field, and what is read can be written for everyone', () => {
    let accepted = 0;
    fc.assert(
      fc.property(request, (body) => {
        const decoded = gemini.decodeRequest(body, PATH);
        if (!decoded.ok) {
          return decoded.error.message !== '';
        }
        accepted++;
        for (const dialect of [gemini, anthropicMessages, openaiChat]) JSON.stringify(dialect.encodeRequest(decoded.value, FACTS));
        const written = gemini.encodeRequest(decoded.value, FACTS).body;
        return gemini.decodeRequest(JSON.parse(JSON.stringify(written)) as JsonObject, PATH).ok;
      }),
      { numRuns: 250 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  test('its bytes are looked at and adapted without a word', () => {
    fc.assert(
      fc.property(request, fc.constantFrom(0, 1), fc.constantFrom(true, false), (body, indent, signedCalls) => {
        const bytes = Buffer.from(JSON.stringify(body, undefined, indent));
        const adapted = gemini.adaptRequest(bytes, 'm', { ...FACTS, signedCalls });
        expect(JSON.parse(adapted.body.toString())).toBeTypeOf('object');
        expect(gemini.inspect(bytes, PATH).ok).toBeTypeOf('boolean');
        expect(gemini.counting?.request(body)).toBeTypeOf('object');
      }),
      { numRuns: 150 },
    );
  });

  test('no JSON at all breaks anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.webPath(), (text, path) => {
        const bytes = Buffer.from(text);
        expect(gemini.inspect(bytes, PATH).ok).toBeTypeOf('boolean');
        expect(gemini.inspect(bytes, path).ok).toBeTypeOf('boolean');
        expect(gemini.adaptRequest(bytes, 'm', FACTS).body).toBeInstanceOf(Buffer);
      }),
      { numRuns: 60 },
    );
  });
});
