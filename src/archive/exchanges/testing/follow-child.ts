import { writeSync } from 'node:fs';
import { openArchive } from '../../store/open.ts';
import { exchangeFollower } from '../follow.ts';

/** A process to be killed, or to run beside another: follows a record into an archive, and says each step. */
const [folder = ''] = process.argv.slice(2);
const opened = openArchive(folder);
if (!opened.ok) throw new Error(opened.error.reason);
// Small steps: there is more than one of them to be killed in, however fast the machine is.
const follower = exchangeFollower(opened.value, folder, 16);
for (let step = 0; follower.step(); step++) writeSync(1, `${step}\n`);
opened.value.close();
writeSync(1, 'done\n');
