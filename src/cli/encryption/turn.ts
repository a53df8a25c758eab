import { mkdirSync } from 'node:fs';
import { confirm, isCancel } from '@clack/prompts';
import { convert, type ConvertOptions, WAITERS_GIVE_UP } from '../../archive/encryption/convert.ts';
import { inPlain } from '../../archive/encryption/in-plain.ts';
import { newDataKey } from '../../journal/at-rest/data-key.ts';
import { HOW_TO_GET_IT, libraryProblem } from '../../journal/at-rest/encrypted-database.ts';
import { isEncrypted, newHeader, withPassphrase } from '../../journal/at-rest/header.ts';
import { lockFolder } from '../../journal/lock.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { inKeychain, newPassphrase, tellRecovery, withRecovery } from './new-secret.ts';
import { unlocked } from './unlock.ts';

export async function turnOn(data: string, context: Context): Promise<number> {
  const { terminal, flags, deps } = context;
  const before = await unlocked(data, context);
  if (isEncrypted(data)) {
    terminal.note(`${data} is encrypted already. See understudy encryption status.`);
    return EXIT.usage;
  }
  if (!before.ok) {
    terminal.note(before.error);
    return EXIT.failed;
  }
  const lacking = libraryProblem();
  if (lacking !== undefined) {
    terminal.note(`It can't be encrypted: ${lacking}. What to do: ${HOW_TO_GET_IT}.`);
    return EXIT.failed;
  }
  const key = newDataKey();
  const empty = newHeader(deps.clock.now());
  const phrase = flags.on('keychain') ? undefined : await newPassphrase(context, true);
  if (phrase && !phrase.ok) {
    terminal.note(phrase.error);
    return EXIT.usage;
  }
  const withWay = phrase
    ? { ok: true as const, value: withPassphrase(empty, key, 'passphrase', phrase.value) }
    : await inKeychain(empty, key);
  if (!withWay.ok) {
    terminal.note(withWay.error);
    return EXIT.failed;
  }
  const { header, code } = withRecovery(withWay.value, key);
  return turned(data, context, { from: undefined, to: { key, header } }, () => {
    tellRecovery(code, context);
    terminal.out(`${data} is encrypted: what is there, and what will be. The unencrypted files are deleted.`);
    terminal.note(
      'What a deleted file held can stay on a disk until it is written over, longest on an SSD. Where that matters, encrypt the whole disk: docs/encryption.md.',
    );
    for (const path of inPlain(data))
      terminal.note(`Not encrypted, from before: ${path}. Delete it, and make a new backup: understudy backup`);
    return EXIT.done;
  });
}

export async function turnOff(data: string, context: Context): Promise<number> {
  const { terminal, flags } = context;
  const key = await unlocked(data, context);
  if (!key.ok) {
    terminal.note(key.error);
    return EXIT.failed;
  }
  if (key.value === undefined) {
    terminal.note(`${data} is not encrypted.`);
    return EXIT.usage;
  }
  if (!flags.on('yes')) {
    if (!terminal.canAsk) {
      terminal.note('Nobody can be asked here: say --yes.');
      return EXIT.usage;
    }
    const answer = await confirm({ message: `Shall everything in ${data} be readable for whoever has the disk?`, initialValue: false });
    if (isCancel(answer) || !answer) return EXIT.interrupted;
  }
  return turned(data, context, { from: key.value, to: undefined }, () => {
    terminal.out(`${data} is no longer encrypted. Backups from before still are, with the passphrase of then.`);
    return EXIT.done;
  });
}

async function turned(data: string, context: Context, way: Pick<ConvertOptions, 'from' | 'to'>, done: () => number): Promise<number> {
  const { terminal, deps } = context;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = lockFolder(data, { pid: process.pid, started: deps.clock.now() });
  if (!lock.ok) {
    const { error } = lock;
    terminal.note(error.type === 'held' ? `A server works in ${data}. Stop it first.` : `${data} can't be written: ${String(error.error)}`);
    return EXIT.failed;
  }
  const stop = new AbortController();
  const undo = (['SIGINT', 'SIGTERM'] as const).map((each) => deps.surroundings.onSignal(each, () => stop.abort()));
  const line = (text: string): void => {
    if (terminal.screen) terminal.raw(`\r\u001b[2K${text.slice(0, terminal.width - 1)}`);
  };
  try {
    await convert({
      dataFolder: data,
      ...way,
      linger: WAITERS_GIVE_UP,
      signal: stop.signal,
      progress: (share, file) => line(`${String(Math.floor(share * 100)).padStart(3)} %  ${file}`),
    });
    line('');
    return done();
  } catch (error) {
    line('');
    if (stop.signal.aborted) {
      terminal.note('Stopped; everything is as it was.');
      return EXIT.interrupted;
    }
    terminal.note(`It came to nothing: ${error instanceof Error ? error.message : String(error)}. Everything is as it was.`);
    return EXIT.failed;
  } finally {
    for (const each of undo) each();
    lock.value.release();
  }
}
