import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { conversationId } from '../ids.ts';
import { findConversation, messagesOf } from '../store/read.ts';
import { openLedger } from './ledger.ts';
import { overviewOf } from './overview.ts';
import { protectionOf, troubleOf } from './pass.ts';
import { raiseRetention, retentionOf, undoRetention } from './retention.ts';
import { testHome, type TestHome } from './testing/homes.ts';

const homes: TestHome[] = [];
afterEach(() => homes.splice(0).forEach((each) => each.close()));

function made(): TestHome {
  const home = testHome();
  homes.push(home);
  return home;
}

describe("the tools' own retention", () => {
  const claude = (home: TestHome) => retentionOf(home.stores[0]!, home.machine);
  const gemini = (home: TestHome) =>
    retentionOf(
      home.stores.find(({ source }) => source === 'gemini-cli')!,
      home.machine,
    );

  it('is raised with a backup, and put back byte for byte', () => {
    const home = made();
    const ledger = openLedger(home.open());
    const before = '{\n\t"model": "opus",\n\t"cleanupPeriodDays": 14\n}';
    const file = home.write('.claude/settings.json', before);
    expect(claude(home)).toMatchObject({ days: 14, setting: { isDefault: false } });
    expect(raiseRetention(ledger, claude(home), 0)).toEqual({ ok: true, value: { file, backup: `${file}.before-understudy` } });
    expect(readFileSync(file, 'utf8')).toBe('{\n\t"model": "opus",\n\t"cleanupPeriodDays": 3650\n}\n');
    expect(readFileSync(`${file}.before-understudy`, 'utf8')).toBe(before);
    // Raised twice, the way back is still to the beginning.
    raiseRetention(ledger, claude(home), 0);
    expect(undoRetention(ledger, claude(home))).toEqual({ ok: true, value: 'put back' });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(undoRetention(ledger, claude(home)).ok).toBe(false);
  });

  it('of a file that was changed since only the setting is put back; one that was not there goes again', () => {
    const home = made();
    const ledger = openLedger(home.open());
    const file = home.write('.gemini/settings.json', '{"general":{"vimMode":true}}');
    raiseRetention(ledger, gemini(home), 0);
    expect(gemini(home).days).toBe(3650);
    writeFileSync(file, readFileSync(file, 'utf8').replace('true', 'false'));
    expect(undoRetention(ledger, gemini(home))).toEqual({ ok: true, value: 'setting put back' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ general: { vimMode: false } });

    mkdirSync(join(home.home, '.claude'));
    const added = raiseRetention(ledger, claude(home), 0);
    expect(added.ok && existsSync(added.value.file)).toBe(true);
    undoRetention(ledger, claude(home));
    expect(added.ok && existsSync(added.value.file)).toBe(false);
  });

  it('is not touched where it cannot be read', () => {
    const home = made();
    const text = '{ // mine\n "cleanupPeriodDays": 7 }';
    const file = home.write('.claude/settings.json', text);
    const raised = raiseRetention(openLedger(home.open()), claude(home), 0);
    expect(raised.ok ? '' : raised.error).toContain('Add it by hand: cleanupPeriodDays: 3650');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is off where the tool is told to keep everything', () => {
    const home = made();
    home.write('.gemini/settings.json', '{"general":{"sessionRetention":{"enabled":false}}}');
    expect(gemini(home).days).toBeUndefined();
  });
});

describe('opencode', () => {
  function database(home: TestHome): DatabaseSync {
    mkdirSync(join(home.home, '.local/share/opencode'), { recursive: true });
    const opened = new DatabaseSync(join(home.home, '.local/share/opencode/opencode.db'));
    opened.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT, version TEXT, time_created INTEGER, time_updated INTEGER);
      CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
      CREATE TABLE IF NOT EXISTS part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
      CREATE TABLE IF NOT EXISTS credential (id TEXT PRIMARY KEY, value TEXT);
      INSERT OR IGNORE INTO credential VALUES ('1', 'secret-token-5d0c7a');`);
    return opened;
  }

  function say(opened: DatabaseSync, session: string, number: number): void {
    const time = 1000 * number;
    opened.prepare("INSERT OR IGNORE INTO session VALUES (?, 'p', NULL, '/w/app', 'A title', '1.18', ?, ?)").run(session, time, time);
    const data =
      number % 2 === 1
        ? { role: 'user', time: { created: time } }
        : {
            role: 'assistant',
            modelID: 'm',
            providerID: 'anthropic',
            tokens: { input: 1, output: 2 },
            cost: 0.5,
            time: { created: time, completed: time },
          };
    opened.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?)').run(`msg_${session}_${number}`, session, time, time, JSON.stringify(data));
    const part =
      number % 2 === 1
        ? { type: 'text', text: `said ${number}` }
        : { type: 'tool', tool: 'bash', callID: `c${number}`, state: { status: 'completed', input: { command: 'ls' }, output: 'a.ts' } };
    opened
      .prepare('INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)')
      .run(`prt_${session}_${number}`, `msg_${session}_${number}`, session, time, time, JSON.stringify(part));
  }

  it('is read while it is in use; its copy has no credentials, and loses no session that was deleted', async () => {
    const home = made();
    const opened = database(home);
    say(opened, 'ses_1', 1);
    say(opened, 'ses_1', 2);
    say(opened, 'ses_2', 1);
    const archive = home.open();
    const protection = protectionOf(archive);
    expect(overviewOf(home.stores, home.machine, Date.now())).toMatchObject([{ source: 'opencode', sessions: 2 }]);
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({
      new: 1,
      conversations: { added: 2, changed: 0 },
      troubles: [],
    });
    const id = conversationId('opencode', 'ses_1');
    expect([...messagesOf(archive, id)].map(({ role, parts, cost }) => [role, parts.map(({ type }) => type), cost])).toEqual([
      ['user', ['text'], undefined],
      ['assistant', ['tool-call'], 0.5],
      ['tool', ['tool-result'], undefined],
    ]);
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({
      new: 0,
      grown: 0,
      conversations: { added: 0, changed: 0 },
    });

    say(opened, 'ses_1', 3);
    opened.exec(
      "DELETE FROM part WHERE session_id = 'ses_2'; DELETE FROM message WHERE session_id = 'ses_2'; DELETE FROM session WHERE id = 'ses_2'",
    );
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({ again: 1, conversations: { added: 0, changed: 1 } });
    opened.close();
    const copies = protection.ledger.all().map(({ copy }) => join(archive.folder, copy));
    const sessions = copies.map((copy) =>
      new DatabaseSync(copy, { readOnly: true })
        .prepare('SELECT id FROM session ORDER BY id')
        .all()
        .map((row) => row['id']),
    );
    expect(sessions).toEqual([['ses_1', 'ses_2'], ['ses_1']]);
    for (const copy of copies) expect(readFileSync(copy).includes('secret-token-5d0c7a')).toBe(false);
    expect(findConversation(archive, conversationId('opencode', 'ses_2'))?.messages).toBe(1);
  });

  it('a database of another kind is said to be one', async () => {
    const home = made();
    home.write('.local/share/opencode/opencode.db', 'no database at all');
    const report = await protectionOf(home.open()).pass(home.stores, { now: Date.now });
    expect(report.troubles.map(({ reason }) => reason).join()).toContain('not a database');
  });

  it('older files are read together, also when one of them changes', async () => {
    const home = made();
    const at = '.local/share/opencode/storage';
    home.write(
      `${at}/session/p/ses_9.json`,
      JSON.stringify({ id: 'ses_9', directory: '/w/app', title: 'Old', time: { created: 1, updated: 2 } }),
    );
    home.write(`${at}/message/ses_9/msg_1.json`, JSON.stringify({ id: 'msg_1', sessionID: 'ses_9', role: 'user', time: { created: 1 } }));
    const part = home.write(`${at}/part/msg_1/prt_1.json`, JSON.stringify({ id: 'prt_1', type: 'text', text: 'half' }));
    const archive = home.open();
    const protection = protectionOf(archive);
    await protection.pass(home.stores, { now: Date.now });
    writeFileSync(part, JSON.stringify({ id: 'prt_1', type: 'text', text: 'half and the rest' }));
    expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({ again: 1, conversations: { changed: 1 } });
    expect([...messagesOf(archive, conversationId('opencode', 'ses_9'))].map(({ parts }) => parts)).toEqual([
      [{ type: 'text', text: 'half and the rest' }],
    ]);
  });
});

describe('troubles', () => {
  it('a full disk is told as such, whoever says it', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(troubleOf('/x', full)).toMatchObject({ full: true, reason: expect.stringContaining('free some space') as string });
    expect(troubleOf('/x', Object.assign(new Error('database or disk is full'), { errcode: 13 })).full).toBe(true);
    expect(troubleOf('/x', Object.assign(new Error('EACCES'), { code: 'EACCES' })).reason).toContain('permissions');
    expect(troubleOf('/x', new Error('other'))).toEqual({ path: '/x', full: false, reason: 'other' });
  });

  it('kill -9 at any moment: the next pass is clean, and nothing is lost or there twice', async () => {
    const home = made();
    for (let session = 0; session < 60; session++) {
      const lines = Array.from({ length: 40 }, (_, index) =>
        JSON.stringify({
          type: 'user',
          uuid: `${session}-${index}`,
          parentUuid: index === 0 ? null : `${session}-${index - 1}`,
          sessionId: `${session}`,
          message: { role: 'user', content: `x${'y'.repeat(500)}` },
        }),
      );
      home.write(`.claude/projects/p/${session}.jsonl`, `${lines.join('\n')}\n`);
    }
    const program = `
      import { openArchive } from ${JSON.stringify(join(import.meta.dirname, '../store/open.ts'))};
      import { protectionOf } from ${JSON.stringify(join(import.meta.dirname, 'pass.ts'))};
      import { transcriptStores } from ${JSON.stringify(join(import.meta.dirname, 'stores.ts'))};
      const archive = openArchive(${JSON.stringify(home.data)});
      let told = 0;
      await protectionOf(archive.value).pass(transcriptStores(${JSON.stringify(home.machine)}), { now: Date.now, progress: () => process.stdout.write('.') });
      process.stdout.write('done');`;
    // Each is killed after some more of its work.
    for (const after of [1, 7, 20, 45, 61]) {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      let seen = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.length;
        if (seen >= after) child.kill('SIGKILL');
      });
      await new Promise((resolve) => void child.once('close', resolve));
      appendFileSync(
        join(home.home, '.claude/projects/p/0.jsonl'),
        `${JSON.stringify({ type: 'user', uuid: `more-${after}`, sessionId: '0', message: { role: 'user', content: 'more' } })}\n`,
      );
    }
    const archive = home.open();
    const protection = protectionOf(archive);
    expect((await protection.pass(home.stores, { now: Date.now })).troubles).toEqual([]);
    const kept = protection.ledger.all();
    expect(kept.length).toBe(60);
    for (const { path, copy, generation, readSize, size } of kept) {
      expect([generation, readSize]).toEqual([1, size]);
      expect(readFileSync(join(archive.folder, copy)).equals(readFileSync(path))).toBe(true);
    }
    for (let session = 0; session < 60; session++)
      expect(findConversation(archive, conversationId('claude-code', String(session)))?.messages).toBe(session === 0 ? 45 : 40);
    expect(statSync(join(archive.folder, 'transcripts')).mode & 0o777).toBe(0o700);
    rmSync(home.data, { recursive: true });
  }, 60_000);
});
