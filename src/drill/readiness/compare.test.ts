import { describe, expect, it } from 'vitest';
import type { Part } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { systemClock } from '../../exchange/clock.ts';
import { codeChecker } from './code.ts';
import { compare } from './compare.ts';

const SCHEMA = { type: 'object', properties: { name: { type: 'string' }, depth: { type: 'integer' } }, required: ['name', 'depth'] };
const TOOL = {
  type: 'function' as const,
  name: 'look_up',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

function request(more: Partial<Request> = {}): Request {
  return {
    model: 'm',
    stream: true,
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Why?' }] }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    stop: [],
    ...more,
  };
}

function said(text: string, finish = 'stop'): { parts: Part[]; finish: string } {
  return { parts: [{ type: 'text', text }], finish };
}

function calls(name: string, json: string): { parts: Part[]; finish: string } {
  return { parts: [{ type: 'tool-call', id: 'c', name, arguments: json }], finish: 'tool-calls' };
}

const ENGLISH = 'The lighthouse is old and it is not for you to say that the keeper of this place is tired with the sea. '.repeat(4);
const GERMAN = 'Der Leuchtturm ist alt und das Meer ist nicht müde, auch wenn die Leute auf der Insel eine andere Meinung haben. '.repeat(
  4,
);

/** What is not good, as `what: said`. */
async function faults(asked: Request, kept: ReturnType<typeof said>, given: ReturnType<typeof said>): Promise<string[]> {
  const found = await compare(asked, kept, given, codeChecker(systemClock));
  return found.filter(({ state }) => state !== 'good').map(({ what, state, said: words }) => `${what} ${state}: ${words}`);
}

describe('an answer that is as good', () => {
  it.each([
    ['the same words', request(), said(ENGLISH), said(ENGLISH)],
    ['other words of the same language and about the length', request(), said(ENGLISH), said(ENGLISH.replaceAll('old', 'new').repeat(2))],
    ['the same tool', request({ tools: [TOOL] }), calls('look_up', '{"place":"a"}'), calls('look_up', '{"place":"b"}')],
    ['JSON within a fence', request({ output: { type: 'json' } }), said('{"a":1}'), said('```json\n{"a":2}\n```')],
    ['a refusal where the lead refused', request(), said("I'm sorry, but I can't help with that."), said('I cannot assist with that.')],
    ['a cut where the lead was cut', request(), said(ENGLISH, 'length'), said(ENGLISH, 'length')],
  ])('%s', async (_name, asked, kept, given) => {
    expect(await faults(asked, kept, given)).toEqual([]);
  });
});

describe('an answer that is not', () => {
  it.each([
    ['declines', request(), said(ENGLISH), said("I'm sorry, but I can't help with that."), 'refusal bad'],
    ['is filtered', request(), said(ENGLISH), said('', 'content-filter'), 'refusal bad'],
    ['is empty', request(), said(ENGLISH), said('  '), 'whole bad'],
    ['is cut off', request(), said(ENGLISH), said(ENGLISH, 'length'), 'whole bad'],
    ['is no JSON', request({ output: { type: 'json' } }), said('{"a":1}'), said('Sure: a is 1'), 'JSON bad'],
    [
      'does not fit its schema',
      request({ output: { type: 'json-schema', name: 's', schema: SCHEMA } }),
      said('{"name":"a","depth":1}'),
      said('{"name":"a","depth":"deep"}'),
      'JSON bad',
    ],
    ['has words for a call', request({ tools: [TOOL] }), calls('look_up', '{"place":"a"}'), said('I would look it up.'), 'tool call bad'],
    ['calls what was not offered', request({ tools: [TOOL] }), calls('look_up', '{"place":"a"}'), calls('search', '{}'), 'tool call bad'],
    ['leaves an argument out', request({ tools: [TOOL] }), calls('look_up', '{"place":"a"}'), calls('look_up', '{}'), 'tool call bad'],
    ['is in another language', request(), said(ENGLISH), said(GERMAN), 'language bad'],
    ['is far shorter', request(), said(ENGLISH), said('No.'), 'length bad'],
    ['is rather shorter', request(), said(ENGLISH), said('Yes, it is old and tired, and so is he.'), 'length look'],
    [
      'has code that does not parse',
      request(),
      said('```ts\nconst a: number = 1;\n```'),
      said('```ts\nconst a: number = ;\n```'),
      'code bad',
    ],
    ['has JSON in it that does not parse', request(), said('```json\n{"a":1}\n```'), said('```json\n{"a":}\n```'), 'code bad'],
  ])('%s', async (_name, asked, kept, given, expected) => {
    expect((await faults(asked, kept, given)).some((fault) => fault.startsWith(expected))).toBe(true);
  });

  it('tells nothing of either answer', async () => {
    const told = await faults(
      request({ output: { type: 'json-schema', name: 's', schema: SCHEMA } }),
      said('{"name":"secret","depth":1}'),
      said('{"name":3}'),
    );
    expect(told.join()).not.toMatch(/secret|name/);
  });
});

it('does not hold against a backup what the lead did not do either', async () => {
  const broken = '```js\nreturn 5 +\n```';
  expect(await faults(request(), said(broken), said(broken))).toEqual(['code look: js that does not parse']);
});

it('says what it could not read, and runs nothing', async () => {
  const text = '```rust\nfn main() {}\n```\n\n```js\nprocess.exit(9);\n```';
  expect(await faults(request(), said(text), said(text))).toEqual(['code unchecked: rust: not looked at, nothing here reads it']);
});
