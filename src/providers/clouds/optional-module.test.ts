import { expect, test } from 'vitest';
import { optionalModule } from './optional-module.ts';

test('a library that is not there: how to get it; one that is there: itself', async () => {
  const absent = 'understudy-no-such-library';
  expect(await optionalModule(absent, () => import(absent) as Promise<object>)).toEqual({
    ok: false,
    error: `the library ${absent} is not installed; run: npm i ${absent}`,
  });
  const broken = await optionalModule('broken', () => Promise.reject(new SyntaxError('half a file')));
  expect(broken).toEqual({ ok: false, error: 'the library broken does not load: SyntaxError: half a file' });
  expect(await optionalModule('aws4fetch', () => import('aws4fetch'))).toMatchObject({ ok: true });
});
