import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import { publicHalf, signatureOf } from './signature.ts';

/** What an installation signs its reports with. It says nothing of who has it; two reports of one key are known to be of one installation. */
export interface InstallKey {
  /** 32 bytes, base64url. */
  publicKey: string;
  sign(text: string): string;
}

export function installKeyPath(dataFolder: string): string {
  return join(dataFolder, 'install-key.pem');
}

/** The key of a data folder, made when it is first wanted. The error is a sentence that says what to do. */
export function openInstallKey(dataFolder: string): Result<InstallKey, string> {
  const path = installKeyPath(dataFolder);
  try {
    const kept = read(path);
    if (kept !== undefined) return ok(usable(kept));
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const made = generateKeyPairSync('ed25519').privateKey;
    try {
      writeFileSync(path, pem(made), { mode: 0o600, flag: 'wx' });
      return ok(usable(made));
    } catch (error) {
      // Another process was first: its key counts.
      const theirs = read(path);
      if (theirs === undefined) throw error;
      return ok(usable(theirs));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(`The key that reports are signed with (${path}) can't be used: ${why}. Make a new one: understudy report --new-key`);
  }
}

/** Another key from now on. What the old one has said stays said, and nobody can tell that both are of one installation. */
export function replaceInstallKey(dataFolder: string): Result<InstallKey, string> {
  const path = installKeyPath(dataFolder);
  const fresh = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const made = generateKeyPairSync('ed25519').privateKey;
    rmSync(fresh, { force: true });
    writeFileSync(fresh, pem(made), { mode: 0o600, flag: 'wx' });
    renameSync(fresh, path);
    return ok(usable(made));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(`There is no new key, the old one stays: ${why}. Check permissions and space of ${dataFolder}.`);
  }
}

function read(path: string): KeyObject | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  // A copy from elsewhere may have come with wider permissions.
  chmodSync(path, 0o600);
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of another kind (${key.asymmetricKeyType})`);
  return key;
}

function pem(key: KeyObject): string | Buffer {
  return key.export({ format: 'pem', type: 'pkcs8' });
}

function usable(key: KeyObject): InstallKey {
  return { publicKey: publicHalf(key), sign: (text) => signatureOf(text, key) };
}
