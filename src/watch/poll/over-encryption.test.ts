import { vi } from 'vitest';

/** The tests of what is kept of pages once more, with an encrypted database. */
vi.mock('node:sqlite', () => import('../../journal/testing/encrypted-sqlite.ts'));

await import('./store.test.ts');
