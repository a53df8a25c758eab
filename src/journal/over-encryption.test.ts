import { vi } from 'vitest';
import { newDataKey } from './at-rest/data-key.ts';
import { filesOf } from './at-rest/files-of.ts';
import type * as Reader from './reader.ts';
import type * as Folder from './testing/folder.ts';

/** The journal's tests once more, each folder of them with a key: log, record and the record's worker as in an encrypted data folder. */
const { key } = vi.hoisted(() => ({ key: { bytes: new Uint8Array() as Uint8Array } }));
key.bytes = newDataKey();

vi.mock('./testing/folder.ts', async (original) => {
  const folder = await original<typeof Folder>();
  return {
    ...folder,
    logBytes: (path: string) => folder.logBytes(path, filesOf(key.bytes)),
    testFolder(): Folder.TestFolder {
      const plain = folder.testFolder();
      return {
        ...plain,
        open: (more) => plain.open({ key: key.bytes, ...more }),
        journal: (more) => plain.journal({ key: key.bytes, ...more }),
        [Symbol.dispose]: () => plain[Symbol.dispose](),
      };
    },
  };
});
vi.mock('./reader.ts', async (original) => {
  const { openReader } = await original<typeof Reader>();
  return { openReader: (folder: string, decoders: Parameters<typeof openReader>[1]) => openReader(folder, decoders, key.bytes) };
});

await import('./disk-journal.test.ts');
await import('./saver.test.ts');
await import('./deferred.test.ts');
await import('./answer-id.test.ts');
