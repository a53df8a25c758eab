import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, type JsonObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Registration } from './authorization.ts';
import type { Person } from './id-token.ts';
import type { Keychain } from './keychain.ts';
import type { Tokens } from './tokens.ts';

/** What is kept of a sign-in. Without `account` nobody is signed in. */
export interface SignInRecord extends Registration {
  account?: Account;
}

export interface Account extends Person {
  tokens: Tokens;
  /** UTC milliseconds of the last time that the server gave tokens: they are good for 30 days from then. */
  renewed: number;
}

export interface SignInStore {
  /** Nothing where nothing is kept. */
  read(): Result<SignInRecord | undefined, string>;
  /** Replaces it as a whole, or leaves it as it was. Says where it is kept now. */
  write(record: SignInRecord): Result<'keychain' | 'file', string>;
  /** The file that is used without a keychain. */
  file: string;
}

/** The operating system's keychain where there is one that works, else a file that only its owner may read. */
export function signInStore(file: string, platform: NodeJS.Platform, keychain: Keychain | undefined): SignInStore {
  return {
    file,
    read() {
      const kept = attempt(() => keychain?.read());
      const record = kept.ok && kept.value !== undefined ? readRecord(kept.value) : undefined;
      return record ? ok(record) : readFile(file, platform);
    },
    write(record) {
      const text = JSON.stringify(record);
      // In the keychain first: what is there wins over a file that could not be taken away.
      if (keychain && attempt(() => keychain.write(text)).ok) {
        attempt(() => rmSync(file, { force: true }));
        return ok('keychain');
      }
      const written = attempt(() => replaceFile(file, text));
      if (!written.ok) return err(`${file} cannot be written (${written.error})`);
      if (keychain) attempt(() => keychain.remove());
      return ok('file');
    },
  };
}

function readFile(file: string, platform: NodeJS.Platform): Result<SignInRecord | undefined, string> {
  const text = attempt(() => ({ mode: statSync(file).mode & 0o777, text: readFileSync(file, 'utf8') }));
  if (!text.ok) return text.error === 'ENOENT' ? ok(undefined) : err(`${file} cannot be read (${text.error})`);
  if (platform !== 'win32' && (text.value.mode & 0o077) !== 0)
    return err(`${file} can be read by others (mode ${text.value.mode.toString(8)}); run: chmod 600 ${file}`);
  const record = readRecord(text.value.text);
  return record ? ok(record) : err(`${file} holds no sign-in; delete it and sign in again`);
}

/** On the disk before it stands in the old one's place: a crash leaves one or the other, and never half of one. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}

function attempt<Value>(work: () => Value): Result<Value, string> {
  try {
    return ok(work());
  } catch (cause) {
    return err(cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error');
  }
}

function readRecord(text: string): SignInRecord | undefined {
  const json = parseObject(text);
  if (!json || typeof json['installation'] !== 'string') return undefined;
  const record: SignInRecord = { installation: json['installation'] };
  if (typeof json['clientId'] === 'string') record.clientId = json['clientId'];
  if (typeof json['email'] === 'string') record.email = json['email'];
  const account = isObject(json['account']) ? readAccount(json['account']) : undefined;
  return account ? { ...record, account } : record;
}

function readAccount({ subject, email, renewed, tokens }: JsonObject): Account | undefined {
  if (typeof subject !== 'string' || typeof renewed !== 'number' || !isObject(tokens)) return undefined;
  const { access, accessUntil, refresh } = tokens;
  if (typeof access !== 'string' || typeof accessUntil !== 'number' || typeof refresh !== 'string') return undefined;
  return { subject, renewed, tokens: { access, accessUntil, refresh }, ...(typeof email === 'string' && { email }) };
}
