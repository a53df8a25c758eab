import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { type EncryptionHeader, readHeader, withoutSlot, withPassphrase, writeHeader } from '../../journal/at-rest/header.ts';
import { openKeychain } from '../../providers/sign-in/keychain.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { inKeychain, newPassphrase, tellRecovery, withRecovery } from './new-secret.ts';
import { unlocked } from './unlock.ts';

/** Ways to the key are changed while a server runs, too: it has the key already. Nothing is encrypted anew. */
async function opened(data: string, context: Context): Promise<Result<{ header: EncryptionHeader; key: DataKey }, number>> {
  const { terminal } = context;
  const key = await unlocked(data, context);
  if (!key.ok) {
    terminal.note(key.error);
    return err(EXIT.failed);
  }
  const header = readHeader(data);
  if (!header.ok || key.value === undefined) {
    terminal.note(`${data} is not encrypted. Encrypt it: understudy encryption on`);
    return err(EXIT.usage);
  }
  return ok({ header: header.value, key: key.value });
}

export async function changePassphrase(data: string, context: Context): Promise<number> {
  const { terminal } = context;
  const found = await opened(data, context);
  if (!found.ok) return found.error;
  const { header, key } = found.value;
  const phrase = await newPassphrase(context, false);
  if (!phrase.ok) {
    terminal.note(phrase.error);
    return EXIT.usage;
  }
  writeHeader(data, withPassphrase(header, key, 'passphrase', phrase.value), key);
  terminal.out('The new passphrase opens it, and the old one no longer does. Backups from before are opened by the old one.');
  return EXIT.done;
}

export async function changeKeychain(data: string, context: Context): Promise<number> {
  const { terminal, flags } = context;
  const found = await opened(data, context);
  if (!found.ok) return found.error;
  const { header, key } = found.value;
  if (flags.on('remove')) {
    if (!header.slots.some(({ type }) => type === 'passphrase')) {
      terminal.note('Then only the recovery code would open it. Set a passphrase first: understudy encryption passphrase');
      return EXIT.usage;
    }
    writeHeader(data, withoutSlot(header, 'keychain'), key);
    const slot = header.slots.find(({ type }) => type === 'keychain');
    try {
      if (slot?.type === 'keychain') (await openKeychain(slot.entry))?.remove();
    } catch {
      // What it holds opens nothing any more.
    }
    terminal.out('The keychain no longer opens it.');
    return EXIT.done;
  }
  const kept = await inKeychain(header, key);
  if (!kept.ok) {
    terminal.note(kept.error);
    return EXIT.failed;
  }
  writeHeader(data, kept.value, key);
  terminal.out('The keychain opens it from now on, for this user on this machine.');
  return EXIT.done;
}

export async function newRecovery(data: string, context: Context): Promise<number> {
  const found = await opened(data, context);
  if (!found.ok) return found.error;
  const { header, code } = withRecovery(found.value.header, found.value.key);
  writeHeader(data, header, found.value.key);
  tellRecovery(code, context);
  context.terminal.out('The code from before opens it no longer.');
  return EXIT.done;
}
