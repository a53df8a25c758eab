import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { holdDatabase } from '../../journal/at-rest/copy-database.ts';
import { newDataKey } from '../../journal/at-rest/data-key.ts';
import { newHeader, withPassphrase, writeHeader } from '../../journal/at-rest/header.ts';
import { beginSwap, commitSwap } from '../../journal/at-rest/swap.ts';
import type { Keychain } from '../../providers/sign-in/keychain.ts';
import { runIn } from '../testing/run-in.ts';

/** A machine's keychain: no desktop is needed to see what is done with it. `locked`: it throws, as it does where there is none. */
const machine = vi.hoisted(() => ({ kept: new Map<string, string>(), locked: false, installed: true }));

vi.mock('../../providers/sign-in/keychain.ts', () => ({
  openKeychain(entry: string): Promise<Keychain | undefined> {
    const open = (): Map<string, string> => {
      if (machine.locked) throw new Error("couldn't access platform storage");
      return machine.kept;
    };
    const keychain: Keychain = {
      read: () => open().get(entry),
      write: (secret) => void open().set(entry, secret),
      remove: () => void open().delete(entry),
    };
    return Promise.resolve(machine.installed ? keychain : undefined);
  },
}));

let home: string;
let phrase: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-keychain-'));
  phrase = join(home, 'phrase');
  writeFileSync(phrase, 'correct horse battery\n', { mode: 0o600 });
  machine.kept.clear();
  Object.assign(machine, { locked: false, installed: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const run = (...words: string[]) => runIn(home, [...words, '--data', join(home, 'data')]);

it('status brings an encryption to its end that was interrupted there', async () => {
  expect((await run('conversations', '--json')).code).toBe(0);
  const data = join(home, 'data');
  const fresh = beginSwap(data);
  const key = newDataKey();
  const held = holdDatabase(join(data, 'archive.db'), undefined);
  held.copyTo(join(fresh, 'archive.db'), key);
  held.release();
  writeHeader(fresh, withPassphrase(newHeader(0), key, 'passphrase', 'correct horse battery'), key);
  commitSwap(data);
  expect((await run('encryption', 'status')).out).toContain('is encrypted since');
  expect(await runIn(home, ['conversations', '--json', '--data', data], { UNDERSTUDY_PASSPHRASE_FILE: phrase })).toMatchObject({ code: 0 });
});

it('the keychain alone opens the folder, for as long as it is there; a passphrase is a second way', async () => {
  machine.locked = true;
  expect(await run('encryption', 'on', '--keychain')).toMatchObject({ code: 1, note: expect.stringContaining('Use a passphrase') });
  machine.installed = false;
  expect(await run('encryption', 'on', '--keychain')).toMatchObject({ code: 1, note: expect.stringContaining('npm i @napi-rs/keyring') });
  Object.assign(machine, { locked: false, installed: true });
  expect((await run('encryption', 'status')).out).toContain('is not encrypted');

  expect((await run('encryption', 'on', '--keychain')).code).toBe(0);
  expect(JSON.parse((await run('encryption', 'status', '--json')).out)).toMatchObject({
    ways: ['keychain', 'recovery'],
    opensUnasked: true,
  });
  expect((await run('conversations', '--json')).code).toBe(0);
  expect(await run('encryption', 'keychain', '--remove')).toMatchObject({ code: 2, note: expect.stringContaining('passphrase first') });
  machine.locked = true;
  expect(await run('conversations')).toMatchObject({ code: 1, note: expect.stringContaining("couldn't access platform storage") });
  machine.locked = false;

  expect((await run('encryption', 'passphrase', '--new-passphrase-file', phrase)).code).toBe(0);
  expect((await run('encryption', 'keychain', '--remove')).code).toBe(0);
  expect(machine.kept.size).toBe(0);
  expect(await run('conversations')).toMatchObject({ code: 1, note: expect.stringContaining('its key is not known here') });
  const unlocked = await runIn(home, ['encryption', 'keychain', '--data', join(home, 'data')], { UNDERSTUDY_PASSPHRASE_FILE: phrase });
  expect(unlocked.code).toBe(0);
  expect((await run('conversations', '--json')).code).toBe(0);
}, 60_000);
