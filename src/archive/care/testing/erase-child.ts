import { literalFinder } from '../../redaction/finder.ts';
import { openArchive } from '../../store/open.ts';
import { openDeletion } from '../delete.ts';
import { openRedaction } from '../redact.ts';

/** Deletes conversations (their ids), or takes a text out of everything. Says `ready` before it begins, and how long it took. */
const [dataFolder = '', kind, ...words] = process.argv.slice(2);
const opened = openArchive(dataFolder);
if (!opened.ok) throw new Error(opened.error.reason);
const archive = opened.value;
const text = words.join();
const erasing =
  kind === 'delete'
    ? openDeletion(archive, dataFolder, () => words, 5)
    : await openRedaction(archive, dataFolder, { finder: literalFinder(text), asked: text, once: false, now: 5 });
if (!erasing.ok) throw new Error(erasing.error.by);
process.stdout.write('ready\n');
const began = performance.now();
erasing.value.run();
process.stdout.write(`done ${performance.now() - began}\n`);
