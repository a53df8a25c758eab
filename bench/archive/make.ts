/** Makes an archive in a folder and imports into it: `node bench/archive/make.ts FOLDER MESSAGES SEED`. A file FOLDER/stop ends it early. The last line is what it took, as JSON. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openArchive } from '../../src/archive/store/open.ts';
import { putInto } from '../../src/archive/store/put.ts';
import { seeded } from '../statistics.ts';
import { makeConversation } from './conversations.ts';
import { languages } from './words.ts';

export interface MakingReport {
  messages: number;
  conversations: number;
  /** UTF-8 bytes of text. */
  text: number;
  /** Bytes on disk, and of that by table (dbstat). */
  disk: number;
  tables: Record<string, number>;
  /** Seconds within the archive: of the clock, and of the processor. */
  seconds: number;
  cpu: number;
  /** The longest that one conversation took, milliseconds: others wait so long to write. */
  longest: number;
  /** MiB. */
  memory: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function make(folder: string, messages: number, seed: number): MakingReport {
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const random = seeded(seed);
  const spoken = languages(random);
  const put = putInto(archive);
  const report = { messages: 0, conversations: 0, text: 0, seconds: 0, cpu: 0, longest: 0 };
  while (report.messages < messages && !existsSync(join(folder, 'stop'))) {
    const made = makeConversation(report.conversations, messages - report.messages, spoken, random);
    const cpu = cpuSeconds();
    const start = performance.now();
    put.conversation(made.head, made.messages);
    const took = performance.now() - start;
    report.seconds += took / 1000;
    report.cpu += cpuSeconds() - cpu;
    report.longest = Math.max(report.longest, took);
    report.messages += made.messages.length;
    report.conversations += 1;
    report.text += made.bytes;
    if (report.conversations % 500 === 0) {
      process.stderr.write(`${report.messages} messages, ${(report.text / 1e6 / report.seconds).toFixed(1)} MB/s\n`);
    }
  }
  archive.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const tables: Record<string, number> = {};
  for (const row of archive.database.prepare('SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name').all()) {
    const name = kindOf(String(row['name']));
    tables[name] = (tables[name] ?? 0) + Number(row['size']);
  }
  archive.close();
  return { ...report, disk: statSync(join(folder, 'archive.db')).size, tables, memory: process.resourceUsage().maxRSS / 1024 };
}

function kindOf(table: string): string {
  if (/^search_\d+_/.test(table)) return 'words';
  if (/lexicon|inside/.test(table)) return 'lexicon';
  if (/search_/.test(table)) return 'search, other';
  return 'messages and conversations';
}

const [folder = '', messages = '10000', seed = '1'] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(make(folder, Number(messages), Number(seed)))}\n`);
