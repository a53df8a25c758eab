import { resolve } from 'node:path';
import { isCancel, password } from '@clack/prompts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { type DataKey, newDataKey } from '../../journal/at-rest/data-key.ts';
import { type EncryptionHeader, withKeychain, withPassphrase } from '../../journal/at-rest/header.ts';
import { newRecoveryCode } from '../../journal/at-rest/recovery-code.ts';
import { openKeychain } from '../../providers/sign-in/keychain.ts';
import type { Context } from '../command.ts';
import { passphraseIn, PASSPHRASE_FILE } from './unlock.ts';

/** What can be guessed in no time at all is refused; what can be guessed in a year is the user's to judge. */
const SHORTEST = 8;

/** A new passphrase: out of a file that the command names (or the environment, `fromEnvironment`), or asked for twice. The error is for people. */
export async function newPassphrase({ flags, terminal, deps }: Context, fromEnvironment: boolean): Promise<Result<string, string>> {
  const { surroundings } = deps;
  const named = flags.text('new-passphrase-file') ?? (fromEnvironment ? surroundings.environment[PASSPHRASE_FILE] : undefined);
  if (named !== undefined && named !== '') {
    const found = passphraseIn(resolve(surroundings.workingFolder, named), surroundings.platform);
    return found.ok ? longEnough(found.value) : found;
  }
  if (!terminal.canAsk) return err('Nobody can be asked for a passphrase here: give a file with it (--new-passphrase-file FILE).');
  const first = await password({
    message: 'A new passphrase (several words are better than one)',
    validate: (text) => (text !== undefined && text.length >= SHORTEST ? undefined : `At least ${SHORTEST} characters.`),
  });
  if (isCancel(first)) return err('Nothing was changed.');
  const second = await password({ message: 'Once more' });
  if (isCancel(second)) return err('Nothing was changed.');
  return first === second ? longEnough(first) : err('The two are not the same. Nothing was changed.');
}

function longEnough(text: string): Result<string, string> {
  return text.length >= SHORTEST ? ok(text) : err(`The passphrase is too short: at least ${SHORTEST} characters.`);
}

/** Has the operating system's keychain keep what opens the folder, and reads it back. */
export async function inKeychain(header: EncryptionHeader, key: DataKey): Promise<Result<EncryptionHeader, string>> {
  const entry = `data ${header.id}`;
  const keychain = await openKeychain(entry);
  if (!keychain)
    return err('The keychain can’t be used: its library is not installed. What to do: npm i @napi-rs/keyring, or a passphrase.');
  const secret = Buffer.from(newDataKey()).toString('base64');
  try {
    keychain.write(secret);
    if (keychain.read() !== secret) return err('The keychain does not give back what it was given. Use a passphrase.');
  } catch (error) {
    return err(`The keychain can’t be used here: ${error instanceof Error ? error.message : String(error)}. Use a passphrase.`);
  }
  return ok(withKeychain(header, key, entry, Buffer.from(secret, 'base64')));
}

/** A header that a new recovery code opens, too. */
export function withRecovery(header: EncryptionHeader, key: DataKey): { header: EncryptionHeader; code: string } {
  const code = newRecoveryCode();
  return { header: withPassphrase(header, key, 'recovery', code), code };
}

export function tellRecovery(code: string, { terminal }: Pick<Context, 'terminal'>): void {
  terminal.out('Recovery code, shown this once. Write it down, and keep it apart from this machine:');
  terminal.out('');
  terminal.out(`  ${code}`);
  terminal.out('');
}
