import { vi } from 'vitest';

/** The tests of notes once more, with an encrypted database. */
vi.mock('node:sqlite', () => import('../../journal/testing/encrypted-sqlite.ts'));

await import('./notes.test.ts');
