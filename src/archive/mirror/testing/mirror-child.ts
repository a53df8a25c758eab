/** Brings a mirror up to date: `node mirror-child.ts DATA_FOLDER MIRROR_FOLDER`. Writes a dot for each conversation. */
import { writeSync } from 'node:fs';
import { openArchiveToRead } from '../../store/open.ts';
import { openMirror } from '../mirror.ts';

const [data = '', folder = ''] = process.argv.slice(2);
const opened = openArchiveToRead(data);
if (!opened.ok) throw new Error(opened.error.reason);
const mirror = openMirror(opened.value, folder);
while (mirror.follow(1).more) writeSync(1, '.');
