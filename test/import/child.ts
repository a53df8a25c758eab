/** `node test/import/child.ts DATA PATH…`: an import in a process of its own, which may be killed. Prints the report and the most memory that it took (KiB). */
import { LIMITS } from '../../src/archive/import/limits.ts';
import { exportReaders } from '../../src/archive/import/readers.ts';
import { runImport } from '../../src/archive/import/run-import.ts';
import { openArchive } from '../../src/archive/store/open.ts';

const [data = '', ...paths] = process.argv.slice(2);
const opened = openArchive(data);
if (!opened.ok) throw new Error(opened.error.reason);
const report = await runImport(paths, { archive: opened.value, readers: exportReaders, limits: LIMITS, now: () => Date.now() });
opened.value.close();
console.log(JSON.stringify({ report, memory: process.resourceUsage().maxRSS }));
