import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { type DataKey, derivedKey } from './data-key.ts';
import { freshStretch, stretch, type Stretched, unwrapKey, type WrappedKey, wrapKey } from './wrap.ts';

/** A way to the data key. A folder may have several: a passphrase, a keychain, and the recovery code. */
export type Slot =
  | ({ type: 'passphrase' | 'recovery'; stretched: Stretched } & WrappedKey)
  /** `entry`: under which name a keychain holds what unwraps it. */
  | ({ type: 'keychain'; entry: string } & WrappedKey);

/** What a data folder says of its encryption: `encryption.json`. There is no secret in it, and without it nothing can be read. */
export interface EncryptionHeader {
  /** Random, of this folder and its copies: tells one folder's keys from another's. */
  id: string;
  /** UTC milliseconds. */
  since: number;
  slots: Slot[];
}

/** `missing`: the folder is not encrypted. `damaged`: nobody can tell what its slots are. `newer`: they can, but not we. */
export type HeaderProblem = { type: 'missing' | 'damaged' | 'newer'; reason: string; action: string };

/** Why a secret does not open a folder. `tampered`: it does, but the header is not what it was when it was written with this key. */
export type UnlockProblem = 'wrong' | 'no-slot' | 'tampered';

const NAME = 'encryption.json';
const VERSION = 1;

export function headerPath(folder: string): string {
  return join(folder, NAME);
}

export function isEncrypted(folder: string): boolean {
  return existsSync(headerPath(folder));
}

export function newHeader(since: number): EncryptionHeader {
  return { id: randomBytes(8).toString('hex'), since, slots: [] };
}

export function readHeader(folder: string): Result<EncryptionHeader, HeaderProblem> {
  const path = headerPath(folder);
  const restored = `put ${NAME} back from a backup of the data folder: without it nothing in ${folder} can be read`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) return err({ type: 'missing', reason: `${folder} is not encrypted`, action: 'understudy encryption on' });
    return err({ type: 'damaged', reason: `${path} can't be read: ${String(error)}`, action: restored });
  }
  const value = parseObject(text);
  if (!value || value['understudy'] !== 'encryption') return err({ type: 'damaged', reason: `${path} is damaged`, action: restored });
  if (value['version'] !== VERSION) {
    return err({ type: 'newer', reason: `${path} was written by a newer Understudy`, action: 'update Understudy' });
  }
  const { id, since, slots } = value;
  if (typeof id !== 'string' || typeof since !== 'number' || !Array.isArray(slots) || !slots.every(isSlot)) {
    return err({ type: 'damaged', reason: `${path} is damaged`, action: restored });
  }
  return ok({ id, since, slots: slots as unknown as Slot[] });
}

function isSlot(value: unknown): boolean {
  if (!isObject(value as never)) return false;
  const slot = value as Record<string, unknown>;
  if (!['nonce', 'wrapped', 'tag'].every((name) => typeof slot[name] === 'string')) return false;
  if (slot['type'] === 'keychain') return typeof slot['entry'] === 'string';
  const stretched = slot['stretched'] as Record<string, unknown> | undefined;
  return (
    (slot['type'] === 'passphrase' || slot['type'] === 'recovery') &&
    stretched?.['kdf'] === 'scrypt' &&
    ['N', 'r', 'p'].every((name) => typeof stretched[name] === 'number') &&
    typeof stretched['salt'] === 'string'
  );
}

/** As a whole or not at all, through to the disk: what is lost with it is everything. Throws what node:fs throws. */
export function writeHeader(folder: string, header: EncryptionHeader, key: DataKey): void {
  const path = headerPath(folder);
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, headerText(header, key));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

function headerText(header: EncryptionHeader, key: DataKey): string {
  return `${JSON.stringify({ understudy: 'encryption', version: VERSION, ...header, seal: sealOf(header, key) }, undefined, 2)}\n`;
}

function sealOf({ id, since, slots }: EncryptionHeader, key: DataKey): string {
  return createHmac('sha256', derivedKey(key, 'header')).update(JSON.stringify({ id, since, slots })).digest('base64');
}

export function withPassphrase(header: EncryptionHeader, key: DataKey, type: 'passphrase' | 'recovery', secret: string): EncryptionHeader {
  const stretched = freshStretch();
  return withSlot(header, { type, stretched, ...wrapKey(key, stretch(secret, stretched), aboutOf(header, type)) });
}

/** `secret`: what the keychain holds under `entry`; 32 bytes. */
export function withKeychain(header: EncryptionHeader, key: DataKey, entry: string, secret: Uint8Array): EncryptionHeader {
  return withSlot(header, { type: 'keychain', entry, ...wrapKey(key, secret, aboutOf(header, 'keychain')) });
}

/** One of each kind. */
function withSlot(header: EncryptionHeader, slot: Slot): EncryptionHeader {
  return { ...header, slots: [...header.slots.filter(({ type }) => type !== slot.type), slot] };
}

export function withoutSlot(header: EncryptionHeader, type: Slot['type']): EncryptionHeader {
  return { ...header, slots: header.slots.filter((slot) => slot.type !== type) };
}

function aboutOf({ id }: EncryptionHeader, type: Slot['type']): string {
  return `understudy ${id} ${type}`;
}

/** Takes about a third of a second for a passphrase. */
export function unlock(
  folder: string,
  header: EncryptionHeader,
  secret: { type: 'passphrase' | 'recovery'; text: string } | { type: 'keychain'; bytes: Uint8Array },
): Result<DataKey, UnlockProblem> {
  const slot = header.slots.find(({ type }) => type === secret.type);
  if (!slot) return err('no-slot');
  let wrapping: Uint8Array;
  try {
    if (secret.type === 'keychain') wrapping = secret.bytes;
    else if (slot.type === 'keychain') return err('no-slot');
    else wrapping = stretch(secret.text, slot.stretched);
  } catch {
    return err('tampered');
  }
  const key = unwrapKey(slot, wrapping, aboutOf(header, secret.type));
  if (!key) return err('wrong');
  return isAsSealed(folder, header, key) ? ok(key) : err('tampered');
}

function isAsSealed(folder: string, header: EncryptionHeader, key: DataKey): boolean {
  const seal = parseObject(readFileSync(headerPath(folder), 'utf8'))?.['seal'];
  const found = Buffer.from(typeof seal === 'string' ? seal : '', 'base64');
  const wanted = Buffer.from(sealOf(header, key), 'base64');
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}
