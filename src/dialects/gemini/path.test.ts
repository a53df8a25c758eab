import { expect, test } from 'vitest';
import { gemini } from './dialect.ts';
import { readPath } from './path.ts';

test.each<[string, ReturnType<typeof readPath>]>([
  [
    '/v1beta/models/gemini-3.1-pro:streamGenerateContent?alt=sse&key=x',
    { version: 'v1beta', model: 'gemini-3.1-pro', method: 'streamGenerateContent', sse: true },
  ],
  [
    '/v1/models/gemini-3.1-pro:streamGenerateContent',
    { version: 'v1', model: 'gemini-3.1-pro', method: 'streamGenerateContent', sse: false },
  ],
  ['/v1/models/my%20route:generateContent', { version: 'v1', model: 'my route', method: 'generateContent', sse: false }],
  ['/v1beta/models/qwen/qwen3:8b:countTokens', { version: 'v1beta', model: 'qwen/qwen3:8b', method: 'countTokens', sse: false }],
  ['/v1beta/tunedModels/mine:generateContent', { version: 'v1beta', model: 'tunedModels/mine', method: 'generateContent', sse: false }],
  [
    '/v1beta1/publishers/google/models/gemini-3.6-flash:generateContent',
    { version: 'v1beta1', model: 'gemini-3.6-flash', method: 'generateContent', sse: false },
  ],
  [
    '/v1/projects/p/locations/global/publishers/google/models/gemini-3.6-flash:streamGenerateContent?$alt=json',
    { version: 'v1', model: 'gemini-3.6-flash', method: 'streamGenerateContent', sse: false },
  ],
  ['/v1beta/models', undefined],
  ['/v1beta/models/gemini-3.1-pro', undefined],
  ['/v1beta/models/gemini-3.1-pro:embedContent', undefined],
  ['/v1beta/models/%E0%A4%A:generateContent', undefined],
  ['/v1/messages', undefined],
])('%s (case 43)', (path, wanted) => {
  expect(readPath(path)).toEqual(wanted);
});

test('a native client keeps its version, everybody else gets v1beta; streams are always SSE', () => {
  expect(gemini.endpoint('m', true, '/v1/models/x:streamGenerateContent')).toBe('/v1/models/m:streamGenerateContent?alt=sse');
  expect(gemini.endpoint('m', false, '/v1alpha/models/x:generateContent')).toBe('/v1alpha/models/m:generateContent');
  expect(gemini.endpoint('m', false, '/v1/chat/completions')).toBe('/v1beta/models/m:generateContent');
  expect(gemini.endpoint('m', true)).toBe('/v1beta/models/m:streamGenerateContent?alt=sse');
  expect(gemini.endpoint('tunedModels/mine', false)).toBe('/v1beta/tunedModels/mine:generateContent');
  expect(gemini.endpoint('models/a b', false)).toBe('/v1beta/models/a%20b:generateContent');
  expect(gemini.counting?.endpoint('m', '/v1/models/x:countTokens')).toBe('/v1/models/m:countTokens');
});

test('a stream without alt=sse is one JSON array', () => {
  const body = Buffer.from('{"contents":[]}');
  expect(gemini.inspect(body, '/v1/models/m:streamGenerateContent')).toMatchObject({
    ok: true,
    value: { stream: true, framing: 'json-array' },
  });
  const sse = gemini.inspect(body, '/v1/models/m:streamGenerateContent?alt=sse');
  expect(sse.ok && sse.value.framing).toBeUndefined();
  const whole = gemini.inspect(body, '/v1/models/m:generateContent');
  expect(whole.ok && [whole.value.stream, whole.value.framing]).toEqual([false, undefined]);
});

test('counting takes contents alone, or a whole request (case 41)', () => {
  const { request, read, estimate } = gemini.counting!;
  const contents = [{ parts: [{ text: 'q' }] }];
  expect(request({ contents })).toEqual({ contents });
  expect(request({ generate_content_request: { model: 'models/m', contents } })).toEqual({ model: 'models/m', contents });
  expect(read({ totalTokens: 31, promptTokensDetails: [] })).toBe(31);
  expect(read({ error: {} })).toBeUndefined();
  expect(estimate(5)).toEqual({ totalTokens: 5, understudy_estimate: true });
});

test('a model name cannot lead to another path', () => {
  expect(gemini.endpoint('a/../../../v1/secret', false)).toBe('/v1beta/models/a/%2E%2E/%2E%2E/%2E%2E/v1/secret:generateContent');
});
