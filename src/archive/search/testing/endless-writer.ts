/** Puts conversations into an archive, changes them and deletes some, until it is killed. `node endless-writer.ts FOLDER ROUND` */
import type { ArchivedMessage } from '../../conversation.ts';
import { openArchive } from '../../store/open.ts';
import { putInto } from '../../store/put.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const opened = openArchive(folder);
if (!opened.ok) throw new Error(opened.error.reason);
const { database } = opened.value;
const put = putInto(opened.value);

function message(key: string, text: string): ArchivedMessage {
  return { key, role: 'user', status: 'complete', at: Date.now(), parts: [{ type: 'text', text }] };
}

for (let each = 0; ; each++) {
  const key = `${round}-${each}`;
  const many = Array.from({ length: 20 }, (_, place) => message(`m${place}`, `word${each} and word${place} of someLongName${each}`));
  put.conversation({ source: 'codex', key, title: `Title ${each}` }, many);
  put.conversation({ source: 'codex', key, project: `/work/p${each}` }, [message('m1', `changed ${each}`)]);
  if (each % 5 === 4) database.prepare('DELETE FROM conversations WHERE key = ?').run(`${round}-${each - 2}`);
  if (each === 0) process.stdout.write('begun\n');
}
