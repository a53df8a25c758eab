import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../journal/reader.ts';
import { catchUp } from '../catch-up.ts';
import { DECODERS } from '../exchanges/follow.ts';
import { attempt, chat, exchange, journalIn } from '../exchanges/testing/record.ts';
import { openLedger } from '../protect/ledger.ts';
import { literalFinder } from '../redaction/finder.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { listConversations, messagesOf } from '../store/read.ts';
import { checkArchive } from './check.ts';
import { finishBeforeStart, unfinishedIn } from './finish.ts';
import { openRedaction } from './redact.ts';

const CANARY = 'zanzibar-canary-4711';
/** Conversations, and exchanges, that are to go. */
const COUNT = 12;
const CHILD = fileURLToPath(new URL('./testing/erase-child.ts', import.meta.url));
/** Places at which it is killed, in parts of the time that it takes. */
const PLACES = Array.from({ length: 4 }, (_, index) => (index + Math.random()) / 4);
let root: string;
let template: string;

function opened(folder: string): Archive {
  const found = openArchive(folder);
  if (!found.ok) throw new Error(found.error.reason);
  return found.value;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'understudy-erasing-'));
  template = join(root, 'template');
  const archive = opened(template);
  const journal = await journalIn(template);
  chat(journal, 'kept', 12);
  for (let turn = 0; turn < COUNT; turn++) {
    const content = `${turn} ${CANARY} ${'word '.repeat(300)}`;
    exchange(
      journal,
      {
        session: 'talk',
        body: {
          model: 'm',
          messages: [
            { role: 'user', content },
            { role: 'assistant', content },
            { role: 'user', content: 'on' },
          ],
        },
      },
      [attempt(), { type: 'end', outcome: { type: 'complete', finish: 'stop' } }],
    );
  }
  await journal.close();
  catchUp(archive, template);
  for (let count = 0; count < COUNT; count++) {
    const stored = keepOriginal(archive, Buffer.from(`${count} attachment: ${CANARY}`), { keptAt: 1 });
    putInto(archive).conversation(
      { source: 'codex', key: `bad ${count}`, title: `${CANARY} ${count}` },
      Array.from({ length: 10 }, (_, place) => ({
        key: String(place),
        role: 'user' as const,
        status: 'complete' as const,
        parts: [
          { type: 'text' as const, text: `${place} ${CANARY} ${'words '.repeat(50)}` },
          ...(place === 0 ? [{ type: 'file' as const, content: { type: 'stored' as const, ...stored } }] : []),
        ],
      })),
    );
    const path = `/home/a/bad ${count} of many letters.jsonl`;
    const copy = `transcripts/x${count}.jsonl`;
    const file = openLedger(archive).begin({ source: 'codex', store: '/home', path, generation: 1, copy, inode: '', keptAt: 1 });
    const text = `${JSON.stringify({ text: CANARY })}\n`;
    mkdirSync(dirname(join(archive.folder, copy)), { recursive: true });
    writeFileSync(join(archive.folder, copy), text);
    openLedger(archive).grown({ ...file }, { size: text.length, modified: 1, inode: '' });
    archive.database.prepare('UPDATE protected_files SET session = ?, read_size = size WHERE row = ?').run(`bad ${count}`, file.row);
  }
  putInto(archive).conversation({ source: 'codex', key: 'good', title: 'harmless' }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'harmless words' }] },
  ]);
  archive.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function withCanary(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(folder, name)).isFile() && readFileSync(join(folder, name)).includes(CANARY),
  );
}

/** Of those that hold it: how many messages have it, in the archive; and exchanges, in the record. */
function amounts(folder: string): { messages: number; exchanges: number } {
  const archive = opened(folder);
  let messages = 0;
  for (const { id } of listConversations(archive, { limit: 1000, everything: true }))
    for (const message of messagesOf(archive, id)) if (JSON.stringify(message).includes(CANARY)) messages += 1;
  archive.close();
  const reader = openReader(folder, DECODERS);
  if (!reader.ok) throw new Error(reader.error);
  const exchanges = reader.value.list({ limit: 1000 }).filter(({ id }) => reader.value.get(id)?.request?.includes(CANARY)).length;
  reader.value.close();
  return { messages, exchanges };
}

/** Runs it in a process of its own, and kills that after so many milliseconds. Returns how long the whole of it took; `undefined`: it was killed. */
async function erase(folder: string, words: readonly string[], killAfter?: number): Promise<number | undefined> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, folder, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  const ended = once(child, 'exit');
  if (killAfter !== undefined) {
    while (!out.includes('ready') && child.exitCode === null) await wait(2);
    await wait(killAfter);
    child.kill('SIGKILL');
  }
  await ended;
  const [, took] = /done ([\d.]+)/.exec(out) ?? [];
  return took === undefined ? undefined : Number(took);
}

function kindOf(name: 'delete' | 'redact'): string[] {
  if (name === 'redact') return ['redact', CANARY];
  const archive = opened(template);
  const ids = listConversations(archive, { limit: 1000 }).filter(({ title, session }) => title.includes(CANARY) || session === 'talk');
  archive.close();
  return ['delete', ...ids.map(({ id }) => id)];
}

describe.each(['delete', 'redact'] as const)('kill -9 during %s', (name) => {
  it('leaves it as it was, or all of it gone once the next start has finished, or says that it is not', async () => {
    const words = kindOf(name);
    const whole = amounts(template);
    expect(whole.exchanges).toBe(COUNT);
    cpSync(template, join(root, 'whole'), { recursive: true });
    const took = await erase(join(root, 'whole'), words);
    expect(withCanary(join(root, 'whole'))).toEqual([]);
    for (const place of PLACES) {
      const folder = join(root, `${name}-${place}`);
      cpSync(template, folder, { recursive: true });
      await erase(folder, words, place * took!);
      const wasBegun = unfinishedIn(folder).length > 0 || withCanary(folder).length === 0;
      const left = finishBeforeStart(folder, undefined, 6);
      expect(left.every(({ kind }) => kind === 'redact')).toBe(true);
      // Without the text nobody can finish it; with it, the same command does.
      if (left.length > 0) await finishRedaction(folder);
      expect({ wasBegun, ...(wasBegun ? { files: withCanary(folder) } : amounts(folder)) }).toEqual({
        wasBegun,
        ...(wasBegun ? { files: [] } : whole),
      });
      expect(unfinishedIn(folder)).toEqual([]);
      const archive = opened(folder);
      const findings = await checkArchive({ archive, dataFolder: folder, now: Date.now() });
      expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
      expect(listConversations(archive, { limit: 1000, source: 'codex', title: 'harmless' })).toHaveLength(1);
      archive.close();
      rmSync(folder, { recursive: true });
    }
    rmSync(join(root, 'whole'), { recursive: true });
  }, 60_000);
});

async function finishRedaction(folder: string): Promise<void> {
  const archive = opened(folder);
  const redaction = await openRedaction(archive, folder, { finder: literalFinder(CANARY), asked: CANARY, once: false, now: 7 });
  if (!redaction.ok) throw new Error(redaction.error.by);
  expect(redaction.value.wasCutOff).toBe(true);
  redaction.value.run();
  redaction.value.close();
  archive.close();
}
