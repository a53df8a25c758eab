import { vi } from 'vitest';

/** The tests of the store, the search and the record once more, each database of them and of their child processes encrypted. */
vi.mock('node:sqlite', () => import('../../journal/testing/encrypted-sqlite.ts'));
vi.stubEnv('NODE_OPTIONS', `--import ${new URL('../../journal/testing/encrypt-children.ts', import.meta.url).href}`);

await import('./store.test.ts');
await import('../search/search.test.ts');
await import('../search/indexing.test.ts');
await import('../exchanges/exchanges.test.ts');
await import('../care/check.test.ts');
