import { expect, test } from 'vitest';
import { bedrockAnswer } from './bedrock-answer.ts';

/** Reads an error of so many bytes and tells what came out before its end, and in all. */
function errorOf(body: Buffer): { before: number; text: string } {
  const heard: Buffer[] = [];
  const ignore = (): void => undefined;
  const reader = bedrockAnswer({ headers: ignore, data: (chunk) => void heard.push(chunk), end: ignore, error: ignore }, ignore);
  reader.headers(500, { 'x-amzn-errortype': 'InternalServerException:http://internal' });
  for (let at = 0; at < body.length; at += 10_000) reader.data(body.subarray(at, at + 10_000));
  const before = heard.reduce((sum, { length }) => sum + length, 0);
  reader.end();
  return { before, text: Buffer.concat(heard).toString() };
}

test('an error is told in Anthropic’s words', () => {
  const { before, text } = errorOf(Buffer.from('{"message":"oops"}'));
  expect(before).toBe(0);
  expect(JSON.parse(text)).toEqual({ type: 'error', error: { type: 'api_error', message: 'InternalServerException: oops' } });
});

test('an error that does not end is not gathered in memory', () => {
  const body = Buffer.alloc(1_000_000, 'x');
  expect(errorOf(body)).toEqual({ before: body.length, text: body.toString() });
});
