/** Puts conversations with attachments into an archive until it is killed. `node endless-writer.ts FOLDER` */
import { openArchive } from '../../store/open.ts';
import { keepOriginal } from '../../store/originals.ts';
import { putInto } from '../../store/put.ts';

const opened = openArchive(process.argv[2] ?? '');
if (!opened.ok) throw new Error(opened.error.reason);
const archive = opened.value;
const put = putInto(archive);
for (let each = 0; ; each++) {
  const stored = keepOriginal(archive, Buffer.from(`bytes of ${each}`), { keptAt: each });
  put.conversation({ source: 'codex', key: `busy-${each}`, title: `Busy ${each}` }, [
    { key: 'm', role: 'user', status: 'complete', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] },
  ]);
  if (each === 20) process.stdout.write('begun\n');
}
