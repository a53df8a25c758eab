import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { lockFolder } from '../../journal/lock.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { checkArchive } from '../care/check.ts';
import { openDeletion } from '../care/delete.ts';
import { catchUp } from '../catch-up.ts';
import { chat, journalIn } from '../exchanges/testing/record.ts';
import { openLedger } from '../protect/ledger.ts';
import { searchIndexer } from '../search/indexer.ts';
import { searchingIn } from '../search/search.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal, originalPath } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { announcing, waitNoLonger, type Announced } from './announced.ts';
import { exchangesToForget } from './exchanges.ts';
import { keepConversation, unkeepConversation } from './kept.ts';
import { retentionKeeper, type RetentionNews } from './keeper.ts';
import { outlookOf, type RuleOutlook } from './outlook.ts';
import { toItsEnd } from './pieces.ts';
import { removals } from './removals.ts';
import { retentionRules } from './rule.ts';
import { retentionSettings } from './settings.ts';

const DAY = 24 * 60 * 60_000;
const START = Date.UTC(2026, 10, 22);
let root: string;
let archive: Archive;
let now: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-retention-'));
  archive = opened();
  now = START;
});
afterEach(() => {
  archive.close();
  rmSync(root, { recursive: true, force: true });
});

function opened(): Archive {
  const found = openArchive(join(root, 'data'));
  if (!found.ok) throw new Error(found.error.reason);
  return found.value;
}

function exchangesIn(data: string): number {
  const record = openRecordToRead(join(data, 'record.db'));
  if (!record.ok) throw new Error(record.error.reason);
  const count = Number(record.value.prepare('SELECT count(*) AS count FROM exchanges').get()?.['count']);
  record.value.close();
  return count;
}

const message = (text: string, more: Partial<ArchivedMessage> = {}): ArchivedMessage => ({
  key: '1',
  role: 'user',
  status: 'complete',
  parts: [{ type: 'text', text }],
  ...more,
});

/** `age`: days since it was last changed. */
function put(key: string, age: number, more: Partial<ConversationHead> = {}, text = `words of ${key}`): string {
  return putInto(archive).conversation({ source: 'codex', key, title: key, updatedAt: START - age * DAY, ...more }, [message(text)]).id;
}

const rulesOf = (...rules: unknown[]) => retentionRules(retentionSettings.parse(rules), '/home/ada');

function outlook(...rules: unknown[]): RuleOutlook[] {
  return toItsEnd(outlookOf(archive, rulesOf(...rules), now));
}

const reached = (...rules: unknown[]): string[] => outlook(...rules).flatMap((each) => each.reached.map(({ family }) => family.id));

function titles(): string[] {
  return archive.database
    .prepare('SELECT title FROM conversations ORDER BY title')
    .all()
    .map(({ title }) => String(title));
}

function keeper(...rules: unknown[]): { run(): void; news: RetentionNews[] } {
  const news: RetentionNews[] = [];
  const chore = retentionKeeper(
    archive,
    rulesOf(...rules),
    () => now,
    (each) => news.push(each),
  );
  return {
    news,
    run: () => {
      while (chore.step());
    },
  };
}

describe('which conversations a rule reaches', () => {
  it('goes by source, folder, status and age, all of them', () => {
    const old = put('old', 100);
    put('young', 10);
    const chat = put('chat', 100, { source: 'chatgpt' });
    const below = put('below', 100, { project: '/home/ada/scratch/x' });
    put('beside', 100, { project: '/home/ada/scratchy' });
    expect(reached({ olderThan: '90d', source: 'chatgpt' })).toEqual([chat]);
    expect(reached({ olderThan: '90d', project: '~/scratch' })).toEqual([below]);
    expect(reached({ olderThan: '90d', status: 'interrupted' })).toEqual([]);
    expect(reached({ olderThan: '90d', source: 'codex' })).toHaveLength(3);
    expect(reached({ olderThan: '2y' })).toEqual([]);
    expect(reached({ olderThan: '90d' })).toContain(old);
  });

  it('names those of the next seven days, and when', () => {
    const soon = put('soon', 85);
    put('later', 80);
    expect(outlook({ olderThan: '90d' })[0]?.reached).toMatchObject([{ family: { id: soon }, at: START + 5 * DAY }]);
  });

  it('takes a session as one: its newest change counts, whoever tells it, and its listed conversation says what it is', () => {
    put('parent', 5);
    put('child', 100, { startedBy: { key: 'parent' } });
    put('journal', 100, { source: 'understudy', session: 's' });
    put('transcript', 5, { source: 'claude-code', session: 's' });
    expect(reached({ olderThan: '90d' })).toEqual([]);
    now += 200 * DAY;
    expect(reached({ olderThan: '90d', source: 'understudy' })).toEqual([]);
    expect(outlook({ olderThan: '90d' })[0]!.reached.map(({ family }) => family.ids.length)).toEqual([2, 2]);
  });

  it('leaves what does not say how old it is, and what was changed today', () => {
    putInto(archive).conversation({ source: 'codex', key: 'undated' }, [message('x')]);
    put('today', 0.5, {}, 'x'.repeat(5000));
    expect(reached({ olderThan: '1d' }, { max: '1MB', olderThan: '1d' })).toEqual([]);
  });

  it('of more than fits takes the oldest first, counts an attachment once, and what is kept too', () => {
    const noise = (bytes: number): string =>
      Array.from({ length: bytes / 2 }, () =>
        Math.floor(Math.random() * 256)
          .toString(16)
          .padStart(2, '0'),
      ).join('');
    const shared = keepOriginal(archive, Buffer.from(noise(600_000)), { keptAt: 1 });
    const ids = [40, 30, 20, 10].map((age) => put(`c${age}`, age, {}, noise(800_000)));
    for (const key of ['c40', 'c30'])
      putInto(archive).conversation({ source: 'codex', key }, [
        message('', { key: '2', parts: [{ type: 'file', content: { type: 'stored', ...shared } }] }),
      ]);
    expect(reached({ max: '4MB' })).toEqual([]);
    const [bytes] = outlook({ max: '4MB' }).map((each) => each.bytes);
    expect(bytes).toBeGreaterThan(2_200_000);
    expect(bytes).toBeLessThan(2_700_000);
    const max = `${((bytes! - 500_000) / 1e6).toFixed(3)}MB`;
    expect(reached({ max })).toEqual([ids[0], ids[1]]);
    keepConversation(archive, ids[0]!, now);
    expect(reached({ max })).toEqual([ids[1]]);
    expect(reached({ max, source: 'chatgpt' })).toEqual([]);
  });
});

describe('a rule that is followed', () => {
  it('removes nothing that was not announced for seven days, and says so until then', () => {
    put('old', 100);
    put('young', 1);
    const { run, news } = keeper({ olderThan: '90d' });
    run();
    expect(news.at(-1)?.notices).toEqual([
      expect.stringMatching(/^1 conversation will be removed from 2026-11-29 on, by the rule "older than 90d"/),
    ]);
    now += 6.9 * DAY;
    run();
    expect(titles()).toEqual(['old', 'young']);
    now += 0.2 * DAY;
    run();
    expect(titles()).toEqual(['young']);
    expect(news.map(({ happened }) => happened)).toContain(
      'Retention has removed 1 conversation by the rule "older than 90d": understudy archive retention --removed.',
    );
    expect(news.at(-1)?.notices).toEqual([]);
    expect(removals(archive, 9)).toMatchObject([{ rule: 'older than 90d', source: 'codex', messages: 1, changedAt: START - 100 * DAY }]);
  });

  it('waits anew when it is changed, or taken out and put back, and after a restart goes on', () => {
    put('old', 100);
    keeper({ olderThan: '90d' }).run();
    now += 5 * DAY;
    keeper({ olderThan: '91d' }).run();
    now += 3 * DAY;
    keeper({ olderThan: '91d' }).run();
    expect(titles()).toEqual(['old']);
    keeper().run();
    keeper({ olderThan: '91d' }).run();
    now += 6 * DAY;
    keeper({ olderThan: '91d' }).run();
    expect(titles()).toEqual(['old']);
    archive.close();
    archive = opened();
    now += 2 * DAY;
    keeper({ olderThan: '91d' }).run();
    expect(titles()).toEqual([]);
  });

  it('is not taken in by a clock that is years ahead for a day', () => {
    put('recent', 30);
    const { run } = keeper({ olderThan: '1y' });
    run();
    now += 3000 * DAY;
    run();
    now += DAY;
    run();
    now -= 3001 * DAY;
    run();
    now += 8 * DAY;
    run();
    expect(titles()).toEqual(['recent']);
  });

  it('leaves what is kept, also where that is said at the last moment, and what goes on', () => {
    const kept = put('kept', 100);
    put('goes on', 100);
    const { run } = keeper({ olderThan: '90d' });
    run();
    keepConversation(archive, kept, now);
    now += 6 * DAY;
    putInto(archive).conversation({ source: 'codex', key: 'goes on', updatedAt: now }, [message('more', { key: '2' })]);
    now += 2 * DAY;
    run();
    expect(titles()).toEqual(['goes on', 'kept']);
    unkeepConversation(archive, kept);
    now += DAY / 12;
    run();
    now += 8 * DAY;
    run();
    expect(titles()).toEqual(['goes on']);
  });

  it('does not wait where somebody wants it gone now', () => {
    put('old', 100);
    put('soon', 85);
    const { run } = keeper({ olderThan: '90d' });
    run();
    const announced: Announced[] = toItsEnd(announcing(archive, outlook({ olderThan: '90d' }), now));
    waitNoLonger(
      archive,
      announced.filter(({ family }) => family.changedAt! <= now - 90 * DAY),
    );
    run();
    expect(titles()).toEqual(['soon']);
  });

  it('removes attachments, copies and words, for good unless it is asked for again', async () => {
    const stored = keepOriginal(archive, Buffer.from('bytes'), { keptAt: 1 });
    const head = { source: 'codex', key: 'a-session-of-many-letters', title: 'zanzibar', updatedAt: START - 100 * DAY } as const;
    const said = [message('zanzibar'), message('', { key: '2', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] })];
    putInto(archive).conversation(head, said);
    const ledger = openLedger(archive);
    const path = '/home/a/a-session-of-many-letters.jsonl';
    const copy = 'transcripts/x.jsonl';
    ledger.grown(ledger.begin({ source: 'codex', store: '/home', path, generation: 1, copy, inode: '', keptAt: 1 }), {
      size: 5,
      modified: 1,
      inode: '',
    });
    mkdirSync(dirname(join(archive.folder, copy)), { recursive: true });
    writeFileSync(join(archive.folder, copy), 'words');
    const { run } = keeper({ olderThan: '90d' });
    run();
    now += 8 * DAY;
    run();
    const indexer = searchIndexer(archive);
    while (indexer.step());
    expect([existsSync(originalPath(archive, stored.sha256)), existsSync(join(archive.folder, copy))]).toEqual([false, false]);
    expect(searchingIn(archive, systemClock).search({ text: 'zanzibar', limit: 5, patience: 60_000 }).conversations).toEqual([]);
    expect(ledger.newestOf(path)?.forgotten).toBe(true);
    expect(putInto(archive).conversation(head, said)).toMatchObject({ conversation: 'same' });
    expect(
      (await checkArchive({ archive, dataFolder: join(root, 'data'), now: Date.now() })).filter(({ state }) => state === 'bad'),
    ).toEqual([]);
    // Brought back on purpose it is announced anew before it goes.
    keepOriginal(archive, Buffer.from('bytes'), { keptAt: 1 });
    expect(putInto(archive, { again: true }).conversation(head, said)).toMatchObject({ conversation: 'added' });
    now += DAY;
    run();
    expect(titles()).toEqual(['zanzibar']);
  });

  it('is not undone by what the record has, and that leaves the record when somebody has it to himself', async () => {
    const data = join(root, 'data');
    const journal = await journalIn(data);
    chat(journal, 'zanzibar', 2);
    await journal.close();
    catchUp(archive, data);
    now = Date.now();
    const { run } = keeper({ olderThan: '90d' });
    now += 100 * DAY;
    run();
    now += 8 * DAY;
    run();
    catchUp(archive, data);
    expect(titles()).toEqual([]);
    expect(exchangesIn(data)).toBe(2);
    const deletion = openDeletion(archive, data, () => [], now);
    if (!deletion.ok) throw new Error('held');
    deletion.value.run();
    deletion.value.close();
    expect(exchangesIn(data)).toBe(0);
    expect(exchangesToForget(archive)).toEqual([]);
  });

  it('waits while transcripts are being copied', () => {
    put('old', 100);
    const { run } = keeper({ olderThan: '90d' });
    run();
    now += 8 * DAY;
    const transcripts = join(archive.folder, 'transcripts');
    mkdirSync(transcripts);
    const lock = lockFolder(transcripts, { pid: process.pid, started: 0 });
    if (!lock.ok) throw new Error('held');
    run();
    expect(titles()).toEqual(['old']);
    lock.value.release();
    run();
    expect(titles()).toEqual([]);
  });

  it('goes on after a file that can’t be removed, and says so', () => {
    put('first', 100);
    const stored = keepOriginal(archive, Buffer.from('bytes'), { keptAt: 1 });
    putInto(archive).conversation({ source: 'codex', key: 'first' }, [
      message('', { key: '2', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] }),
    ]);
    const path = originalPath(archive, stored.sha256);
    rmSync(path);
    mkdirSync(join(path, 'in the way'), { recursive: true });
    const { run, news } = keeper({ olderThan: '90d' });
    run();
    now += 8 * DAY;
    run();
    expect(news.at(-1)?.happened).toContain('could not remove');
    expect(titles()).toEqual(['first']);
    rmSync(path, { recursive: true });
    now += DAY;
    run();
    expect(titles()).toEqual([]);
  });
});

it('takes no rule that says nothing', () => {
  for (const rule of [{}, { source: 'chatgpt' }, { olderThan: '90' }, { olderThan: '0d' }, { max: '20' }, { olderThan: '9d', sauce: 'x' }])
    expect(retentionSettings.safeParse([rule]).success).toBe(false);
});
