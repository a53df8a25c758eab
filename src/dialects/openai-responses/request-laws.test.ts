import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { ReasoningPart, ToolCallPart } from '../../exchange/part.ts';
import type { CustomTool, OutputFormat, Reasoning, Request, Sampling, Tool } from '../../exchange/request.ts';
import { argumentsText, base64, functionTool, image, pdf, requests, schema, text, textPart, toolName } from '../arbitraries.ts';
import { freeArguments } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { adaptRequest } from './adapt-request.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';
import { inspect } from './inspect.ts';

const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'replaced',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: false,
};

const sampling: fc.Arbitrary<Sampling> = fc.record(
  {
    temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
    topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
  },
  { requiredKeys: [] },
);

const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constant({ type: 'text' as const }),
  fc.record(
    { type: fc.constant('json-schema' as const), name: toolName, schema, strict: fc.constant(false), description: text },
    { requiredKeys: ['type', 'name', 'schema'] },
  ),
);

const thought: fc.Arbitrary<ReasoningPart> = text.map((value) => ({
  type: 'reasoning',
  text: value,
  signature: Buffer.from(value).toString('base64'),
  producer: { dialect: 'openai-responses' },
}));

/** Every kind of tool that a client can bring, none of the vendor's own. */
const tool = functionTool.map(({ strict: _strict, ...rest }) => rest);

const effort: fc.Arbitrary<Reasoning> = fc
  .constantFrom('none' as const, 'minimal' as const, 'low' as const, 'medium' as const, 'high' as const, 'xhigh' as const)
  .map((word) => ({ effort: word }));

const request = requests({
  attachment: fc.oneof(image, pdf),
  resultContent: fc.oneof(textPart, image, pdf),
  resultErrors: true,
  callArguments: argumentsText,
  reasoningPart: thought,
  tool,
  output,
  sampling,
  reasoning: effort,
  maxOutputTokens: fc.option(fc.integer({ min: 16, max: 100_000 }), { nil: undefined }),
  systemInside: true,
}).map((value): Request => ({ ...value, stop: [], ...(value.user !== undefined && { user: value.user.slice(0, 30) }) }));

/** The same with calls of custom tools, and tools in a namespace. */
const varied = fc.tuple(request, fc.constantFrom('custom', 'namespace')).map(([value, way]): Request => {
  const changed = (part: ToolCallPart): ToolCallPart =>
    way === 'custom' ? { ...part, kind: 'custom', arguments: freeArguments(part.arguments) } : { ...part, namespace: 'mcp__here' };
  const tools = value.tools.map((each): Tool => {
    if (each.type !== 'function') return each;
    const { parameters: _parameters, ...rest } = each;
    if (way === 'namespace') return { ...each, namespace: 'mcp__here' };
    return { ...rest, type: 'custom', grammar: { syntax: 'lark', definition: 'start: "a"' } } as CustomTool;
  });
  const described = tools.map((each, index) =>
    way === 'namespace' && index === 0 && each.type === 'function'
      ? { ...each, extras: { dialect: 'openai-responses' as const, fields: { namespace: { description: 'here' } } } }
      : each,
  );
  const choice = value.toolChoice;
  return {
    ...value,
    tools: described,
    ...(choice?.type === 'tool' && way === 'namespace' && { toolChoice: { ...choice, namespace: 'mcp__here' } }),
    messages: value.messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) => {
        if (part.type === 'tool-call') return changed(part);
        return part.type === 'tool-result' && way === 'custom' ? { ...part, kind: 'custom' as const } : part;
      }),
    })),
  };
});

describe('law: decode(encode(request)) = request', () => {
  test.each([
    ['functions', request],
    ['custom tools and namespaces', varied],
  ])('with nothing lost: %s', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (neutral) => {
        const { body, losses } = encodeRequest(neutral, FACTS);
        expect(losses).toEqual([]);
        const { extras, ...decoded } = read(JSON.parse(JSON.stringify(body)) as JsonObject);
        expect(decoded).toEqual({ ...neutral, model: FACTS.model });
        // The only thing that is added: an answer that is stored nowhere brings its reasoning along.
        const reasons = neutral.reasoning?.effort !== 'none';
        expect(extras?.fields).toEqual(reasons ? { include: ['reasoning.encrypted_content'] } : undefined);
      }),
      { numRuns: 200 },
    );
  });

  test('what planning reads from the bytes agrees with it', () => {
    fc.assert(
      fc.property(request, (neutral) => {
        const { body } = encodeRequest(neutral, FACTS);
        const bytes = Buffer.from(JSON.stringify(body, undefined, 1));
        expect(inspect(bytes, '/v1/responses')).toEqual({
          ok: true,
          value: {
            model: FACTS.model,
            stream: neutral.stream,
            size: bytes.length,
            ...(neutral.maxOutputTokens !== undefined && { maxOutputTokens: neutral.maxOutputTokens }),
            reasoning: neutral.reasoning !== undefined && neutral.reasoning.effort !== 'none',
            ...(neutral.reasoning?.effort && { effort: neutral.reasoning.effort }),
            hasTools: neutral.tools.length > 0,
            structured: neutral.output.type !== 'text',
            foreignParts: false,
            candidates: 1,
            includeUsage: true,
            stored: false,
            layout: { of: bytes, members: expect.any(Map) as unknown },
          },
        });
      }),
      { numRuns: 100 },
    );
  });
});

function read(body: JsonObject): Request {
  const decoded = decodeRequest(body);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

/** Anything at all where a field should be, or something like it. */
const value: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)) as Json);

function strange(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  const arbitraries = Object.fromEntries(
    Object.entries(fields).map(([name, right]) => [name, fc.oneof({ weight: 15, arbitrary: right }, { weight: 1, arbitrary: value })]),
  );
  return fc.record(arbitraries, { requiredKeys: [] }).map((record) => JSON.parse(JSON.stringify(record)) as JsonObject);
}

const word = fc.constantFrom('', 'a', '{}', '{"a":1}', 'understudy.v1.e30', 'data:,x');
const content = strange({
  type: fc.constantFrom('input_text', 'input_image', 'input_file', 'input_audio', 'output_text', 'refusal', 'new_kind'),
  text: word,
  refusal: word,
  image_url: word,
  file_id: word,
  file_data: word,
  annotations: value,
  input_audio: strange({ data: base64, format: word }),
});
const item = strange({
  type: fc.constantFrom(
    'message',
    'reasoning',
    'function_call',
    'function_call_output',
    'custom_tool_call',
    'custom_tool_call_output',
    'local_shell_call',
    'local_shell_call_output',
    'shell_call',
    'shell_call_output',
    'apply_patch_call',
    'apply_patch_call_output',
    'item_reference',
    'web_search_call',
    'compaction',
    'mcp_approval_response',
    'new_kind',
  ),
  id: word,
  role: fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool'),
  content: fc.oneof(word, fc.array(content, { maxLength: 2 })),
  call_id: word,
  name: fc.constantFrom('', 'a', 'b_c'),
  namespace: word,
  arguments: word,
  input: word,
  action: strange({ command: value }),
  operation: strange({ type: word }),
  environment: strange({ type: fc.constantFrom('local', 'container_reference') }),
  output: fc.oneof(word, fc.array(content, { maxLength: 2 })),
  summary: fc.array(strange({ type: word, text: word }), { maxLength: 2 }),
  encrypted_content: word,
  status: fc.constantFrom('completed', 'failed', 'incomplete'),
  phase: word,
});
const body = strange({
  model: fc.constant('m'),
  stream: fc.boolean(),
  input: fc.oneof(word, fc.array(item, { maxLength: 4 })),
  instructions: word,
  tools: fc.array(
    strange({
      type: fc.constantFrom('function', 'custom', 'namespace', 'shell', 'local_shell', 'apply_patch', 'mcp'),
      name: word,
      parameters: value,
      strict: fc.boolean(),
      format: strange({ type: word, syntax: word, definition: word }),
      tools: fc.array(strange({ type: word, name: word }), { maxLength: 2 }),
      environment: strange({ type: word }),
    }),
    { maxLength: 2 },
  ),
  tool_choice: fc.oneof(word, strange({ type: fc.constantFrom('function', 'allowed_tools', 'shell'), name: word, mode: word })),
  text: strange({
    format: strange({ type: fc.constantFrom('text', 'json_object', 'json_schema'), name: word, schema: value }),
    verbosity: word,
  }),
  reasoning: strange({ effort: fc.constantFrom('low', 'huge'), summary: word }),
  store: fc.boolean(),
  conversation: value,
  prompt: value,
  previous_response_id: word,
});

describe('nothing that comes over the wire makes a codec throw', () => {
  test('requests: read, or refused with a place; what is read can be written, read again and adapted', () => {
    let readable = 0;
    fc.assert(
      fc.property(body, fc.constantFrom('openai', 'other'), (json, vendor) => {
        const bytes = Buffer.from(JSON.stringify(json));
        const head = inspect(bytes, '/v1/responses');
        expect(head.ok || head.error.message !== '').toBe(true);
        const facts = { ...FACTS, vendor, mixedVendors: true };
        const adapted: unknown = JSON.parse(adaptRequest(bytes, 'm', facts).body.toString());
        expect(isObject(adapted)).toBe(true);
        const decoded = decodeRequest(json);
        expect(decoded.ok || decoded.error.message !== '').toBe(true);
        if (!decoded.ok) return;
        readable++;
        const encoded = encodeRequest(decoded.value, facts);
        const wire = JSON.parse(JSON.stringify(encoded.body)) as JsonObject;
        const again = decodeRequest(wire);
        expect(again.ok || again.error).toBe(true);
      }),
      { numRuns: 600 },
    );
    expect(readable).toBeGreaterThan(30);
  });

  test('items that were understood once are written so that they are understood in the same way', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (any) => {
        // Illegal names are told by their new name until an answer brings them back.
        const items = any.map((each) => (typeof each.name === 'string' ? { ...each, name: each.name.replace(/[^a-z]/g, '_') } : each));
        // A call of the vendor's own and one of the client's under one id can't be told apart again.
        const ids = items.flatMap((each) => (String(each.type).endsWith('_call') ? [each.call_id] : []));
        fc.pre(new Set(ids).size === ids.length);
        const first = decodeRequest({ model: 'm', input: items });
        if (!first.ok) return;
        const once = read(JSON.parse(JSON.stringify(encodeRequest(first.value, FACTS).body)) as JsonObject);
        const twice = read(JSON.parse(JSON.stringify(encodeRequest(once, FACTS).body)) as JsonObject);
        expect(twice).toEqual(once);
      }),
      { numRuns: 400 },
    );
  });
});
