import { expect, test } from 'vitest';
import { openaiResponses } from '../../dialects/openai-responses/dialect.ts';
import type { Ask } from '../ports.ts';
import { inForeground } from './foreground.ts';

function asked(body: string): Ask {
  const head = openaiResponses.inspect(Buffer.from(body), '/v1/responses');
  if (!head.ok) throw new Error(head.error.message);
  return { dialect: openaiResponses, head: head.value, body: Buffer.from(body), path: '/v1/responses', headers: [], principal: 'local' };
}

test.each([
  ['{"model":"m","background":true,"input":"x"}', '{"model":"m","stream":true,"input":"x"}'],
  ['{"background" : true, "model":"m","input":"x", "stream":false }', '{"model":"m","input":"x", "stream":true }'],
  ['{"model":"m","input":"x","stream":true,"background":true}', '{"model":"m","input":"x","stream":true}'],
])('%s is asked as %s', (body, expected) => {
  const ask = inForeground({ ...asked(body), original: { body: Buffer.from(body), provider: 'p' } });
  expect(ask.body.toString()).toBe(expected);
  expect(ask.original?.body.toString()).toBe(expected);
  expect(ask.head).toMatchObject({ stream: true, background: true });
});
