import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { wrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { anthropicMessages as dialect } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'anthropic',
  model: 'claude',
  prefill: false,
  reasoning: 'adaptive',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

function inspect(body: JsonObject | string) {
  return dialect.inspect(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), '/v1/messages');
}

describe('inspect', () => {
  test('reads what planning needs', () => {
    const body = {
      model: 'claude',
      stream: true,
      max_tokens: 9,
      messages: [],
      tools: [{}],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high', format: { type: 'json_schema' } },
    };
    expect(inspect(body)).toEqual({
      ok: true,
      value: {
        model: 'claude',
        stream: true,
        size: JSON.stringify(body).length,
        maxOutputTokens: 9,
        reasoning: true,
        effort: 'high',
        hasTools: true,
        structured: true,
        foreignParts: false,
        candidates: 1,
        includeUsage: true,
        layout: { of: expect.anything() as unknown, members: expect.any(Map) as unknown },
      },
    });
    expect(
      inspect({ model: 'c', messages: [], tools: [], thinking: { type: 'disabled' }, output_config: { effort: 'low' }, stream: null }),
    ).toMatchObject({
      value: { stream: false, hasTools: false, reasoning: false, structured: false },
    });
  });

  test.each<[string, JsonObject | string, string]>([
    ['model', { messages: [] }, 'must be the name of a model'],
    ['model', { model: '', messages: [] }, 'must be the name of a model'],
    ['model', { model: 7, messages: [] }, 'must be the name of a model'],
    ['messages', { model: 'c' }, 'is missing; it must be an array of messages'],
    ['messages', { model: 'c', messages: {} }, 'must be an array of messages'],
    ['stream', { model: 'c', messages: [], stream: 'yes' }, 'must be true or false'],
    ['max_tokens', { model: 'c', messages: [], max_tokens: 0 }, 'must be a whole number above 0'],
    ['tools', { model: 'c', messages: [], tools: 'x' }, 'must be an array'],
    ['thinking', { model: 'c', messages: [], thinking: true }, 'must be an object'],
    ['', '{"model":"c",\n "messages":[}', 'the body is not valid JSON: line 2, column 14: unexpected "}" where a value should be'],
    ['', '[]', 'the body is not a JSON object'],
    ['', '', 'the body is not valid JSON: line 1, column 1: the text ends where a JSON object should begin'],
  ])('refuses a wrong %s', (field, body, message) => {
    expect(inspect(body)).toEqual({ ok: false, error: { field, message } });
  });
});

function adapt(body: string, facts: TargetFacts = FACTS) {
  const adapted = dialect.adaptRequest(Buffer.from(body), 'claude-real', facts);
  return { text: adapted.body.toString(), what: adapted.edits.map(({ what }) => what) };
}

describe('adaptRequest', () => {
  test('law: nothing but the model changes, whatever else is there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '\n\t'), (rest, space) => {
        const { model: _, ...others } = rest;
        const before = `{${space}"messages"${space}:${space}[]${space},`;
        const after = `${space},${space}"rest"${space}:${JSON.stringify(others)}}`;
        expect(adapt(`${before}"model":"asked"${after}`)).toEqual({ text: `${before}"model":"claude-real"${after}`, what: ['model'] });
      }),
    );
  });

  test('what planning has found serves here too, and for no other bytes', () => {
    const body = Buffer.from('{"max_tokens":1,"model":"asked","messages":[]}');
    const head = dialect.inspect(body, '/v1/messages');
    if (!head.ok) throw new Error(head.error.message);
    const { layout } = head.value;
    expect(dialect.adaptRequest(body, 'claude-real', FACTS, layout)).toEqual(dialect.adaptRequest(body, 'claude-real', FACTS));
    const other = Buffer.from('{"model":"asked","messages":[{"role":"user","content":"x"}]}');
    expect(dialect.adaptRequest(other, 'claude-real', FACTS, layout)).toEqual(dialect.adaptRequest(other, 'claude-real', FACTS));
  });

  test('the right model and nothing foreign: the very same bytes', () => {
    const body = Buffer.from('{ "model" : "claude-real", "messages":[] }');
    const adapted = dialect.adaptRequest(body, 'claude-real', FACTS);
    expect(adapted).toEqual({ body, edits: [] });
    expect(adapted.body).toBe(body);
  });

  const foreign = wrap({ dialect: 'openai-chat', vendor: 'openai' }, { signature: 's' });
  const own = wrap({ dialect: 'anthropic-messages', vendor: 'anthropic' }, { signature: 'sig"nature' });
  const ownData = wrap({ dialect: 'anthropic-messages', vendor: 'anthropic' }, { redacted: 'data' });
  const request = (content: string, rest = '') =>
    `{"model":"claude-real","messages":[ {"role":"user","content":"é"} , ${content}, {"role":"user","content":[]}]${rest}}`;

  test('foreign reasoning is cut out, own is restored, every other byte stays', () => {
    const text = `{"type":"text", "text" : "see ${foreign}"}`;
    const thinking = (signature: string) => `{"type":"thinking","thinking":"t" ,"signature":${JSON.stringify(signature)}}`;
    const adapted = adapt(
      request(
        `{"role":"assistant","content":[ ${thinking(foreign)} , ${thinking(own)},{"type":"redacted_thinking","data":"${ownData}"}, {"data":"${foreign}","type":"redacted_thinking"},  ${text} ]}`,
      ),
    );
    expect(adapted.text).toBe(
      request(`{"role":"assistant","content":[ ${thinking('sig"nature')},{"type":"redacted_thinking","data":"data"},  ${text} ]}`),
    );
    expect(adapted.what.toSorted()).toEqual([0, 1, 2, 3].map((place) => `messages[1].content[${place}]`));
  });

  test('to another vendor of the dialect Anthropic’s own is foreign', () => {
    const content = (blocks: string) => request(`{"role":"assistant","content":[${blocks}{"type":"text","text":"x"}]}`);
    expect(adapt(content(`{"type":"thinking","thinking":"t","signature":"${own}"},`), { ...FACTS, vendor: 'other' }).text).toBe(
      content(''),
    );
  });

  test('beside other vendors, what comes back bare is Anthropic’s and goes to nobody else', () => {
    const assistant = {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 't', signature: 'bare' },
        { type: 'text', text: 'x' },
      ],
    };
    const body = Buffer.from(JSON.stringify({ model: 'm', messages: [assistant] }));
    const sent = (facts: Partial<TargetFacts>): string => dialect.adaptRequest(body, 'm', { ...FACTS, ...facts }).body.toString();
    expect(sent({ vendor: 'wall', mixedVendors: true })).toBe(
      JSON.stringify({ model: 'm', messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x' }] }] }),
    );
    expect(sent({ vendor: 'anthropic', mixedVendors: true })).toBe(body.toString());
    expect(sent({ vendor: 'wall' })).toBe(body.toString());
  });

  test('a message that becomes empty goes', () => {
    const { text } = adapt(request(`{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"${foreign}"}]}`));
    expect(text).toBe('{"model":"claude-real","messages":[ {"role":"user","content":"é"}, {"role":"user","content":[]}]}');
  });

  test('a damaged envelope is cut out too: the vendor would refuse it', () => {
    const { text } = adapt(
      request(
        '{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"understudy.v1.xx"},{"type":"text","text":"x"}]}',
      ),
    );
    expect(text).toBe(request('{"role":"assistant","content":[{"type":"text","text":"x"}]}'));
  });

  const result = ',{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}';
  const call = (block: string) => `{"role":"assistant","content":[${block}{"type":"tool_use","id":"a","name":"f","input":{}}]}${result}`;
  const budget = '{"type":"enabled","budget_tokens":2000}';
  const turn = (messages: string, thinking = budget) =>
    `{"model":"claude-real","messages":[{"role":"user","content":"q"},${messages}],"thinking":${thinking}}`;

  test('with a budget for thinking, a tool turn that lost its thinking turns thinking off', () => {
    const { text, what } = adapt(turn(call(`{"type":"thinking","thinking":"t","signature":"${foreign}"},`)));
    expect(text).toBe(turn(call(''), '{"type":"disabled"}'));
    expect(what).toEqual(['messages[1].content[0]', 'thinking']);
  });

  test('so does a tool turn that somebody began who does not think aloud', () => {
    expect(adapt(turn(call(''))).text).toBe(turn(call(''), '{"type":"disabled"}'));
    expect(adapt(turn(`${call('')},${call('')}`)).what).toEqual(['thinking']);
  });

  test('a turn that began with thinking stays as it is, and one that is over, and one at another vendor', () => {
    const own = '{"type":"thinking","thinking":"t","signature":"s"},';
    const said = ',{"role":"assistant","content":"done"},{"role":"user","content":"and now?"}';
    for (const messages of [call(own), `${call(own)},${call('')}`, call('') + said]) expect(adapt(turn(messages)).what).toEqual([]);
    expect(adapt(turn(call('')), { ...FACTS, vendor: 'other' }).what).toEqual([]);
    expect(adapt(turn(call(''), '{"type":"adaptive"}')).what).toEqual([]);
  });
});
