import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { exchangeId } from '../exchange/ids.ts';
import { answerText } from './text.ts';
import { openReader } from './reader.ts';
import { journalSettings } from './settings.ts';
import { attemptStart, bytesEntry, lineDecoders, openingOf, textEntry, wholeEnd } from './testing/entries.ts';
import { logBytes, eventually, readToEnd, testFolder, turn } from './testing/folder.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const newId = (): string => exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));

test('an exchange is listed while it runs, after its end, and after a restart', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id), Buffer.from('{"messages":[ {"role":"user"} ]}'));
  log.append(attemptStart());
  log.append({ type: 'head', status: 200, headers: [], target: 'wall/m' });
  log.append(bytesEntry('one'));
  log.append(bytesEntry('two'));
  await turn();
  expect(await journal.list({ limit: 5 })).toMatchObject([{ id, state: 'running', target: 'wall/m', entries: 4 }]);
  expect(await journal.get(id)).toMatchObject({ text: 'onetwo', request: '{"messages":[ {"role":"user"} ]}' });
  expect(await journal.entries(id)).toBeUndefined();
  log.append(wholeEnd());
  const live = await readToEnd(log);
  const expected = { id, state: 'complete', finish: 'stop', text: 'onetwo', entries: 5, usage: { input: 3, output: 5 } };
  expect(await journal.get(id)).toMatchObject(expected);
  await journal.close();

  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ ...expected, request: '{"messages":[ {"role":"user"} ]}' });
  expect(await again.entries(id)).toEqual(live);
  expect(await again.list({ limit: 5, state: 'complete' })).toHaveLength(1);
  expect(await again.list({ limit: 5, state: 'failed' })).toHaveLength(0);
  expect(await again.list({ limit: 5, before: id })).toHaveLength(0);
  await again.close();
  expect(folder.notices).toEqual([]);
});

test('what is appended after the close is neither written nor shown, and the exchange ends as interrupted', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  log.append(bytesEntry('before'));
  const seen: string[] = [];
  log.follow(
    -1,
    ({ entry }) => seen.push(entry.type) > 0,
    () => undefined,
  );
  await turn();
  await journal.close();
  log.append(bytesEntry('after'));
  log.append(wholeEnd());
  await turn();
  expect(seen).toEqual(['bytes']);
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'interrupted', text: 'before' });
  await again.close();
});

for (const ring of [1, 4000, 12_000]) {
  test(`with a ring of ${ring} bytes, followers with any cursor and pace see each entry once, in order, from memory or disk`, async () => {
    const reader = fc.record({
      cursor: fc.integer({ min: -1, max: 60 }),
      joinsAt: fc.nat(60),
      pausesEvery: fc.integer({ min: 1, max: 9 }),
    });
    using folder = testFolder();
    const journal = await folder.journal({ settings: journalSettings.parse({ ring, segmentSize: 2000 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(reader, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.boolean()),
        async (count, readers, kinds) => {
          const log = journal.open(openingOf(newId()), Buffer.from('{}'));
          const runs = readers.map((each) => ({ ...each, seen: [] as number[], text: '', lost: '' }));
          const join = (run: (typeof runs)[number]): void => {
            const follower = log.follow(
              run.cursor,
              (logged) => {
                run.seen.push(logged.seq);
                run.text += answerText([logged]);
                if (run.seen.length % run.pausesEvery !== 0) return true;
                setTimeout(follower.resume, run.pausesEvery % 3);
                return false;
              },
              (reason) => (run.lost = reason),
            );
          };
          for (let seq = 0; seq <= count; seq++) {
            for (const run of runs) if (run.joinsAt === seq) join(run);
            const text = `<${seq}>`.padEnd(200, '.');
            log.append(seq === count ? wholeEnd() : kinds.next().value ? bytesEntry(text, seq % 2) : textEntry(text));
            if (seq % 3 === 0) await turn();
          }
          for (const run of runs) if (run.joinsAt > count) join(run);
          await eventually(() => runs.every((run) => run.seen.at(-1) === count || run.lost !== ''));
          for (const run of runs) {
            const expected = Array.from({ length: count + 1 }, (_, seq) => seq).filter((seq) => seq > run.cursor);
            expect(run.seen).toEqual(expected);
            expect(run.text.replaceAll('.', '')).toBe(
              expected
                .filter((seq) => seq < count)
                .map((seq) => `<${seq}>`)
                .join(''),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
    await journal.close();
  });
}

test('a change is told after it is on disk', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const onDisk: string[] = [];
  journal.subscribe((change) => {
    const bytes = logBytes(folder.path);
    onDisk.push(`${change.type === 'entry' ? change.entry.type : change.type} ${bytes.includes('"type":"end"')}`);
  });
  const log = journal.open(openingOf(newId()), Buffer.from('{}'));
  log.append(attemptStart());
  await turn();
  log.append(wholeEnd());
  await readToEnd(log);
  await journal.close();
  expect(onDisk).toEqual(['opened false', 'attempt false', 'end true']);
});

test('bytes of which the decoder can not know the meaning keep it', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  log.append(bytesEntry('by bytes'));
  log.append(textEntry('written anew'));
  log.append({ ...bytesEntry('not these bytes'), events: textEntry('but this').events });
  log.append(wholeEnd());
  const live = await readToEnd(log);
  await journal.close();
  const again = await folder.journal();
  expect(await again.entries(id)).toEqual(live);
  await again.close();
});

test('an answer that is not streamed is read back from its whole body', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id, { stream: false }), Buffer.from('{}'));
  const body = '{"content":"two\nlines"}';
  log.append({ ...bytesEntry(body), bytes: Buffer.from(body), terminated: true });
  log.append(wholeEnd());
  const live = await readToEnd(log);
  await journal.close();
  const again = await folder.journal();
  expect(await again.entries(id)).toEqual(live);
  await again.close();
});

test('what can not be written down is left out and said, and holds nothing up', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  log.append({ type: 'seam', from: 'a', to: 'b', delivered: 1n as unknown as number, join: 'anchor' });
  log.append(wholeEnd());
  expect(await readToEnd(log)).toHaveLength(2);
  await journal.close();
  expect(folder.notices).toMatchObject([{ level: 'error', message: expect.stringContaining('BigInt') }]);
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'complete', hole: true });
  await again.close();
});

test('an exchange that the record does not take stays in the log and holds no other up', async () => {
  using folder = testFolder();
  const [odd, even] = [newId(), newId()];
  const journal = await folder.journal();
  for (const id of [odd, even]) {
    const log = journal.open(openingOf(id, id === odd ? { model: null as unknown as string } : {}), Buffer.from('{}'));
    log.append(wholeEnd());
    await readToEnd(log);
  }
  await journal.close();
  expect(folder.notices).toMatchObject([{ level: 'error', message: expect.stringContaining(`${odd} stays in`) }]);
  const again = await folder.journal();
  expect((await again.list({ limit: 5 })).map((each) => each.id)).toEqual([even]);
  await again.close();
  expect(readdirSync(join(folder.path, 'log'))).toHaveLength(1);
});

test('save: off leaves no word on disk', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id, { save: false }), Buffer.from('{"messages":["SECRETWORD"]}'));
  log.append({ ...attemptStart(), losses: ['SECRETWORD'], edits: ['SECRETWORD'] });
  log.append(bytesEntry('SECRETWORD'));
  log.append(textEntry('SECRETWORD'));
  const fault = { class: 'bad-request', symptom: 'status', message: 'no SECRETWORD please' } as const;
  log.append({ type: 'attempt-end', ordinal: 0, outcome: { type: 'failed', fault }, took: 5 });
  log.append({ type: 'end', outcome: { type: 'failed', fault, committed: true, body: 'SECRETWORD' } });
  expect(answerText(await readToEnd(log))).toBe('SECRETWORDSECRETWORD');
  await turn();
  const check = (): void => {
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    expect(files.length).toBeGreaterThan(1);
    const telling = files.filter((each) => readFileSync(join(each.parentPath, each.name)).includes('SECRETWORD'));
    expect(telling).toEqual([]);
  };
  check();
  await journal.close();
  check();
  const again = await folder.journal();
  const kept = await again.get(id);
  expect(kept).toMatchObject({ state: 'failed', entries: 5, attempts: [{ outcome: 'failed', fault: 'bad-request/status' }] });
  expect(kept?.request).toBeUndefined();
  expect(kept?.hole).toBeUndefined();
  await again.close();
});

test('segments go when all of their exchanges are in the record and no reader may need them', async () => {
  using folder = testFolder();
  const journal = await folder.journal({ settings: journalSettings.parse({ segmentSize: 1000, keepAfterEnd: '10ms' }) });
  const long = journal.open(openingOf(newId()), Buffer.from('{}'));
  for (let count = 0; count < 10; count++) {
    const log = journal.open(openingOf(newId()), Buffer.from('{}'));
    log.append(bytesEntry('x'.repeat(900)));
    log.append(wholeEnd());
    long.append(textEntry(`${count}`));
    await readToEnd(log);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  const log = join(folder.path, 'log');
  expect(readdirSync(log).length).toBeGreaterThan(8);
  long.append(wholeEnd());
  expect(answerText(await readToEnd(long))).toBe('0123456789');
  await new Promise((resolve) => setTimeout(resolve, 30));
  const last = journal.open(openingOf(newId()), Buffer.from('{}'));
  last.append(wholeEnd());
  await readToEnd(last);
  await eventually(() => readdirSync(log).length <= 2);
  expect(await journal.list({ limit: 100 })).toHaveLength(12);
  await journal.close();
});

test('power: entries are shown after the disk has them', async () => {
  using folder = testFolder();
  const journal = await folder.journal({ settings: journalSettings.parse({ durability: 'power' }) });
  const log = journal.open(openingOf(newId()), Buffer.from('{}'));
  for (let count = 0; count < 20; count++) {
    log.append(textEntry(`${count},`));
    await turn();
  }
  log.append(wholeEnd());
  expect(answerText(await readToEnd(log))).toBe(Array.from({ length: 20 }, (_, count) => `${count},`).join(''));
  await journal.close();
});

test('a reader sees running and finished exchanges beside the server, and after it', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const [done, running] = [newId(), newId()];
  const first = journal.open(openingOf(done), Buffer.from('{"a":1}'));
  first.append(bytesEntry('done'));
  first.append(wholeEnd());
  await readToEnd(first);
  const second = journal.open(openingOf(running), Buffer.from('{"b":1}'));
  second.append(bytesEntry('half'));
  await turn();
  await eventually(async () => (await journal.list({ limit: 5, state: 'complete' })).length === 1);

  const beside = openReader(folder.path, lineDecoders);
  if (!beside.ok) throw new Error(beside.error);
  expect(beside.value.holder?.pid).toBe(process.pid);
  expect(beside.value.list({ limit: 5 }).map(({ id, state }) => [id, state])).toEqual(
    expect.arrayContaining([
      [done, 'complete'],
      [running, 'running'],
    ]),
  );
  expect(beside.value.get(running)).toMatchObject({ text: 'half', request: '{"b":1}' });
  beside.value.close();
  await journal.close();

  const after = openReader(folder.path, lineDecoders);
  if (!after.ok) throw new Error(after.error);
  expect(after.value.holder).toBeUndefined();
  expect(after.value.get(running)).toMatchObject({ state: 'interrupted', text: 'half' });
  expect(after.value.get(done)).toMatchObject({ state: 'complete', text: 'done', request: '{"a":1}' });
  after.value.close();
  expect(openReader(join(folder.path, 'none'), lineDecoders)).toMatchObject({ ok: false });
});
