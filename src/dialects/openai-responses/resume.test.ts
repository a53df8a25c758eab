import { expect, it } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { decoder } from './decode-stream.ts';
import { resume } from './resume.ts';
import { COMPLETED, CONTENT, CREATED, DONE, eventsOf, MESSAGE, word } from './sample-stream.ts';

it('asks in the background, and leaves every other byte as it was', () => {
  const said = (body: string): string => resume.inBackground(Buffer.from(body)).toString();
  expect(said('{"model":"m",  "input":"é"}')).toBe('{"background":true,"model":"m",  "input":"é"}');
  expect(said('{"model":"m","background": false}')).toBe('{"model":"m","background": true}');
  expect(said('{}')).toBe('{"background":true}');
  expect(said('no JSON')).toBe('no JSON');
});

it('knows where the rest is, with the query that its service needs', () => {
  const place = { id: 'resp_1/2', after: 41 };
  expect(resume.restPath('/v1/responses', place)).toBe('/v1/responses/resp_1%2F2?stream=true&starting_after=41');
  expect(resume.restPath('/openai/v1/responses?api-version=preview', place)).toBe(
    '/openai/v1/responses/resp_1%2F2?api-version=preview&stream=true&starting_after=41',
  );
  expect(resume.cancelPath('/v1/responses?api-version=preview', place)).toBe('/v1/responses/resp_1%2F2/cancel?api-version=preview');
});

it('reads on behind the last whole event, and no event twice', () => {
  const told = [CREATED, MESSAGE, CONTENT, word('Hello'), word(' there'), DONE, COMPLETED].map((event, sequence_number) =>
    Buffer.from(`data: ${JSON.stringify({ ...event, sequence_number })}\n\n`),
  );
  const straight = events(decoder(), Buffer.concat(told));
  const reader = decoder();
  expect(reader.place!()).toBeUndefined();
  const before = events(reader, Buffer.concat([...told.slice(0, 4), told[4]!.subarray(0, 30)]));
  expect(reader.place!()).toEqual({ id: 'resp_1', after: 3 });
  // Should the service count from the event itself, padded anew, it is known again by its number.
  const again = Buffer.from(`data: ${JSON.stringify({ ...word('Hello'), obfuscation: 'x', sequence_number: 3 })}\n\n`);
  expect([...before, ...events(reader, Buffer.concat([again, ...told.slice(4)]))]).toEqual(straight);
  expect(reader.place!()).toBeUndefined();
});

function events(reader: ReturnType<typeof decoder>, bytes: Buffer): AnswerEvent[] {
  return eventsOf(reader.push(bytes));
}
