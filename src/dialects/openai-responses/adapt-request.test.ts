import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Producer } from '../../exchange/part.ts';
import { wrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { adaptRequest } from './adapt-request.ts';

const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'gpt-5.6',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: true,
};

/** Spaced and escaped as no encoder of ours would. */
function body(items: string[]): Buffer {
  return Buffer.from(
    `{ "model" :"asked", "previous_response_id":"resp_1","input": [ ${items.join(' ,\n ')} ],\t"x_new": {"\\u0061": 1.0} }\n`,
  );
}

function reasoning(secret: string): string {
  return JSON.stringify({ type: 'reasoning', id: 'rs_x', summary: [], encrypted_content: secret });
}

const USER = '{"role":"user", "content":"caf\\u00e9 ☕ understudy.v1.quoted \\"encrypted_content\\""}';
const CALL = '{ "type":"function_call","call_id":"a", "id":"fc_1","name":"f","arguments":"{}" }';
const OUTPUT = '{"type":"function_call_output","call_id":"a","output":"1"}';

describe('a native request', () => {
  test('keeps every byte but the model', () => {
    const before = body([USER, reasoning('gAAAA_bare'), CALL, OUTPUT]);
    const { body: after, edits } = adaptRequest(before, 'gpt-5.6', FACTS);
    expect(after.toString()).toBe(before.toString().replace('"asked"', '"gpt-5.6"'));
    expect(edits).toEqual([{ what: 'model', why: "the target's name for it is gpt-5.6" }]);
    expect(adaptRequest(before, 'asked', FACTS).body).toBe(before);
  });

  test.each<[string, Producer, string]>([
    ['Anthropic', { dialect: 'anthropic-messages', vendor: 'anthropic' }, 'anthropic'],
    ['another service of this dialect', { dialect: 'openai-responses', vendor: 'xai' }, 'xai'],
  ])('case 34: reasoning of %s is cut out, nothing else', (_name, producer, vendor) => {
    const foreign = reasoning(wrap(producer, { signature: 'c2ln' }));
    const { body: after, edits } = adaptRequest(body([USER, foreign, CALL, OUTPUT]), 'asked', FACTS);
    expect(after.toString()).toBe(body([USER, CALL, OUTPUT]).toString());
    expect(edits).toEqual([{ what: 'input[1]', why: `only ${vendor} can read its own reasoning; cut out` }]);
    expect(adaptRequest(body([foreign, USER]), 'asked', FACTS).body.toString()).toBe(body([USER]).toString());
  });

  test('a vendor gets its own back, bare', () => {
    const sealed = reasoning(wrap({ dialect: 'openai-responses', vendor: 'xai' }, { signature: 'its own' }));
    const { body: after, edits } = adaptRequest(body([sealed, CALL]), 'asked', { ...FACTS, vendor: 'xai' });
    expect(after.toString()).toBe(body([reasoning('its own'), CALL]).toString());
    expect(edits).toEqual([{ what: 'input[0]', why: 'this provider gets its own reasoning back' }]);
  });

  test('where several vendors take turns, bare reasoning goes to OpenAI only', () => {
    const before = body([USER, reasoning('gAAAA_bare'), CALL]);
    expect(adaptRequest(before, 'asked', { ...FACTS, mixedVendors: true }).body).toBe(before);
    const { body: after } = adaptRequest(before, 'asked', { ...FACTS, vendor: 'xai', mixedVendors: true });
    expect(after.toString()).toBe(body([USER, CALL]).toString());
  });

  test('a damaged envelope is cut out, a quoted one is not', () => {
    const { body: after } = adaptRequest(body([reasoning('understudy.v1.e30'), USER]), 'asked', FACTS);
    expect(after.toString()).toBe(body([USER]).toString());
  });

  test('case 45: what went before stays, for whoever decides which body goes out', () => {
    const { body: after } = adaptRequest(body([USER]), 'm', FACTS);
    expect((JSON.parse(after.toString()) as JsonObject).previous_response_id).toBe('resp_1');
  });

  test('bytes that are no JSON, and input that is text, are left alone', () => {
    expect(adaptRequest(Buffer.from('{'), 'm', FACTS)).toEqual({ body: Buffer.from('{'), edits: [] });
    const text = Buffer.from('{"model":"m","input":"understudy.v1.e30 \\"encrypted_content\\""}');
    expect(adaptRequest(text, 'm', { ...FACTS, vendor: 'xai', mixedVendors: true }).body).toBe(text);
  });
});
