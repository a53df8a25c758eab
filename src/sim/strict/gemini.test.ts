import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { ownSignature } from '../signature.ts';
import { strictGemini } from './gemini.ts';

const user = { role: 'user', parts: [{ text: 'hello' }] };
const model = { role: 'model', parts: [{ text: 'hello' }] };
const own = ownSignature('gemini', 'anything');
const call = (name: string, thoughtSignature?: string): JsonObject => ({
  functionCall: { name, args: {} },
  ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
});
const response = (name: string): JsonObject => ({ functionResponse: { name, response: { output: 'x' } } });
const calls = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts });
const results = (...names: string[]): JsonObject => ({ role: 'user', parts: names.map(response) });
const declared = (parameters: Json, more: JsonObject = {}): JsonObject => ({
  tools: [{ functionDeclarations: [{ name: 'f', parameters, ...more }] }],
});
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'OBJECT', properties, ...more });

const refused = (contents: Json[], more: JsonObject = {}, name = 'gemini-3-pro'): string | undefined =>
  strictGemini({ contents, ...more }, `/v1beta/models/${name}:generateContent`)?.message;

describe('what generateContent refuses', () => {
  it('nothing of a request that is in order', () => {
    expect(refused([user, calls({ text: 'Wait.' }, call('f', own), call('g')), results('g', 'f')])).toBeUndefined();
    expect(refused([user, calls(call('f', own)), results('f'), calls(call('g', own)), results('g')])).toBeUndefined();
    expect(refused([user, calls(call('f', 'skip_thought_signature_validator')), results('f')])).toBeUndefined();
    // Only the turn that goes on is looked at.
    expect(refused([user, calls(call('f')), results('f'), model, user])).toBeUndefined();
    expect(refused([user, calls(call('f')), results('f')], {}, 'gemini-2.5-pro')).toBeUndefined();
    expect(refused([user], declared(object({ a: { type: 'STRING', enum: ['x'] } }, { required: ['a'] })))).toBeUndefined();
    expect(refused([user], { system_instruction: { parts: [{ text: 'x' }] }, generation_config: { top_k: 3 } })).toBeUndefined();
  });

  it.each<[string, Json[], JsonObject, RegExp]>([
    ['no contents', [], {}, /contents is not specified/],
    ['a role of others', [{ role: 'assistant', parts: [{ text: 'x' }] }], {}, /valid role/],
    ['no parts', [{ role: 'user', parts: [] }], {}, /must not be empty/],
    ['a part without data', [{ role: 'user', parts: [{ thought: true }] }], {}, /oneof field 'data'/],
    ['two data in a part', [{ role: 'user', parts: [{ text: 'x', ...call('f') }] }], {}, /already set/],
    ['an unknown field', [user], { max_tokens: 5 }, /Unknown name "max_tokens": Cannot find field/],
    ['calls at the beginning', [calls(call('f', own)), results('f')], {}, /function call turn comes immediately after/],
    ['calls after the model', [user, model, calls(call('f', own)), results('f')], {}, /function call turn comes immediately after/],
    ['fewer responses than calls', [user, calls(call('f', own), call('g')), results('f')], {}, /number of function response parts/],
    ['words instead of a response', [user, calls(call('f', own)), user], {}, /number of function response parts/],
    ['a response without a call', [user, results('f')], {}, /function response turn comes immediately after/],
    ['a response to something else', [user, calls(call('f', own)), results('g')], {}, /does not match any function call/],
    [
      'no signature on the first call',
      [user, calls(call('f'), call('g', own)), results('f', 'g')],
      {},
      /missing a thought_signature.*`default_api:f`/,
    ],
    [
      'none in the second step',
      [user, calls(call('f', own)), results('f'), calls(call('g')), results('g')],
      {},
      /`default_api:g` , position 4/,
    ],
    ['a signature of others', [user, calls(call('f', 'c29tZXRoaW5n')), results('f')], {}, /Corrupted thought signature/],
    ["Anthropic's", [user, calls(call('f', ownSignature('anthropic-messages', 'x'))), results('f')], {}, /Corrupted/],
    ['a name that begins with a digit', [user], declared(object({ a: { type: 'STRING' } }), { name: '1f' }), /Invalid function name/],
    ['$ref', [user], declared(object({ a: { $ref: '#/x' } })), /Unknown name "\$ref" at 'tools\[0\]/],
    [
      'additionalProperties',
      [user],
      declared(object({ a: { type: 'STRING' } }, { additionalProperties: false })),
      /"additionalProperties"/,
    ],
    ['a list of types', [user], declared(object({ a: { type: ['STRING', 'NULL'] } })), /not repeating/],
    ['numbers to choose from', [user], declared(object({ a: { type: 'INTEGER', enum: [1, 2] } })), /enum/],
    ['an object without properties', [user], declared(object({})), /should be non-empty for OBJECT type/],
    ['a list of nothing', [user], declared(object({ a: { type: 'ARRAY' } })), /items: missing field/],
    ['required and not there', [user], declared(object({ a: { type: 'STRING' } }, { required: ['b'] })), /property is not defined/],
    ['two functions of one name', [user], { tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'f' }] }] }, /Duplicate/],
    ['six stop sequences', [user], { generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } }, /must not exceed 5/],
    ['level and budget', [user], { generationConfig: { thinkingConfig: { thinkingBudget: 5, thinkingLevel: 'LOW' } } }, /only one of/],
  ])('%s', (_title, contents, more, message) => expect(refused(contents, more)).toMatch(message));

  it('of older models also tools beside functions, and JSON beside functions', () => {
    const old = (more: JsonObject): string | undefined => refused([user], more, 'gemini-2.5-flash');
    const tools = [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }];
    expect(old({ tools })).toMatch(/unsupported/);
    expect(old({ tools: tools.slice(0, 1), generationConfig: { responseMimeType: 'application/json' } })).toMatch(/mime type/);
    expect(refused([user], { tools })).toBeUndefined();
  });

  it('of newer ones a last turn of their own', () => {
    expect(refused([user, model], {}, 'gemini-3.6-flash')).toMatch(/user turn/);
    expect(refused([user, model], {}, 'gemini-2.5-pro')).toBeUndefined();
  });
});
