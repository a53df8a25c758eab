/** How well search finds what people are after, next to LIKE and to simonw/llm's scheme: `node bench/archive/quality.ts FIXTURES [--report FILE]`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../../src/archive/import/limits.ts';
import { exportReaders } from '../../src/archive/import/readers.ts';
import { transcriptReaders } from '../../src/archive/transcripts/readers.ts';
import { runImport } from '../../src/archive/import/run-import.ts';
import { searchableOf } from '../../src/archive/search/searchable.ts';
import { searchingIn } from '../../src/archive/search/search.ts';
import { openArchive } from '../../src/archive/store/open.ts';
import { messageOfRow } from '../../src/archive/store/read.ts';
import { systemClock } from '../../src/exchange/clock.ts';
import { LABELLED } from './labelled.ts';

/** Keys of conversations, the best first. */
type Way = (query: string) => string[];
const FIRST = 10;

/** Words are quoted and joined as llm's `fts5_escape` does; FTS5's default tokenizer and rank, over what was said and answered. */
function likeLlm(database: DatabaseSync): Way {
  database.exec('CREATE VIRTUAL TABLE temp.llm USING fts5(text, conversation UNINDEXED)');
  const insert = database.prepare('INSERT INTO temp.llm (text, conversation) VALUES (?, ?)');
  for (const { text, key } of textsIn(database)) insert.run(text, key);
  const find = database.prepare('SELECT conversation FROM temp.llm WHERE llm MATCH ? ORDER BY rank LIMIT 200');
  return (query) => {
    const match = query
      .split(/\s+/)
      .map((word) => `"${word.replaceAll('"', '""')}"`)
      .join(' ');
    return distinct(find.all(match).map(({ conversation }) => String(conversation)));
  };
}

/** The whole query anywhere in a message, the newest first. */
function like(database: DatabaseSync): Way {
  database.exec('CREATE TABLE temp.plain (text TEXT, conversation TEXT)');
  const insert = database.prepare('INSERT INTO temp.plain (text, conversation) VALUES (?, ?)');
  for (const { text, key } of textsIn(database)) insert.run(text, key);
  const find = database.prepare("SELECT conversation FROM temp.plain WHERE text LIKE ? ESCAPE '\\' ORDER BY rowid DESC LIMIT 200");
  return (query) => distinct(find.all(`%${query.replace(/[\\%_]/g, String.raw`\$&`)}%`).map(({ conversation }) => String(conversation)));
}

function textsIn(database: DatabaseSync): { text: string; key: string }[] {
  return database
    .prepare('SELECT m.*, c.key AS conversation_key FROM messages AS m JOIN conversations AS c ON c.row = m.conversation ORDER BY m.at')
    .all()
    .map((row) => ({
      key: String(row['conversation_key']),
      text: searchableOf(messageOfRow(row))
        .map(({ text }) => text)
        .join('\n'),
    }));
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}

interface Figures {
  recall: number;
  reciprocal: number;
  empty: number;
  missed: string[];
}

function judged(way: Way): Figures {
  const figures: Figures = { recall: 0, reciprocal: 0, empty: 0, missed: [] };
  for (const [query, ...wanted] of LABELLED) {
    const found = way(query).slice(0, FIRST);
    const isWanted = (key: string): boolean => wanted.some((end) => key.endsWith(end));
    const hit = wanted.filter((end) => found.some((key) => key.endsWith(end))).length;
    const place = found.findIndex(isWanted);
    figures.recall += hit / wanted.length / LABELLED.length;
    figures.reciprocal += (place < 0 ? 0 : 1 / (place + 1)) / LABELLED.length;
    if (found.length === 0) figures.empty += 1;
    if (hit < wanted.length) figures.missed.push(query);
  }
  return figures;
}

const [fixtures = '../shared/fixtures', , report] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'understudy-quality-'));
const opened = openArchive(folder);
if (!opened.ok) throw new Error(opened.error.reason);
const archive = opened.value;
try {
  await runImport([fixtures], { archive, readers: [...exportReaders, ...transcriptReaders], limits: LIMITS, now: () => Date.now() });
  const searching = searchingIn(archive, systemClock);
  const ours: Way = (text) =>
    searching.search({ text, limit: FIRST, patience: 10_000 }).conversations.map(({ conversation }) => conversation.key);
  const ways: [string, Way][] = [
    ['understudy search', ours],
    ["simonw/llm's scheme (FTS5, default tokenizer, rank)", likeLlm(archive.database)],
    ['LIKE, newest first', like(archive.database)],
  ];
  const { count } = archive.database.prepare('SELECT count(*) AS count FROM conversations').get()!;
  const lines = [
    `## Quality: ${LABELLED.length} labelled queries over the fixtures (${Number(count)} conversations)`,
    '',
    '| | recall@10 | MRR | found nothing | not all found |',
    '|---|---|---|---|---|',
    ...ways.map(([name, way]) => {
      const { recall, reciprocal, empty, missed } = judged(way);
      return `| ${name} | ${recall.toFixed(3)} | ${reciprocal.toFixed(3)} | ${empty} | ${missed.length === 0 ? '' : missed.join(', ')} |`;
    }),
    '',
  ];
  process.stdout.write(lines.join('\n'));
  if (report !== undefined) writeFileSync(report, lines.join('\n'));
} finally {
  archive.close();
  rmSync(folder, { recursive: true });
}
