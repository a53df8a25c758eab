import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitRequest } from './split-request.ts';

const texts = (body: string): string[] => splitRequest(Buffer.from(body)).map((piece) => piece.toString());

test('a growing history shares its pieces', () => {
  const first = '{"model":"m", "messages": [ {"a":"[{,"} , {"b":"\\"]"} ] ,"stream":true}';
  expect(texts(first)).toEqual(['{"model":"m", "messages": [', ' {"a":"[{,"} ', ', {"b":"\\"]"} ', '] ,"stream":true}']);
  const second = first.replace('} ] ,', '} , {"c":[1,{}]} ] ,');
  expect(texts(second).filter((piece) => !texts(first).includes(piece))).toEqual([', {"c":[1,{}]} ']);
});

test('large members are pieces of their own', () => {
  const tools = JSON.stringify(Array.from({ length: 300 }, (_, index) => ({ name: `tool-${index}` })));
  const pieces = texts(`{"a":1,"tools":${tools},"messages":[1,2],"system":${tools}}`);
  expect(pieces).toEqual(['{"a":1,"tools":', tools, ',"messages":[', '1', ',2', '],"system":', tools, '}']);
});

test('whatever it is, its pieces are it', () => {
  const odd = [
    '',
    '[]',
    '"text"',
    '{',
    '{"messages":[',
    '{"messages":[1,2',
    '{"messages":"no","messages":[{"a":1}],"messages":[]}',
    '{"messages":[]}',
    '{"messages":[[1,2],[3]]}\n\n',
    '{"x":{"messages":[1,2]}}',
    '\ufeff{ "messages" : [ "\\\\" , "\\"" ] }',
    '{"unclosed',
    ']}{[',
  ];
  for (const body of odd) expect(Buffer.concat(splitRequest(Buffer.from(body))).toString()).toBe(body);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(Buffer.concat(splitRequest(Buffer.from(bytes))).equals(bytes)).toBe(true);
    }),
  );
  const soup = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"messages":[', '"tools":', '\\', ' ', 'x'.repeat(5000), '\xff'),
  );
  fc.assert(
    fc.property(soup, (parts) => {
      const body = Buffer.from(parts.join(''), 'latin1');
      expect(Buffer.concat(splitRequest(body)).equals(body)).toBe(true);
    }),
  );
});
