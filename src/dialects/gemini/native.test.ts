import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { wrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { gemini } from './dialect.ts';

const GOOGLE: TargetFacts = {
  vendor: 'google',
  model: 'gemini-2.5-flash',
  prefill: false,
  reasoning: 'budget',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};
const GEMINI_3: TargetFacts = { ...GOOGLE, model: 'gemini-3.6-flash', signedCalls: true };
const WORD = 'skip_thought_signature_validator';

const own = (signature: string) => wrap({ dialect: 'gemini', vendor: 'google' }, { text: '', signature });
const foreign = wrap({ dialect: 'anthropic-messages', vendor: 'anthropic' }, { text: 'hm', signature: 'c2ln' });

function adapt(body: Json, facts: TargetFacts, indent?: number) {
  const bytes = Buffer.from(JSON.stringify(body, undefined, indent));
  const adapted = gemini.adaptRequest(bytes, facts.model, facts);
  return { ...adapted, untouched: adapted.body.equals(bytes), json: JSON.parse(adapted.body.toString()) as JsonObject };
}

const ASKED = { role: 'user', parts: [{ text: 'go' }] };
const CALL = { functionCall: { id: 'a', name: 'ls', args: {} } };
const RESULT = { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'ls', response: {} } }] };

describe('a native request', () => {
  test('goes as it came: no byte is touched', () => {
    const body = { contents: [ASKED, { role: 'model', parts: [{ text: 'x', thoughtSignature: 'sig' }, CALL] }, RESULT], unknown: [1.0] };
    for (const indent of [0, 1, 3]) expect(adapt(body, GOOGLE, indent)).toMatchObject({ untouched: true, edits: [] });
    const signed = { contents: [ASKED, { role: 'model', parts: [{ ...CALL, thought_signature: 'sig' }, CALL] }, RESULT] };
    expect(adapt(signed, GEMINI_3)).toMatchObject({ untouched: true, edits: [] });
    expect(gemini.adaptRequest(Buffer.from('no json'), 'm', GEMINI_3).body.toString()).toBe('no json');
  });

  test('case 33: gives the vendor its own signatures back, and cuts out those of others', () => {
    const parts = [
      { text: 'shown', thought: true, thoughtSignature: foreign },
      { text: 'said', thoughtSignature: foreign },
      { thoughtSignature: foreign, functionCall: { id: 'a', name: 'ls', args: { quote: foreign } } },
      { text: '', thought_signature: foreign },
      { text: 'mine', thoughtSignature: own('its own') },
      { text: 'damaged', thoughtSignature: `${foreign.slice(0, 30)}` },
      { text: 'theirs', thoughtSignature: 'bare' },
    ];
    for (const indent of [0, 2]) {
      const { json, edits } = adapt({ contents: [ASKED, { role: 'model', parts }, RESULT] }, GOOGLE, indent);
      expect((json.contents as JsonObject[])[1]!.parts).toEqual([
        { text: 'said' },
        { functionCall: { id: 'a', name: 'ls', args: { quote: foreign } } },
        { text: 'mine', thoughtSignature: 'its own' },
        { text: 'damaged' },
        { text: 'theirs', thoughtSignature: 'bare' },
      ]);
      expect(edits).toHaveLength(6);
    }
  });

  test('case 33: beside other vendors, a bare signature is Google’s, and does not go to Vertex', () => {
    const vertex: TargetFacts = { ...GOOGLE, vendor: 'vertex', mixedVendors: true };
    const sealed = wrap({ dialect: 'gemini', vendor: 'vertex' }, { text: '', signature: 'of vertex' });
    const contents = [
      ASKED,
      {
        role: 'model',
        parts: [
          { text: 'a', thought_signature: 'of google' },
          { text: 'b', thoughtSignature: sealed },
        ],
      },
    ];
    expect(adapt({ contents }, vertex).json.contents).toEqual([
      ASKED,
      { role: 'model', parts: [{ text: 'a' }, { text: 'b', thoughtSignature: 'of vertex' }] },
    ]);
    expect(adapt({ contents: contents.slice(0, 1) }, vertex)).toMatchObject({ untouched: true, edits: [] });
    const { mixedVendors: _mixed, ...alone } = vertex;
    const bare = { contents: [{ role: 'model', parts: [{ text: 'a', thoughtSignature: 'its own' }] }] };
    expect(adapt(bare, alone)).toMatchObject({ untouched: true });
    expect(adapt(bare, { ...GOOGLE, mixedVendors: true })).toMatchObject({ untouched: true });
  });

  test('a turn that held nothing else goes with it', () => {
    const { json } = adapt({ contents: [ASKED, { role: 'model', parts: [{ text: '', thoughtSignature: foreign }] }, ASKED] }, GOOGLE);
    expect(json.contents).toEqual([ASKED, ASKED]);
  });

  test('case 33: Gemini 3 gets its word for a missing signature, on the first call of each step of this turn', () => {
    const contents = [
      ASKED,
      { role: 'model', parts: [CALL] },
      RESULT,
      { role: 'model', parts: [{ text: 'done' }] },
      ASKED,
      { role: 'model', parts: [{ text: 'see' }, { ...CALL, thoughtSignature: foreign }, { ...CALL, thoughtSignature: foreign }] },
      RESULT,
      { role: 'model', parts: [{ function_call: CALL.functionCall }, CALL] },
      RESULT,
      { role: 'model', parts: [{ ...CALL, thoughtSignature: 'real' }] },
      RESULT,
    ];
    const { json, edits } = adapt({ contents }, GEMINI_3, 1);
    const after = json.contents as { parts: JsonObject[] }[];
    expect(after[1]).toEqual(contents[1]);
    expect(after[5]!.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([undefined, WORD, WORD]);
    expect(after[7]!.parts).toEqual([{ thoughtSignature: WORD, function_call: CALL.functionCall }, CALL]);
    expect(after.slice(8)).toEqual(contents.slice(8));
    expect(edits.map(({ what }) => what)).toEqual(['contents[7].parts[0]', 'contents[5].parts[1]', 'contents[5].parts[2]']);
  });

  test('a request to be counted names the model within it (case 41)', () => {
    const whole = {
      generateContentRequest: {
        model: 'models/asked',
        contents: [ASKED, { role: 'model', parts: [{ text: 'x', thoughtSignature: foreign }] }],
      },
    };
    expect(adapt(whole, GOOGLE).json).toEqual({
      generateContentRequest: { model: 'models/gemini-2.5-flash', contents: [ASKED, { role: 'model', parts: [{ text: 'x' }] }] },
    });
  });

  test('law: what is written is the same JSON without envelopes, however it was spaced and whatever its names', () => {
    const signature = fc.constantFrom(undefined, '', 'bare', foreign, own('o'));
    const part = fc
      .record({ kind: fc.constantFrom('text', 'call', 'thought', 'empty'), signature, snake: fc.boolean(), first: fc.boolean() })
      .map(({ kind, signature: value, snake, first }): JsonObject => {
        const said: JsonObject =
          kind === 'call'
            ? { [snake ? 'function_call' : 'functionCall']: { name: 'f' } }
            : kind === 'thought'
              ? { text: 't', thought: true }
              : { text: kind === 'empty' ? '' : 'x' };
        const proof: JsonObject = value === undefined ? {} : { [snake ? 'thought_signature' : 'thoughtSignature']: value };
        return first ? { ...proof, ...said } : { ...said, ...proof };
      });
    const content = fc.record({ role: fc.constantFrom('model', 'model', 'user'), parts: fc.array(part, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(content, { maxLength: 5 }), fc.constantFrom(0, 1, 2), (contents, indent) => {
        const { json } = adapt({ before: 1, contents, after: { contents: 'no' } }, GOOGLE, indent);
        const wanted = contents.flatMap(({ role, parts }) => {
          const kept: JsonObject[] = [];
          for (const one of parts) {
            const name = 'thought_signature' in one ? 'thought_signature' : 'thoughtSignature';
            if (one[name] !== foreign) {
              kept.push(one[name] === own('o') ? { ...one, [name]: 'o' } : one);
              continue;
            }
            while (kept.at(-1)?.thought === true && (kept.at(-1)!.thoughtSignature ?? kept.at(-1)!.thought_signature ?? '') === '')
              kept.pop();
            const { [name]: _cut, ...rest } = one;
            if (rest.thought !== true && rest.text !== '') kept.push(rest);
          }
          return kept.length === 0 && parts.length > 0 ? [] : [{ role, parts: kept }];
        });
        expect(json).toEqual({ before: 1, contents: wanted, after: { contents: 'no' } });
        const signed = adapt({ contents }, GEMINI_3, indent).json;
        expect(JSON.stringify(signed)).not.toContain('understudy.v1.');
        const left = signed.contents as JsonObject[];
        // Where a turn went, the one before it may be of an earlier question.
        const last = left.length === contents.length ? left.at(-1) : undefined;
        const calls =
          Array.isArray(last?.parts) && last.role === 'model'
            ? last.parts.filter(isObject).filter((one) => one.functionCall ?? one.function_call)
            : [];
        expect(calls.slice(0, 1).every((one) => (one.thoughtSignature ?? one.thought_signature ?? '') !== '')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('inspect', () => {
  const path = '/v1beta/models/m:generateContent';
  test.each<[string, string, string]>([
    ['contents', '{}', 'is missing; it must be an array of contents'],
    ['generationConfig', '{"contents":[],"generationConfig":7}', 'must be an object'],
    ['', '[]', 'the body is not a JSON object'],
    ['', '{"contents":[}', 'the body is not valid JSON: line 1, column 14: unexpected "}" where a value should be'],
  ])('%s: %s', (field, body, message) => {
    expect(gemini.inspect(Buffer.from(body), path)).toEqual({ ok: false, error: { field, message } });
  });

  test('reads what planning needs, by either name', () => {
    const body = {
      contents: [{ role: 'model', parts: [{ text: 'x', thoughtSignature: foreign }] }],
      generation_config: { max_output_tokens: 9, thinking_config: { thinking_level: 'HIGH' }, response_mime_type: 'application/json' },
      tools: [{}],
      cached_content: 'cachedContents/1',
    };
    expect(gemini.inspect(Buffer.from(JSON.stringify(body)), path)).toMatchObject({
      ok: true,
      value: {
        maxOutputTokens: 9,
        reasoning: true,
        effort: 'high',
        structured: true,
        hasTools: true,
        foreignParts: true,
        dependsOn: 'cachedContents/1',
      },
    });
    const off = { contents: [], tools: [], generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
    expect(gemini.inspect(Buffer.from(JSON.stringify(off)), path)).toMatchObject({
      value: { reasoning: false, effort: 'none', hasTools: false },
    });
  });

  test('another path is none of this dialect', () => {
    expect(gemini.inspect(Buffer.from('{"contents":[]}'), '/v1/messages')).toMatchObject({ ok: false });
  });
});

test('a call that calls itself a thought stays a call, whatever comes after it', () => {
  const parts = [{ thought: true, functionCall: { name: 'f' } }, { thoughtSignature: foreign }];
  const body = Buffer.from(JSON.stringify({ contents: [{ role: 'model', parts }] }));
  const sent = gemini.adaptRequest(body, 'm', GEMINI_3).body.toString();
  expect(JSON.parse(sent)).toEqual({
    contents: [{ role: 'model', parts: [{ thought: true, functionCall: { name: 'f' }, thoughtSignature: WORD }] }],
  });
});
