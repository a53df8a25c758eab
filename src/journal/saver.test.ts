import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import type { Clock } from '../exchange/clock.ts';
import { exchangeId } from '../exchange/ids.ts';
import { nodeFiles } from './files.ts';
import type { Files } from './files.ts';
import { openReader } from './reader.ts';
import type { JournalReader } from './reader.ts';
import { journalSettings } from './settings.ts';
import { answerText } from './text.ts';
import { bytesEntry, lineDecoders, openingOf, textEntry, wholeEnd } from './testing/entries.ts';
import { eventually, readToEnd, testFolder, turn } from './testing/folder.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const newId = (): string => exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));

/** Real time, but a second of waiting passes in ten milliseconds. */
const hasty: Clock = { ...systemClock, after: (delay, task) => systemClock.after(delay / 100, task) };

interface Fault {
  /** Write at which it begins, counted from 0. */
  from: number;
  kind: 'ENOSPC' | 'EIO' | 'EBADF' | 'short';
}

/** The real file system, of which writes fail from one on until it is mended. */
function failing(fault: Fault): Files & { mend(): void } {
  let writes = 0;
  let broken = true;
  return {
    ...nodeFiles,
    mend: () => (broken = false),
    free: () => 0,
    write(file, pieces) {
      if (!broken || writes++ < fault.from) return nodeFiles.write(file, pieces);
      if (fault.kind !== 'short') throw Object.assign(new Error(fault.kind), { code: fault.kind });
      const all = Buffer.concat(pieces);
      return nodeFiles.write(file, [all.subarray(0, Math.floor(all.length * 0.6))]);
    },
  };
}

const TURNS = 6;

function reader(folder: string): JournalReader {
  const opened = openReader(folder, lineDecoders);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

function fullDisk(folder: string): string {
  return `free some space on ${join(folder, 'log')}: 0 bytes left`;
}

for (const kind of ['ENOSPC', 'EIO', 'EBADF', 'short'] as const) {
  test(`${kind} at any write: the answer goes on, the state says so, and it is saved whole when the disk works again`, async () => {
    for (let from = 0; from <= TURNS + 1; from++) {
      using folder = testFolder();
      const files = failing({ from, kind });
      const journal = await folder.journal({ files, clock: hasty });
      const id = newId();
      const log = journal.open(openingOf(id), Buffer.from('{"messages":[1]}'));
      const seen: number[] = [];
      log.follow(
        -1,
        (logged) => seen.push(logged.seq) > 0,
        () => seen.push(-99),
      );
      for (let count = 0; count < TURNS; count++) {
        log.append(bytesEntry(`${count};`));
        log.append(textEntry(`${count}.`));
        await turn();
        // Not held up, whatever the disk does.
        expect(seen).toEqual(Array.from({ length: (count + 1) * 2 }, (_, seq) => seq));
      }
      const failed = journal.state();
      expect(failed.type).toBe(from < TURNS + 1 ? 'degraded' : 'saving');
      const action = failed.type === 'degraded' && kind === 'ENOSPC' ? failed.action : fullDisk(folder.path);
      expect(action).toBe(fullDisk(folder.path));
      files.mend();
      await eventually(() => journal.state().type === 'saving');
      log.append(wholeEnd());
      await readToEnd(log);
      await journal.close();
      // Little space is warned of at the start. What was half written has been cut off, and each change of state was said once.
      expect(folder.notices.map((notice) => notice.level)).toEqual(from < TURNS + 1 ? ['warning', 'error', 'info'] : ['warning']);

      const again = reader(folder.path);
      const kept = again.get(id);
      expect(kept).toMatchObject({ state: 'complete', entries: TURNS * 2 + 1, request: '{"messages":[1]}' });
      expect(kept?.hole).toBeUndefined();
      expect(kept?.text).toBe(Array.from({ length: TURNS }, (_, count) => `${count};${count}.`).join(''));
      expect(again.entries(id)).toHaveLength(TURNS * 2 + 1);
      again.close();
    }
  });
}

test('what has left memory while nothing could be saved is a hole, and is said to be one', async () => {
  using folder = testFolder();
  const files = failing({ from: 1, kind: 'ENOSPC' });
  const journal = await folder.journal({
    files,
    clock: hasty,
    settings: journalSettings.parse({ ring: 1000, unsaved: 3000 }),
  });
  const id = newId();
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  for (let count = 0; count < 40; count++) {
    log.append(bytesEntry('x'.repeat(200)));
    await turn();
  }
  files.mend();
  await eventually(() => journal.state().type === 'saving');
  log.append(wholeEnd());
  await readToEnd(log, 38);
  await journal.close();
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'complete', hole: true, entries: 41 });
  await again.close();
});

test('a log that is deleted under a running server is noticed, and answers under way are written again', async () => {
  using folder = testFolder();
  const journal = await folder.journal({ clock: { ...hasty, monotonic: () => performance.now() * 100 } });
  const id = newId();
  const log = journal.open(openingOf(id), Buffer.from('{"a":1}'));
  log.append(textEntry('before '));
  await turn();
  rmSync(join(folder.path, 'log'), { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.append(textEntry('after'));
  await turn();
  await eventually(() => folder.notices.some((notice) => notice.message.includes('has been deleted')) && journal.state().type === 'saving');
  log.append(wholeEnd());
  await readToEnd(log);
  await journal.close();
  const again = await folder.journal();
  const kept = await again.get(id);
  expect(kept).toMatchObject({ state: 'complete', text: 'before after' });
  expect(await again.entries(id)).toHaveLength(3);
  await again.close();
});

test('a disk that refuses to sync is a disk that fails', async () => {
  using folder = testFolder();
  let broken = true;
  const files: Files = {
    ...nodeFiles,
    sync: (file, done) => (broken ? setImmediate(done, Object.assign(new Error('sync'), { code: 'EIO' })) : nodeFiles.sync(file, done)),
  };
  const settings = journalSettings.parse({ durability: 'power' });
  const journal = await folder.journal({ files, clock: hasty, settings });
  const id = newId();
  const log = journal.open(openingOf(id), Buffer.from('{"a":1}'));
  log.append(textEntry('one'));
  await eventually(() => journal.state().type === 'degraded');
  broken = false;
  await eventually(() => journal.state().type === 'saving');
  log.append(wholeEnd());
  expect(await readToEnd(log)).toHaveLength(2);
  await journal.close();
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'complete', text: 'one', request: '{"a":1}' });
  await again.close();
});

test('a torn tail, at any byte of the last frame, costs that frame and nothing else', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const id = newId();
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  log.append(textEntry('one'));
  log.append(textEntry('two'));
  await turn();
  const path = join(folder.path, 'log', readdirSync(join(folder.path, 'log'))[0]!);
  const before = readFileSync(path);
  log.append(textEntry('three'));
  await turn();
  const full = readFileSync(path);
  await journal.close();

  for (let cut = before.length; cut <= full.length; cut++) {
    writeFileSync(path, full.subarray(0, cut));
    const after = reader(folder.path);
    const entries = after.entries(id);
    expect(answerText(entries ?? [])).toBe(cut === full.length ? 'onetwothree' : 'onetwo');
    expect(entries?.at(-1)?.entry).toEqual({ type: 'end', outcome: { type: 'interrupted' } });
    after.close();
  }
});
