import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecord, openRecordToRead } from '../record/database.ts';
import { nodeFiles } from '../files.ts';
import { newDataKey } from './data-key.ts';
import { openEncrypted } from './encrypted-database.ts';
import { newHeader, readHeader, unlock, withKeychain, withoutSlot, withPassphrase, writeHeader } from './header.ts';
import { encryptedLogFiles } from './log-files.ts';
import { newRecoveryCode, readRecoveryCode } from './recovery-code.ts';
import { beginSwap, commitSwap, finishSwap, isSwapping } from './swap.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-at-rest-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const phrase = (text: string) => ({ type: 'passphrase', text }) as const;

describe('the header', () => {
  it('gives the key for the passphrase, the recovery code and what the keychain holds, and for nothing else', () => {
    const key = newDataKey();
    const secret = newDataKey();
    const code = newRecoveryCode();
    const header = withKeychain(
      withPassphrase(withPassphrase(newHeader(1), key, 'passphrase', 'correct horse'), key, 'recovery', code),
      key,
      'entry',
      secret,
    );
    writeHeader(folder, header, key);
    const read = readHeader(folder);
    if (!read.ok) throw new Error(read.error.reason);
    expect(unlock(folder, read.value, phrase('correct horse'))).toEqual({ ok: true, value: key });
    expect(unlock(folder, read.value, { type: 'recovery', text: code })).toEqual({ ok: true, value: key });
    expect(unlock(folder, read.value, { type: 'keychain', bytes: secret })).toEqual({ ok: true, value: key });
    expect(unlock(folder, read.value, phrase('Correct horse'))).toEqual({ ok: false, error: 'wrong' });
    expect(unlock(folder, read.value, { type: 'keychain', bytes: newDataKey() })).toEqual({ ok: false, error: 'wrong' });
    expect(readFileSync(join(folder, 'encryption.json')).includes(Buffer.from(key).toString('base64'))).toBe(false);

    // Another passphrase, and the same key: nothing has to be encrypted again.
    writeHeader(folder, withoutSlot(withPassphrase(header, key, 'passphrase', 'other'), 'keychain'), key);
    const changed = readHeader(folder);
    if (!changed.ok) throw new Error(changed.error.reason);
    expect(unlock(folder, changed.value, phrase('other'))).toEqual({ ok: true, value: key });
    expect(unlock(folder, changed.value, phrase('correct horse'))).toEqual({ ok: false, error: 'wrong' });
    expect(unlock(folder, changed.value, { type: 'keychain', bytes: secret })).toEqual({ ok: false, error: 'no-slot' });
  }, 20_000);

  it('says what is wrong with it', () => {
    expect(readHeader(folder)).toMatchObject({ error: { type: 'missing' } });
    const key = newDataKey();
    const header = withPassphrase(newHeader(1), key, 'passphrase', 'a');
    writeHeader(folder, header, key);
    const path = join(folder, 'encryption.json');
    const text = readFileSync(path, 'utf8');
    const unlocked = () => {
      const read = readHeader(folder);
      return read.ok ? unlock(folder, read.value, phrase('a')) : read;
    };
    expect(unlocked()).toMatchObject({ ok: true });
    writeFileSync(path, text.slice(0, 100));
    expect(unlocked()).toMatchObject({ error: { type: 'damaged', action: expect.stringContaining('backup') } });
    writeFileSync(path, text.replace('"version": 1', '"version": 2'));
    expect(unlocked()).toMatchObject({ error: { type: 'newer' } });
    writeFileSync(path, text.replace('"N": 131072', '"N": 16'));
    expect(unlocked()).toEqual({ ok: false, error: 'wrong' });
    writeFileSync(path, text.replace('"since": 1', '"since": 2'));
    expect(unlocked()).toEqual({ ok: false, error: 'tampered' });
    writeFileSync(path, text.replace(/"salt": "[^"]*"/, '"salt": 5'));
    expect(unlocked()).toMatchObject({ error: { type: 'damaged' } });
  }, 20_000);

  it('takes a recovery code as people type it', () => {
    const code = newRecoveryCode();
    expect(readRecoveryCode(code)).toBe(code);
    expect(readRecoveryCode(code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(code);
    expect(readRecoveryCode(code.slice(1))).toBeUndefined();
    expect(readRecoveryCode(code.replace(/^./, 'U'))).toBeUndefined();
  });
});

describe('the log’s files', () => {
  const key = newDataKey();
  const canary = Buffer.from('the canary sings in the log, and nobody reads along; '.repeat(50));

  it('are as long as they would be, can be read from any place, and hold no word', () => {
    const files = encryptedLogFiles(nodeFiles, key);
    const path = join(folder, 'a.seg');
    const file = files.create(path);
    for (let at = 0; at < canary.length; at += 100)
      expect(files.write(file, [canary.subarray(at, at + 37), canary.subarray(at + 37, at + 100)])).toBeGreaterThan(0);
    expect(files.look(file).size).toBe(canary.length);
    expect(files.size(path)).toBe(canary.length);
    for (const place of [0, 1, 15, 16, 17, 1000, canary.length - 3, canary.length]) {
      for (const size of [1, 16, 333]) {
        const into = Buffer.alloc(size);
        const reading = files.openToRead(path);
        const read = files.read(reading, into, place);
        files.close(reading);
        expect(into.subarray(0, read).equals(canary.subarray(place, place + size))).toBe(true);
        expect(read).toBe(Math.min(size, canary.length - place));
      }
    }
    expect(readFileSync(path).includes('canary')).toBe(false);
    files.close(file);
    const other = encryptedLogFiles(nodeFiles, newDataKey());
    const into = Buffer.alloc(100);
    other.read(other.openToRead(path), into, 0);
    expect(into.includes('canary')).toBe(false);
  });

  it('use no part of a key stream twice: two files with the same words differ, and none is cut to go on', () => {
    const files = encryptedLogFiles(nodeFiles, key);
    const [one, two] = ['one', 'two'].map((name) => {
      const file = files.create(join(folder, name));
      files.write(file, [canary]);
      files.close(file);
      return readFileSync(join(folder, name)).subarray(40);
    });
    expect(one!.equals(two!)).toBe(false);
    const file = files.create(join(folder, 'three'));
    files.write(file, [canary]);
    expect(() => files.truncate(file, 10)).toThrow('was cut');
    files.close(file);

    const full = encryptedLogFiles(
      {
        ...nodeFiles,
        write: (to, pieces) => nodeFiles.write(to, [Buffer.concat(pieces).subarray(0, 60)]),
      },
      key,
    );
    const short = full.create(join(folder, 'four'));
    expect(full.write(short, [canary])).toBeLessThan(60);
    expect(() => full.write(short, [canary])).toThrow('not open');
    full.close(short);
  });

  it('reads segments that were written before it was on', () => {
    const path = join(folder, 'plain.seg');
    writeFileSync(path, canary);
    const files = encryptedLogFiles(nodeFiles, key);
    const into = Buffer.alloc(60);
    expect(files.read(files.openToRead(path), into, 4)).toBe(60);
    expect(into.equals(canary.subarray(4, 64))).toBe(true);
    expect(files.size(path)).toBe(canary.length);
  });
});

describe('an encrypted database', () => {
  const key = newDataKey();
  const opened = (path: string, with_ = key) => {
    const found = openRecord(path, with_);
    if (!found.ok) throw new Error(found.error.reason);
    return found.value;
  };

  it('holds no word in any of its files, and opens with its key only', () => {
    const path = join(folder, 'record.db');
    const database = opened(path);
    database.exec("CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('canary canary canary')");
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('canary')).toBe(false);
    const reader = openRecordToRead(path, key);
    if (!reader.ok) throw new Error(reader.error.reason);
    expect(reader.value.prepare('SELECT word FROM words').get()).toEqual({ word: 'canary canary canary' });
    expect(() => reader.value.exec('DELETE FROM words')).toThrow();
    reader.value.close();
    database.close();

    expect(openRecord(path, newDataKey())).toMatchObject({ error: { type: 'corrupt', reason: expect.stringContaining('another key') } });
    expect(openRecord(path)).toMatchObject({ error: { type: 'corrupt', action: expect.stringContaining('encryption.json') } });
    truncateSync(path, 5000);
    expect(openRecord(path, key)).toMatchObject({ error: { type: 'corrupt' } });
  });

  it('that was made in November 2026 opens: another version of the library has to, too', () => {
    const path = join(folder, 'sample.db');
    copyFileSync(new URL('./testing/sample.db', import.meta.url), path);
    const database = openEncrypted(path, Buffer.alloc(32, 'of a sample'), { timeout: 0 });
    expect(database.prepare('SELECT word FROM t').get()).toEqual({ word: 'quokka' });
    database.close();
    expect(readFileSync(path).includes('quokka')).toBe(false);
  });

  it('speaks as node:sqlite does', () => {
    const database = opened(join(folder, 'record.db'));
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT) STRICT');
    const insert = database.prepare('INSERT INTO t (b, c) VALUES (:b, :c)');
    expect(insert.run({ b: new Uint8Array([1, 2]), c: 'x' })).toEqual({ changes: 1, lastInsertRowid: 1 });
    expect(insert.get({ b: null, c: 'y' })).toBeUndefined();
    expect(database.prepare('INSERT INTO t (c) VALUES (?) RETURNING a').get('z')).toEqual({ a: 3 });
    // 2: memory. Files for sorting and compacting would be plain (seen in /var/tmp).
    expect(database.prepare('PRAGMA temp_store').get()).toEqual({ temp_store: 2 });
    expect(database.isTransaction).toBe(false);
    database.exec('BEGIN IMMEDIATE');
    expect(database.isTransaction).toBe(true);
    for (const { a } of database.prepare('SELECT a FROM t').iterate()) database.prepare('UPDATE t SET c = c || ? WHERE a = ?').run('!', a!);
    database.exec('COMMIT');
    expect(database.prepare('SELECT c FROM t').all()).toEqual([{ c: 'x!' }, { c: 'y!' }, { c: 'z!' }]);
    expect(catchError(() => database.exec('INSERT INTO t (a, c) VALUES (1, NULL)'))).toMatchObject({ errcode: 19 });
    const second = opened(join(folder, 'record.db'));
    database.exec('BEGIN IMMEDIATE');
    second.exec('PRAGMA busy_timeout = 0');
    expect(catchError(() => second.exec('BEGIN IMMEDIATE'))).toMatchObject({ errcode: 5 });
    database.exec('ROLLBACK');
    second.close();
    database.close();
    expect(database.isOpen).toBe(false);
  });

  it('is not made in plain beside a header, nor opened while a conversion is not at its end', () => {
    writeHeader(folder, withPassphrase(newHeader(1), key, 'passphrase', 'a'), key);
    const path = join(folder, 'record.db');
    expect(openRecord(path)).toMatchObject({ error: { type: 'locked', action: expect.stringContaining('UNDERSTUDY_PASSPHRASE_FILE') } });
    expect(readdirSync(folder)).toEqual(['encryption.json']);
    beginSwap(folder);
    commitSwap(folder);
    expect(openRecord(path, key)).toMatchObject({ error: { type: 'locked', reason: expect.stringContaining('interrupted') } });
  });
});

function catchError(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the swap', () => {
  it('leaves the old or the new whole, whenever it stops', () => {
    const lay = (): void => {
      rmSync(folder, { recursive: true, force: true });
      nodeFiles.makeFolder(join(folder, 'archive'));
      for (const name of ['archive.db', 'archive.db-wal', 'encryption.json', 'archive/old', 'other'])
        writeFileSync(join(folder, name), 'old');
    };
    lay();
    const fresh = beginSwap(folder);
    writeFileSync(join(fresh, 'archive.db'), 'half');
    expect(isSwapping(folder)).toBe(false);
    finishSwap(folder);
    expect(readFileSync(join(folder, 'archive.db'), 'utf8')).toBe('old');

    for (let steps = 0; steps < 12; steps++) {
      lay();
      const written = beginSwap(folder);
      nodeFiles.makeFolder(join(written, 'archive'));
      for (const name of ['archive.db', 'record.db', 'archive/new']) writeFileSync(join(written, name), 'new');
      commitSwap(folder);
      // Stopped after so many renames, then again from the beginning.
      stopAfter(steps);
      finishSwap(folder);
      expect(isSwapping(folder)).toBe(false);
      expect(readdirSync(folder).toSorted()).toEqual(['archive', 'archive.db', 'other', 'record.db']);
      expect(readdirSync(join(folder, 'archive'))).toEqual(['new']);
      for (const name of ['archive.db', 'record.db']) expect(readFileSync(join(folder, name), 'utf8')).toBe('new');
    }
  });

  /** What `finishSwap` has done when it is killed after some of its steps: the same renames, so many of them. */
  function stopAfter(steps: number): void {
    const fresh = join(folder, '.converting');
    const old = join(folder, '.converted');
    const moves: [string, string][] = [];
    for (const part of ['archive.db', 'archive.db-wal', 'record.db', 'archive', 'encryption.json']) {
      if (part !== 'record.db') moves.push([join(folder, part), join(old, part)]);
      if (['archive.db', 'record.db', 'archive'].includes(part))
        moves.push([join(old, `${part}.placed`), ''], [join(fresh, part), join(folder, part)]);
    }
    nodeFiles.makeFolder(old);
    for (const [from, to] of moves.slice(0, steps)) {
      if (to === '') appendFileSync(from, '');
      else renameSync(from, to);
    }
  }
});
