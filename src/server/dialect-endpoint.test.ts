import { expect, test } from 'vitest';
import { openaiResponses } from '../dialects/openai-responses/dialect.ts';
import { parsedOnce } from './dialect-endpoint.ts';

test('of a request an answer repeats everything but the input', () => {
  const body = Buffer.from('{"model":"m","metadata":{"größe":"ü"},"input":[{"role":"user","content":"ü \\"input\\": {"}],"user":"é"}');
  const head = openaiResponses.inspect(body, '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  const wanted = { model: 'm', metadata: { größe: 'ü' }, input: null, user: 'é' };
  expect(parsedOnce(body)()).toEqual(wanted);
  expect(parsedOnce(body, head.value.layout)()).toEqual(wanted);
  // The layout of other bytes.
  const longer = Buffer.from(`{"store":false,${body.toString().slice(1)}`);
  expect(parsedOnce(longer, head.value.layout)()).toEqual({ store: false, ...wanted });
  const request = parsedOnce(body);
  expect(request()).toBe(request());
  expect(parsedOnce(Buffer.from('[]'))()).toBeUndefined();
  expect(parsedOnce(Buffer.from('{"prompt":{"id":"p"}}'))()).toEqual({ prompt: { id: 'p' } });
});
