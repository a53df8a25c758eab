import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pieceNames } from './piece-names.ts';
import { splitRequest } from './split-request.ts';

/** Names as they are without any memory. */
function plainly(body: Buffer): { end: number; name: Buffer }[] {
  let end = 0;
  return splitRequest(body).map((piece) => ({ end: (end += piece.length), name: hash('sha256', piece, 'buffer') }));
}

const large = `{"role":"user","content":"${'x, \\"y\\" ] } '.repeat(500)}"}`;
const request = (messages: string[], rest = ''): Buffer =>
  Buffer.from(`{"model":"m","tools":${large},"messages":[${messages.join(',')}]${rest}}`);

test('whatever came before, the names are those of the pieces', () => {
  const message = fc.oneof(
    fc.constantFrom('1', '{"a":",]}"}', '[1,[2]]', large, '{"messages":[1,2]}', '"\\\\"', ''),
    fc.string({ maxLength: 4 }),
  );
  const bodies = fc.array(fc.tuple(fc.array(message, { maxLength: 4 }), fc.constantFrom('', ',"input":[1,2]', `,"system":${large}`, ']')), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(bodies, (list) => {
      const namesOf = pieceNames();
      for (const [messages, rest] of list) {
        const body = request(messages, rest);
        expect(namesOf(body)).toEqual(plainly(body));
        // Cut off anywhere, as no request is.
        const part = body.subarray(0, body.length - 3);
        expect(namesOf(part)).toEqual(plainly(part));
      }
    }),
  );
});

test('a history that grows, one that is taken back, and others between them', () => {
  const namesOf = pieceNames();
  const messages: string[] = [];
  for (let turn = 0; turn < 30; turn++) {
    messages.push(`{"role":"user","content":"turn ${turn}"}`, large);
    for (const body of [request(messages), request(messages.slice(0, turn)), request([`"${turn}"`, ...messages]), request(messages)]) {
      expect(namesOf(body)).toEqual(plainly(body));
    }
  }
});

test('what a client changes in the middle of its history is seen', () => {
  const namesOf = pieceNames();
  const body = request(['{"a":1}', '{"b":2}', '{"c":3}']);
  const before = namesOf(body);
  const changed = Buffer.from(body.toString().replace('"b":2', '"b":9'));
  const after = namesOf(changed);
  expect(after).toEqual(plainly(changed));
  expect(after.map(({ name }, index) => name.equals(before[index]!.name))).toContain(false);
});
