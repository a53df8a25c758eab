import { expect, it } from 'vitest';
import { readQuery } from './query.ts';

it('says which value was most likely meant, and which there are', () => {
  const said = (text: string): string =>
    readQuery(text, 0)
      .ignored.join()
      .replace(/there is: .*/, '…)');
  expect(said('apple source:cluade-code')).toBe('source:cluade-code (most likely source:claude-code; …)');
  expect(said('apple source:claudecod')).toBe('source:claudecod (most likely source:claude-code; …)');
  expect(said('apple from:assistent')).toBe('from:assistent (most likely from:assistant; …)');
  expect(said('apple source:gpt')).toBe('source:gpt (most likely source:chatgpt; …)');
  // Two begin so, and nothing is like it.
  expect(said('apple source:claud')).toBe('source:claud (…)');
  expect(said('apple has:xylophone')).toBe('has:xylophone (…)');
  expect(readQuery('is:open', 0).ignored).toEqual(['is:open (there is: interrupted, partial, deferred, branch)']);
});
