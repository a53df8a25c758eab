import { readFileSync, statSync } from 'node:fs';
import { isCancel, password } from '@clack/prompts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { type EncryptionHeader, isEncrypted, readHeader, unlock, type UnlockProblem } from '../../journal/at-rest/header.ts';
import { HOW_TO_UNLOCK } from '../../journal/at-rest/locked.ts';
import { readRecoveryCode } from '../../journal/at-rest/recovery-code.ts';
import { finishSwap, isSwapping } from '../../journal/at-rest/swap.ts';
import { lockFolder } from '../../journal/lock.ts';
import { openKeychain } from '../../providers/sign-in/keychain.ts';
import type { Context } from '../command.ts';

/** Names a file whose first line is the passphrase, or the recovery code, of the data folder: for servers that nobody sits at. */
export const PASSPHRASE_FILE = 'UNDERSTUDY_PASSPHRASE_FILE';
const TRIES = 3;

/**
 * The key of a data folder (or of a backup): by the file that the environment names, by the keychain, or by asking. `undefined`: it is not encrypted.
 * The error is a sentence that says what to do. Blocks for a third of a second for a passphrase.
 */
export async function unlocked(folder: string, context: Pick<Context, 'terminal' | 'deps'>): Promise<Result<DataKey | undefined, string>> {
  const swapped = finished(folder, context);
  if (!swapped.ok) return swapped;
  if (!isEncrypted(folder)) return ok(undefined);
  const header = readHeader(folder);
  if (!header.ok) return err(`${header.error.reason}. What to do: ${header.error.action}.`);
  const { environment, platform } = context.deps.surroundings;
  const file = environment[PASSPHRASE_FILE];
  if (file !== undefined && file !== '') {
    const secret = passphraseIn(file, platform);
    return secret.ok ? opened(folder, header.value, secret.value, `the passphrase in ${file} (${PASSPHRASE_FILE})`) : secret;
  }
  const kept = await fromKeychain(folder, header.value);
  if (kept.ok) return kept;
  if (context.terminal.canAsk) return asked(folder, header.value);
  const keychain = kept.error === undefined ? '' : ` The keychain does not open it: ${kept.error}.`;
  return err(`${folder} is encrypted, and its key is not known here.${keychain} What to do: ${HOW_TO_UNLOCK}.`);
}

/** What was interrupted at its end is brought to it; there is nothing to decide any more. */
function finished(folder: string, { deps }: Pick<Context, 'deps'>): Result<undefined, string> {
  if (!isSwapping(folder)) return ok(undefined);
  const lock = lockFolder(folder, { pid: process.pid, started: deps.clock.now() });
  if (!lock.ok) return err(`${folder} is just being encrypted or decrypted. Wait until that is done.`);
  try {
    finishSwap(folder);
    return ok(undefined);
  } catch (error) {
    return err(
      `Encrypting or decrypting ${folder} could not be finished: ${String(error)}. Free some space, check permissions, and try again.`,
    );
  } finally {
    lock.value.release();
  }
}

/** The first line of a file that is for its owner only. */
export function passphraseIn(file: string, platform: NodeJS.Platform): Result<string, string> {
  try {
    if (platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
      return err(`${file} holds a passphrase and can be read by others. What to do: chmod 600 ${file}.`);
    }
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
    return line === '' ? err(`${file} is empty: its first line has to be the passphrase.`) : ok(line);
  } catch (error) {
    return err(`The file with the passphrase can't be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** By a passphrase, or a recovery code in its place. */
function opened(folder: string, header: EncryptionHeader, text: string, what: string): Result<DataKey, string> {
  const code = readRecoveryCode(text);
  const first = unlock(folder, header, { type: 'passphrase', text });
  const found = first.ok || code === undefined ? first : unlock(folder, header, { type: 'recovery', text: code });
  return found.ok ? found : err(problemText(folder, found.error, what));
}

function problemText(folder: string, problem: UnlockProblem, what: string): string {
  switch (problem) {
    case 'wrong':
      return `${what} does not open ${folder}.`;
    case 'no-slot':
      return `${folder} has no passphrase. What to do: use its keychain or its recovery code.`;
    case 'tampered':
      return `${folder}/encryption.json is not what Understudy wrote. What to do: put it back from a backup of the data folder.`;
  }
}

/** `undefined`: there is none in it. */
async function fromKeychain(folder: string, header: EncryptionHeader): Promise<Result<DataKey, string | undefined>> {
  const slot = header.slots.find(({ type }) => type === 'keychain');
  if (slot?.type !== 'keychain') return err(undefined);
  const keychain = await openKeychain(slot.entry);
  if (!keychain) return err('its library is not installed (npm i @napi-rs/keyring)');
  try {
    const secret = keychain.read();
    if (secret === undefined) return err('it does not have its key (another user, or another machine)');
    const found = unlock(folder, header, { type: 'keychain', bytes: Buffer.from(secret, 'base64') });
    return found.ok ? found : err('it has another key');
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

async function asked(folder: string, header: EncryptionHeader): Promise<Result<DataKey, string>> {
  for (let count = 1; ; count++) {
    const again = count === 1 ? '' : 'That does not open it. ';
    const text = await password({ message: `${again}Passphrase (or recovery code) of ${folder}` });
    if (isCancel(text)) return err(`${folder} stays locked.`);
    const found = opened(folder, header, text, 'That');
    if (found.ok || count === TRIES) return found;
  }
}
