import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestTarget } from './target.ts';

test.each([
  ['/v1/models', { path: '/v1/models', url: '/v1/models' }],
  ['//v1//models/', { path: '/v1/models', url: '/v1/models' }],
  ['/openai/v1/chat/completions', { path: '/v1/chat/completions' }],
  ['/', { path: '/', url: '/' }],
  ['/v1/messages?beta=true', { path: '/v1/messages', url: '/v1/messages?beta=true' }],
  ['/v1beta/m:gen?key=a%2Bb&alt=sse#x', { path: '/v1beta/m:gen', url: '/v1beta/m:gen?alt=sse', key: 'a+b' }],
  ['/v1beta/m:gen?alt=sse&%6Bey=secret', { url: '/v1beta/m:gen?alt=sse', key: 'secret' }],
  ['/v1beta/m:gen?key=', { url: '/v1beta/m:gen', key: '' }],
  ['http://host:1/a?key=k', { authority: 'host:1', path: '/a', url: '/a', key: 'k' }],
  ['http://host', { authority: 'host', path: '/' }],
  ['/v1beta/m:gen?access_token=s&alt=sse&oauth_token=s&%24key=s', { url: '/v1beta/m:gen?alt=sse', key: undefined }],
  ['/a?b=c?d', { url: '/a?b=c?d' }],
])('%s', (raw, expected) => {
  expect(requestTarget(raw)).toMatchObject(expected);
});

test('a key in the query is nowhere else afterwards, however it is written', () => {
  const name = fc.constantFrom('key', '%6bey', 'k%65y', '%6B%65%79');
  const other = fc.constantFrom('alt=sse', 'pageSize=2', '$key=1', 'keys=2', 'x', '');
  fc.assert(
    fc.property(fc.array(other), name, fc.array(other), (before, key, after) => {
      const target = requestTarget(`/v1beta/models?${[...before, `${key}=s3cret`, ...after].join('&')}`);
      expect(target.url).not.toContain('s3cret');
      expect(target.key).toBe('s3cret');
    }),
  );
});
