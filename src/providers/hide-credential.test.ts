import { expect, test } from 'vitest';
import type { Headers } from '../dialects/dialect.ts';
import { hideCredential } from './hide-credential.ts';

const KEY = 'sk-quoted-0123456789';
const REQUEST = {
  headers: [['authorization', `Bearer ${KEY}`] as [string, string], ['content-type', 'application/json'] as [string, string]],
};

function answered(
  status: number,
  headers: Headers,
  pieces: Buffer[],
  request = REQUEST,
): { headers: Headers; body: string; ended: boolean } {
  const got = { headers: {} as Headers, body: '', ended: false };
  const chunks: Buffer[] = [];
  const handler = hideCredential(request, {
    headers: (_status, given) => void (got.headers = given),
    data: (chunk) => void chunks.push(chunk),
    end: () => void (got.ended = true),
    error: () => undefined,
  });
  handler.headers(status, headers);
  for (const piece of pieces) handler.data(piece);
  handler.end();
  return { ...got, body: Buffer.concat(chunks).toString('utf8') };
}

test('a key that an error quotes is taken out, wherever the body is cut', () => {
  const body = Buffer.from(
    `{"error":{"message":"Grüße, no such key: ${KEY} (${Buffer.from(KEY).toString('base64')})."}}${'x'.repeat(300)}`,
  );
  const whole = answered(401, {}, [body]).body;
  expect(whole).not.toContain(KEY);
  expect(whole).toContain('Grüße, no such key: [secret]');
  expect(whole).not.toContain(Buffer.from(KEY).toString('base64').slice(0, 20));
  for (let at = 0; at <= body.length; at++) expect(answered(401, {}, [body.subarray(0, at), body.subarray(at)]).body).toBe(whole);
  expect(
    answered(
      401,
      {},
      Array.from(body, (byte) => Buffer.from([byte])),
    ).body,
  ).toBe(whole);
});

test('headers bear no key under any status', () => {
  for (const status of [200, 400]) {
    const { headers } = answered(status, { 'x-echo': `Bearer ${KEY}`, server: 'x' }, []);
    expect(headers).toEqual({ 'x-echo': 'Bearer [secret]', server: 'x' });
  }
});

test('an answer is passed on as it is, and so is everything where no key was shown', () => {
  const piece = Buffer.from(`your .env says ${KEY}`);
  expect(answered(200, {}, [piece])).toMatchObject({ body: piece.toString(), ended: true });
  expect(answered(400, {}, [piece], { headers: [['x-api-key', 'test']] }).body).toBe(piece.toString());
});
