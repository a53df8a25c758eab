import { expect, test } from 'vitest';
import { openaiResponses } from '../dialects/openai-responses/dialect.ts';
import { parsedOnce } from './dialect-endpoint.ts';

test('of a request an answer repeats everything but the input', () => {
  const body = Buffer.from('{"model":"m","metadata":{"größe":"ü"},"input":[{"role":"user","content":"ü \\"input\\": {"}],"user":"é"}');
  const head = openaiResponses.inspect(body, '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  const wanted = { model: 'm', metadata: { größe: 'ü' }, input: null, user: 'é' };
  expect(parsedOnce(body)()).toEqual(wanted);
  expect(parsedOnce(body, head.value)()).toEqual(wanted);
  // The layout of other bytes.
  const longer = Buffer.from(`{"store":false,${body.toString().slice(1)}`);
  expect(parsedOnce(longer, head.value)()).toEqual({ store: false, ...wanted });
  for (const text of [body.toString(), '{"model":"m","prompt":{"id":"p"}}']) {
    const bytes = Buffer.from(text);
    const parsed = openaiResponses.inspect(bytes, '/v1/responses', true);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const request = parsedOnce(bytes, parsed.value);
    parsed.value.parsed?.take();
    expect(request()).toEqual(parsedOnce(bytes)());
    expect(request()).toBe(request());
  }
  const request = parsedOnce(body);
  expect(request()).toBe(request());
  expect(parsedOnce(Buffer.from('[]'))()).toBeUndefined();
  expect(parsedOnce(Buffer.from('{"prompt":{"id":"p"}}'))()).toEqual({ prompt: { id: 'p' } });
});
