/** Makes one backup after another until it is killed. `node backing-up.ts DATA_FOLDER INTO` */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeBackup } from '../backup.ts';

const [dataFolder = '', into = ''] = process.argv.slice(2);
rmSync(join(into, 'old'), { recursive: true, force: true });
for (let now = Date.UTC(2026, 0, 1); ; now += 1000) {
  const { path } = await makeBackup({
    dataFolder,
    into,
    now,
    progress: (file) => file === 'archive.db' && process.stdout.write('begun\n'),
  });
  // A backup that is half removed would look like a damaged one.
  renameSync(path, join(into, 'old'));
  rmSync(join(into, 'old'), { recursive: true });
}
