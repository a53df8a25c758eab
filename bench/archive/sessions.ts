/**
 * Measures many session files: `node bench/archive/sessions.ts [--files 10000] [--report FILE]`. Makes them as Claude Code writes them, then protects
 * them, protects them again, and imports the folder into an archive of its own and again. Each step is a process of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LIMITS } from '../../src/archive/import/limits.ts';
import { runImport } from '../../src/archive/import/run-import.ts';
import { protectionOf } from '../../src/archive/protect/pass.ts';
import { transcriptStores } from '../../src/archive/protect/stores.ts';
import { openArchive } from '../../src/archive/store/open.ts';
import { transcriptReaders } from '../../src/archive/transcripts/readers.ts';
import { seeded } from '../statistics.ts';
import { languages } from './words.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    report: { type: 'string' },
    step: { type: 'string' },
    home: { type: 'string' },
    data: { type: 'string' },
  },
});

/** Turns of a session. */
const TURNS = 6;
const PROJECTS = 200;

/** What a step took. */
interface Took {
  /** Seconds: of the clock, and of the processor. */
  seconds: number;
  processor: number;
  /** MiB, at most. */
  memory: number;
  said: string;
}

function make(home: string, count: number): number {
  const random = seeded(1);
  const { english } = languages(random);
  const words = (count: number): string => Array.from({ length: count }, () => english.word(random)).join(' ');
  let bytes = 0;
  for (let each = 0; each < count; each++) {
    const id = `${each.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    const folder = join(home, '.claude/projects', `-w-app-${each % PROJECTS}`);
    const lines: unknown[] = [];
    let parent: string | null = null;
    for (let turn = 0; turn < TURNS; turn++) {
      for (const role of ['user', 'assistant'] as const) {
        const uuid = `${id}-${turn}-${role}`;
        const text = words(role === 'user' ? 60 : 250);
        const message =
          role === 'user'
            ? { role, content: text }
            : {
                id: `msg_${uuid}`,
                role,
                model: 'claude-opus-5-5',
                content: [{ type: 'text', text }],
                usage: { input_tokens: 100, output_tokens: 50 },
              };
        const timestamp = new Date(Date.UTC(2026, 0, 1) + each * 600_000 + turn * 1000).toISOString();
        lines.push({ parentUuid: parent, isSidechain: false, type: role, uuid, timestamp, sessionId: id, cwd: '/w/app', message });
        parent = uuid;
      }
    }
    mkdirSync(folder, { recursive: true });
    const whole = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    bytes += Buffer.byteLength(whole);
    writeFileSync(join(folder, `${id}.jsonl`), whole);
  }
  return bytes;
}

async function step(name: string, home: string, data: string): Promise<Took> {
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const began = performance.now();
  const used = process.cpuUsage();
  let said = '';
  if (name === 'protect') {
    const stores = transcriptStores({ environment: {}, home, platform: 'linux' });
    const { files, new: fresh, conversations, troubles } = await protectionOf(archive).pass(stores, { now: Date.now });
    said = `${files} files looked at, ${fresh} new, ${conversations.added} conversations, ${troubles.length} troubles`;
  } else {
    const report = await runImport([join(home, '.claude')], { archive, readers: transcriptReaders, limits: LIMITS, now: Date.now });
    const [source] = report.sources;
    said = `${source?.files.read} files read, ${source?.files.readBefore} known, ${source?.conversations.added} conversations, ${report.counts.unreadable} unreadable`;
  }
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - began) / 1000;
  archive.close();
  return { seconds, processor: (user + system) / 1e6, memory: process.resourceUsage().maxRSS / 1024, said };
}

function run(name: string, home: string, data: string): Took {
  const words = [import.meta.filename, '--step', name, '--home', home, '--data', data];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as Took;
}

if (values.step !== undefined) {
  process.stdout.write(JSON.stringify(await step(values.step, values.home!, values.data!)));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-sessions-'));
  try {
    const home = join(folder, 'home');
    const bytes = make(home, Number(values.files));
    const load = loadavg()[0]!.toFixed(1);
    const rows = [
      ['protect, the first time', 'protect', 'protected'],
      ['protect, again', 'protect', 'protected'],
      ['import of the folder, the first time', 'import', 'imported'],
      ['import of the folder, again', 'import', 'imported'],
      ['import of what is protected', 'import', 'protected'],
    ].map(([title, name, data]) => {
      const { seconds, processor, memory, said } = run(name!, home, join(folder, data!));
      return `| ${title} | ${seconds.toFixed(1)} | ${processor.toFixed(1)} | ${memory.toFixed(0)} | ${said} |`;
    });
    const report = [
      `## ${values.files} session files, ${(bytes / 1e6).toFixed(0)} MB`,
      '',
      `Load average (one minute) at the beginning: ${load}; 2 cores, shared.`,
      '',
      '| step | seconds | of the processor | MiB at most | what it came to |',
      '|---|---:|---:|---:|---|',
      ...rows,
      '',
    ].join('\n');
    process.stdout.write(report);
    if (values.report !== undefined) writeFileSync(values.report, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
