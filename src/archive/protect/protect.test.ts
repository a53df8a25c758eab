import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { conversationId } from '../ids.ts';
import { findConversation, listConversations, messagesOf } from '../store/read.ts';
import {
  claudeSession,
  claudeSubagent,
  codexSession,
  copilotSession,
  geminiSession,
  piSession,
  qwenSession,
} from '../transcripts/testing/sessions.ts';
import { filesOf } from './find-files.ts';
import { openLedger } from './ledger.ts';
import { overviewOf } from './overview.ts';
import { protectionOf, type PassReport, type Trouble } from './pass.ts';
import { findKept, restoreFile } from './restore.ts';
import { testHome, type TestHome } from './testing/homes.ts';
import { watchStores } from './watch.ts';

const homes: TestHome[] = [];
afterEach(() => homes.splice(0).forEach((each) => each.close()));

function made(): TestHome {
  const home = testHome();
  homes.push(home);
  return home;
}

const DAY = 86_400_000;
const quiet = (report: PassReport): Omit<PassReport, 'files'> => {
  const { files: _, ...rest } = report;
  return rest;
};
const NOTHING = {
  new: 0,
  grown: 0,
  again: 0,
  moved: 0,
  gone: [],
  bytes: 0,
  conversations: { added: 0, changed: 0 },
  messages: 0,
  troubles: [],
};

function everyTool(home: TestHome): void {
  home.write(`.claude/projects/${claudeSession().path}`, claudeSession().text);
  home.write(`.claude/projects/${claudeSubagent().path}`, claudeSubagent().text);
  home.write(`.codex/sessions/${codexSession().path}`, codexSession().text);
  home.write(`.gemini/tmp/${geminiSession().path}`, geminiSession().text);
  home.write('.gemini/tmp/app/.project_root', '/w/app');
  home.write(`.qwen/projects/${qwenSession().path}`, qwenSession().text);
  home.write(`.copilot/session-state/${copilotSession().path}`, copilotSession().text);
  home.write(`.pi/agent/sessions/${piSession().path}`, piSession().text);
}

describe('a pass', () => {
  it('copies and reads the sessions of every tool, and the second one changes nothing', async () => {
    const home = made();
    everyTool(home);
    const archive = home.open();
    const first = await protectionOf(archive).pass(home.stores, { now: Date.now });
    expect(first).toMatchObject({ files: 7, new: 7, troubles: [], conversations: { added: 7, changed: 0 } });
    expect(
      listConversations(archive, { limit: 20 })
        .map(({ source, messages }) => `${source}: ${messages}`)
        .toSorted((one, other) => one.localeCompare(other)),
    ).toEqual(['claude-code: 11', 'codex: 8', 'copilot-cli: 4', 'gemini-cli: 8', 'pi: 5', 'qwen-code: 4']);
    const agent = findConversation(archive, conversationId('claude-code', '6a8f1008-2b4b-4178-b2fe-966f532af563/agent-ab12'));
    expect(agent).toMatchObject({ messages: 2, startedBy: { key: '6a8f1008-2b4b-4178-b2fe-966f532af563' } });
    // Another process, later: nothing is copied or read again.
    const again = await protectionOf(home.open()).pass(home.stores, { now: Date.now });
    expect(quiet(again)).toEqual(NOTHING);
    expect(openLedger(archive).unread()).toEqual([]);
  });

  it('reads on where it stopped, in the same process and in another', async () => {
    const home = made();
    const { path, text } = claudeSession();
    const lines = text.split('\n').slice(0, -1);
    const place = home.write(`.claude/projects/${path}`, '');
    const archive = home.open();
    const one = protectionOf(archive);
    for (const [index, line] of lines.entries()) {
      appendFileSync(place, `${line}\n`);
      await (index % 3 === 0 ? one : protectionOf(archive)).pass(home.stores, { now: Date.now });
    }
    const whole = made();
    whole.write(`.claude/projects/${path}`, text);
    const other = whole.open();
    await protectionOf(other).pass(whole.stores, { now: Date.now });
    const id = conversationId('claude-code', '6a8f1008-2b4b-4178-b2fe-966f532af563');
    expect([...messagesOf(archive, id)]).toEqual([...messagesOf(other, id)]);
    // How often it was changed is another matter.
    expect({ ...findConversation(archive, id), revision: 0 }).toEqual({ ...findConversation(other, id), revision: 0 });
    expect([...messagesOf(archive, id)].flatMap(({ parts }) => parts).find(({ type }) => type === 'file')).toMatchObject({
      content: { type: 'stored', size: 8 },
    });
  });

  it('keeps what is deleted, says so once, and puts it back byte for byte', async () => {
    const home = made();
    everyTool(home);
    const place = join(home.home, '.claude/projects', claudeSession().path);
    const archive = home.open();
    const protection = protectionOf(archive);
    await protection.pass(home.stores, { now: Date.now });
    rmSync(place);
    expect((await protection.pass(home.stores, { now: Date.now })).gone.map(({ path }) => path)).toEqual([place]);
    expect(quiet(await protection.pass(home.stores, { now: Date.now }))).toEqual(NOTHING);

    const kept = findKept(protection.ledger, { type: 'session', id: '6a8f1008-2b4b-4178-b2fe-966f532af563' });
    expect(kept.ok && kept.value.map(({ path }) => path).toSorted()).toEqual(
      [place, join(home.home, '.claude/projects', claudeSubagent().path)].toSorted(),
    );
    const file = findKept(protection.ledger, { type: 'file', path: claudeSession().path });
    expect(file.ok && restoreFile(archive, file.value[0]!, undefined)).toEqual({ ok: true, value: place });
    expect(readFileSync(place, 'utf8')).toBe(claudeSession().text);
    expect(file.ok && restoreFile(archive, file.value[0]!, undefined).ok).toBe(false);
    // Back in its place it is the same file again.
    expect(quiet(await protection.pass(home.stores, { now: Date.now }))).toEqual(NOTHING);
    expect(protection.ledger.newestOf(place)?.goneAt).toBeUndefined();
  });

  it("counts a fork's tokens where they were used, and keeps its history whole", async () => {
    const home = made();
    const fork = claudeSession('0710729f-acba-4dce-b7e3-7afe451662d9');
    const first = home.write(`.claude/projects/${claudeSession().path}`, claudeSession().text);
    utimesSync(first, 1000, 1000);
    home.write(
      `.claude/projects/${fork.path}`,
      fork.text + claudeSession().text.split('\n')[11]!.replaceAll('msg_2', 'msg_9').replace('"a4"', '"a9"') + '\n',
    );
    const archive = home.open();
    await protectionOf(archive).pass(home.stores, { now: Date.now });
    const found = listConversations(archive, { limit: 5 }).map(({ session, messages, outputTokens }) => [session, messages, outputTokens]);
    expect(found.toSorted((one, other) => String(one[0]).localeCompare(String(other[0])))).toEqual([
      ['0710729f-acba-4dce-b7e3-7afe451662d9', 12, 7],
      ['6a8f1008-2b4b-4178-b2fe-966f532af563', 11, 28],
    ]);
  });

  it('reads a rollout that Codex has compressed, as the same conversation', async () => {
    const home = made();
    const { path, text } = codexSession();
    const place = home.write(`.codex/sessions/${path}`, text);
    const archive = home.open();
    const protection = protectionOf(archive);
    await protection.pass(home.stores, { now: Date.now });
    writeFileSync(`${place}.zst`, zstdCompressSync(Buffer.from(text)));
    rmSync(place);
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({
      new: 1,
      conversations: { added: 0, changed: 0 },
      messages: 0,
      troubles: [],
    });
    writeFileSync(join(home.home, '.codex/sessions/rollout-broken.jsonl.zst'), 'no zstd');
    await protection.pass(home.stores, { now: Date.now });
    expect(protection.ledger.all().at(-1)?.skipped).toContain("can't be unpacked");
  });

  it('waits for a torn line while its file is young, and tells it when it is old', async () => {
    const home = made();
    const { path, text } = qwenSession();
    const place = home.write(`.qwen/projects/${path}`, text.slice(0, -30));
    const archive = home.open();
    const protection = protectionOf(archive);
    const id = conversationId('qwen-code', '7db6d222-0f49-441a-aaff-f6793229d62a');
    await protection.pass(home.stores, { now: Date.now });
    expect([findConversation(archive, id)?.messages, protection.ledger.all()[0]?.skipped]).toEqual([3, '[]']);
    await protection.pass(home.stores, { now: () => Date.now() + DAY });
    expect(protection.ledger.all()[0]?.skipped).toContain('cut off at the end');
    appendFileSync(place, text.slice(-30));
    await protection.pass(home.stores, { now: Date.now });
    expect([findConversation(archive, id)?.messages, protection.ledger.all()[0]?.skipped]).toEqual([4, '[]']);
  });
});

describe('files that change in every way', () => {
  type Step = {
    type: 'append' | 'truncate' | 'rewrite' | 'replace' | 'rename' | 'delete' | 'pass' | 'restart';
    file: number;
    text: string;
    at: number;
  };
  const step: fc.Arbitrary<Step> = fc.record({
    type: fc.constantFrom('append', 'append', 'pass', 'pass', 'truncate', 'rewrite', 'replace', 'rename', 'delete', 'restart'),
    file: fc.nat(2),
    text: fc.string({ minLength: 1, maxLength: 40 }).map((text) => `${text}\n`),
    at: fc.nat(60),
  });

  it('lose no byte that was ever there at a pass, and nothing is kept twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const home = testHome();
        try {
          const place = (file: number): string => join(home.home, '.claude/projects/p', `s${file}.jsonl`);
          mkdirSync(join(home.home, '.claude/projects/p'), { recursive: true });
          let archive = home.open();
          let protection = protectionOf(archive);
          /** What each file held at each pass. */
          const seen: string[] = [];
          const troubles: Trouble[] = [];
          let clock = 1_700_000_000;
          for (const { type, file, text, at } of [...steps, { type: 'pass', file: 0, text: '', at: 0 } satisfies Step]) {
            const path = place(file);
            const there = existsSync(path);
            if (type === 'append') appendFileSync(path, text);
            else if (type === 'truncate' && there) truncateSync(path, Math.min(at, statSync(path).size));
            else if (type === 'rewrite') writeFileSync(path, text.repeat(1 + (at % 3)));
            else if (type === 'replace') {
              writeFileSync(`${path}.tmp`, text + (there ? readFileSync(path, 'utf8') : ''));
              renameSync(`${path}.tmp`, path);
            } else if (type === 'rename' && there) renameSync(path, place((file + 1) % 3));
            else if (type === 'delete' && there) rmSync(path);
            else if (type === 'restart') {
              archive.close();
              archive = home.open();
              protection = protectionOf(archive);
            } else if (type === 'pass') {
              const report = await protection.pass(home.stores, { now: Date.now });
              troubles.push(...report.troubles);
              for (const each of [0, 1, 2]) if (existsSync(place(each))) seen.push(readFileSync(place(each), 'utf8'));
            }
            // Times that a file system with coarse ones would tell apart.
            clock += 1;
            for (const each of [0, 1, 2]) if (existsSync(place(each)) && each === file) utimesSync(place(each), clock, clock);
          }
          expect(troubles).toEqual([]);
          const copies = protection.ledger.all().map(({ copy, size }) => {
            const bytes = readFileSync(join(archive.folder, copy), 'utf8');
            expect(Buffer.byteLength(bytes)).toBe(size);
            return bytes;
          });
          for (const content of seen) expect(copies.some((copy) => copy.startsWith(content))).toBe(true);
          expect(new Set(protection.ledger.all().map(({ copy }) => copy)).size).toBe(copies.length);
          expect(quiet(await protection.pass(home.stores, { now: Date.now }))).toEqual(NOTHING);
        } finally {
          home.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('a new beginning is a new generation; each can be had back', async () => {
    const home = made();
    const place = home.write('.pi/agent/sessions/p/s.jsonl', 'first\n');
    const archive = home.open();
    const protection = protectionOf(archive);
    await protection.pass(home.stores, { now: Date.now });
    writeFileSync(place, 'second, and longer\n');
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({ again: 1, new: 0 });
    for (const [generation, text] of [
      [1, 'first\n'],
      [2, 'second, and longer\n'],
    ] as const) {
      const kept = findKept(protection.ledger, { type: 'file', path: place, generation });
      expect(kept.ok && readFileSync(join(archive.folder, kept.value[0]!.copy), 'utf8')).toBe(text);
    }
    expect(findKept(protection.ledger, { type: 'file', path: place, generation: 3 })).toEqual({
      ok: false,
      error: 'It has generations 1, 2.',
    });
  });

  it('a copy that is longer than was remembered counts as it is (killed between the two)', async () => {
    const home = made();
    const place = home.write('.pi/agent/sessions/p/s.jsonl', 'one\n');
    const archive = home.open();
    await protectionOf(archive).pass(home.stores, { now: Date.now });
    const { copy } = openLedger(archive).all()[0]!;
    appendFileSync(place, 'two\nthree\n');
    appendFileSync(join(archive.folder, copy), 'two\nth');
    expect(await protectionOf(archive).pass(home.stores, { now: Date.now })).toMatchObject({ grown: 1, again: 0 });
    expect(readFileSync(join(archive.folder, copy), 'utf8')).toBe('one\ntwo\nthree\n');
    // And where the original has begun anew in the meantime, what was copied is not lost.
    appendFileSync(join(archive.folder, copy), 'four\n');
    writeFileSync(place, 'new\n');
    await protectionOf(archive).pass(home.stores, { now: Date.now });
    expect(readFileSync(join(archive.folder, copy), 'utf8')).toBe('one\ntwo\nthree\nfour\n');
  });
});

describe('many sessions', () => {
  it('a start after the first opens none of them', async () => {
    const home = made();
    for (let project = 0; project < 20; project++) {
      mkdirSync(join(home.home, `.claude/projects/p${project}`), { recursive: true });
      for (let session = 0; session < 15; session++) {
        const uuid = `${project}-${session}`;
        writeFileSync(
          join(home.home, `.claude/projects/p${project}/${uuid}.jsonl`),
          `${JSON.stringify({ type: 'user', uuid, parentUuid: null, sessionId: uuid, cwd: `/p${project}`, timestamp: '2026-11-01T10:00:00Z', message: { role: 'user', content: `Question ${uuid}` } })}\n`,
        );
      }
    }
    for (const file of home.stores.flatMap((store) => [...filesOf(store)])) utimesSync(file.path, 1_700_000_000, 1_700_000_000);
    const archive = home.open();
    const first = await protectionOf(archive).pass(home.stores, { now: Date.now });
    expect(first).toMatchObject({ new: 300, conversations: { added: 300 } });
    // Other bytes under the same size, time and inode: who opened a file would see them.
    for (const { path, size } of openLedger(archive).all()) {
      writeFileSync(path, 'x'.repeat(size));
      utimesSync(path, 1_700_000_000, 1_700_000_000);
    }
    const again = await protectionOf(home.open()).pass(home.stores, { now: Date.now });
    expect(again.files).toBe(300);
    expect(quiet(again)).toEqual(NOTHING);
  }, 120_000);
});

describe('the watch', () => {
  it('takes up what is appended, what is new and what is gone, and ends when it is told to', async () => {
    const home = made();
    const { path, text } = claudeSession();
    const lines = text.split('\n');
    const place = home.write(`.claude/projects/${path}`, `${lines.slice(0, 3).join('\n')}\n`);
    const archive = home.open();
    const stop = new AbortController();
    const told: PassReport[] = [];
    let time = Date.now();
    let waits = 0;
    await watchStores(archive, home.stores, {
      now: () => time,
      signal: stop.signal,
      wait: async (milliseconds) => {
        time += Math.max(1, milliseconds);
        waits += 1;
        if (waits === 2) appendFileSync(place, `${lines.slice(3).join('\n')}`);
        if (waits === 4) home.write(`.codex/sessions/${codexSession().path}`, codexSession().text);
        if (waits === 20) rmSync(place);
        if (waits === 40) stop.abort();
        await Promise.resolve();
      },
      told: (report) => told.push(report),
    });
    expect(told.map(({ new: added, grown, gone }) => [added, grown, gone.length])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(findConversation(archive, conversationId('claude-code', '6a8f1008-2b4b-4178-b2fe-966f532af563'))?.messages).toBe(11);
  });
});

describe('what is found', () => {
  it('says how many will be deleted, by the settings of each tool', () => {
    const home = made();
    const now = Date.now();
    for (const [name, days] of [
      ['a', 31],
      ['b', 25],
      ['c', 5],
    ] as const) {
      const time = (now - days * DAY) / 1000;
      utimesSync(home.write(`.claude/projects/p/${name}.jsonl`, 'x'), time, time);
      utimesSync(home.write(`.gemini/tmp/p/chats/session-${name}.jsonl`, 'xy'), time, time);
      utimesSync(home.write(`.codex/sessions/2026/11/01/rollout-${name}.jsonl`, 'x'), time, time);
    }
    home.write('.gemini/settings.json', '{"general":{"sessionRetention":{"maxAge":"12w"}}}');
    const found = overviewOf(home.stores, home.machine, now).map(({ source, sessions, bytes, soon, due, retention }) => [
      source,
      sessions,
      bytes,
      soon,
      due,
      retention.days,
    ]);
    expect(found).toEqual([
      ['claude-code', 3, 3, 2, 1, 30],
      ['codex', 3, 3, 0, 0, undefined],
      ['gemini-cli', 3, 6, 0, 0, 84],
    ]);
  });
});
