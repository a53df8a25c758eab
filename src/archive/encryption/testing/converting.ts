/** Encrypts a data folder, or decrypts it. `node converting.ts DATA_FOLDER on|off KEY` (hexadecimal) */
import { newHeader } from '../../../journal/at-rest/header.ts';
import { lockFolder } from '../../../journal/lock.ts';
import { convert } from '../convert.ts';

const [dataFolder = '', way, hexadecimal = ''] = process.argv.slice(2);
const key = Buffer.from(hexadecimal, 'hex');
if (!lockFolder(dataFolder, { pid: process.pid, started: 0 }).ok) throw new Error('held');
process.stdout.write('begun\n');
await convert({
  dataFolder,
  from: way === 'off' ? key : undefined,
  to: way === 'on' ? { key, header: newHeader(0) } : undefined,
  progress: () => undefined,
  linger: 0,
});
