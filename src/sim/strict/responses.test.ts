import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { sceneBody } from '../scene.ts';
import { ownSignature } from '../signature.ts';
import { createSimProvider } from '../sim-provider.ts';
import { strictResponses } from './responses.ts';

const user = { role: 'user', content: 'hello' };
const call = (id: string): JsonObject => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string): JsonObject => ({ type: 'function_call_output', call_id: id, output: 'x' });
const reasoning = (secret: string): JsonObject => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: secret });
const own = ownSignature('openai-responses', 'anything');
const tool = (more: JsonObject): JsonObject => ({ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, ...more });

const refused = (input: Json, more: JsonObject = {}): string | undefined => strictResponses({ model: 'm', input, ...more })?.message;

describe('what Responses refuses', () => {
  it('nothing of a request that is in order', () => {
    expect(refused('hello')).toBeUndefined();
    expect(refused([user, reasoning(own), call('a'), call('b'), output('b'), output('a')])).toBeUndefined();
    expect(refused([user, reasoning(own), { role: 'assistant', content: [{ type: 'output_text', text: 'x' }] }, user])).toBeUndefined();
    expect(refused('x', { tools: [tool({}), { type: 'custom', name: 'g' }, { type: 'web_search' }] })).toBeUndefined();
  });

  it.each<[string, Json, JsonObject, RegExp]>([
    ['no input', [], {}, /Missing required parameter: 'input'/],
    ['a parameter of chat', 'x', { max_tokens: 5 }, /Unknown parameter: 'max_tokens'/],
    ['encrypted content of somebody else', [user, reasoning('c29tZXRoaW5n'), call('a'), output('a')], {}, /could not be verified/],
    [
      "Anthropic's signature",
      [user, reasoning(ownSignature('anthropic-messages', 'x')), call('a'), output('a')],
      {},
      /could not be verified/,
    ],
    ['reasoning at the end', [user, reasoning(own)], {}, /without its required following item/],
    ['reasoning before a question', [user, reasoning(own), user], {}, /without its required following item/],
    [
      'reasoning by its id alone, where nothing is stored',
      [user, { type: 'reasoning', id: `rs_${'0'.repeat(50)}`, summary: [] }, call('a'), output('a')],
      { store: false },
      /rs_0+' not found\. Items are not persisted/,
    ],
    [
      'reasoning by an id that it never gave',
      [user, { type: 'reasoning', id: 'rs_x_1', summary: [], encrypted_content: null }, call('a'), output('a')],
      {},
      /'rs_x_1' not found/,
    ],
    ['a call id with a colon', [user, call('f:0'), output('f:0')], {}, /call_id.*does not match pattern/],
    ['a call without output', [user, call('a')], {}, /No tool output found for function call a\./],
    ['an output without call', [user, output('a')], {}, /No tool call found for function call output with call_id a/],
    ['a custom output to a function', [user, call('a'), { ...output('a'), type: 'custom_tool_call_output' }], {}, /No tool call found/],
    ['two calls with one id', [user, call('a'), call('a'), output('a')], {}, /Duplicate/],
    ['an id of another kind', [user, { ...call('a'), id: 'call_1' }, output('a')], {}, /begins with 'fc'/],
    ['a long call id', [user, call('a'.repeat(65)), output('a'.repeat(65))], {}, /maximum length 64/],
    ['input_text of an assistant', [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }], {}, /'output_text', 'refusal'/],
    ['text of a user', [{ role: 'user', content: [{ type: 'text', text: 'x' }] }], {}, /Invalid value: 'text'/],
    ['a long name', 'x', { tools: [tool({ name: 'n'.repeat(65) })] }, /maximum length 64/],
    ['a name with a dot', 'x', { tools: [tool({ name: 'a.b' })] }, /does not match pattern/],
    ['a strict schema that is open', 'x', { tools: [tool({ strict: true })] }, /additionalProperties/],
    ['a temperature for a reasoning model', 'x', { model: 'gpt-5.6', temperature: 0.5 }, /not supported with this model/],
    ['a background answer that is not kept', 'x', { background: true, store: false }, /store/],
  ])('%s', (_title, input, more, message) => expect(refused(input, more)).toMatch(message));
});

describe('what the service keeps', () => {
  const sim = createSimProvider({ clock: virtualClock(), strict: true });
  const ask = (body: JsonObject): JsonObject & { status: number } => {
    const request = { method: 'POST', path: '/v1/responses', headers: {}, reused: false };
    const { scene } = sim.play({ ...request, body: Buffer.from(JSON.stringify({ model: 'm', ...body })) });
    const head = scene.find((step) => step.type === 'head');
    return { ...(JSON.parse(sceneBody(scene).toString()) as JsonObject), status: head?.type === 'head' ? head.status : 0 };
  };
  const thinks = { reasoning: { effort: 'medium', summary: 'auto' }, input: 'Think. [sim tools=1]', tools: [tool({})] };

  it('can be named by its id, and has to come with its reasoning', () => {
    const [first, , third] = ask(thinks).output as JsonObject[];
    const result = output(String(third!.call_id));
    const reference = (item: JsonObject | undefined): JsonObject => ({ type: 'item_reference', id: item!.id! });
    expect(ask({ input: [user, reference(first), third!, result] }).status).toBe(200);
    expect(ask({ input: [user, { type: 'item_reference', id: 'rs_none' }] })).toMatchObject({ status: 404 });
  });

  it('is not there where it was not to be kept', () => {
    const [first, , third] = ask({ ...thinks, store: false }).output as JsonObject[];
    const { encrypted_content: secret, ...bare } = first!;
    const input = [user, bare, third!, output(String(third!.call_id))];
    const { status, error } = ask({ input, store: false });
    expect([status, (error as JsonObject).message]).toEqual([404, expect.stringMatching(/^Item with id 'rs_0.*store/)]);
    expect(ask({ input: [user, { ...bare, encrypted_content: secret! }, ...input.slice(2)], store: false }).status).toBe(200);
  });
});
