import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inPlain } from '../../archive/encryption/in-plain.ts';
import { HOW_TO_GET_IT, libraryProblem } from '../../journal/at-rest/encrypted-database.ts';
import { isEncrypted, readHeader } from '../../journal/at-rest/header.ts';
import type { Context } from '../command.ts';
import { unlocked } from '../encryption/unlock.ts';
import type { Finding } from './doctor-finding.ts';

/** How what is kept lies on the disk. Nothing is said of a folder that is not encrypted on a disk that does not say how it is. */
export async function encryptionFindings(data: string, context: Pick<Context, 'terminal' | 'deps'>): Promise<Finding[]> {
  const about = 'encryption';
  if (!isEncrypted(data)) {
    const volume = encryptedVolume(data);
    return volume === undefined ? [] : [{ about, state: 'good', said: `the data folder is on an encrypted volume (${volume})` }];
  }
  const header = readHeader(data);
  if (!header.ok) return [{ about, state: 'bad', said: header.error.reason, advice: header.error.action }];
  const lacking = libraryProblem();
  if (lacking !== undefined) return [{ about, state: 'bad', said: `the data folder is encrypted, and ${lacking}`, advice: HOW_TO_GET_IT }];
  // The doctor asks nobody for a passphrase.
  const key = await unlocked(data, { ...context, terminal: { ...context.terminal, canAsk: false } });
  const ways = header.value.slots.map(({ type }) => type).join(', ');
  const findings: Finding[] = key.ok
    ? [{ about, state: 'good', said: `the data folder is encrypted, and opened without being asked (${ways})` }]
    : [
        {
          about,
          state: 'look',
          said: `the data folder is encrypted (${ways}); a server that nobody sits at answers, and saves nothing`,
          advice: 'understudy encryption keychain, or UNDERSTUDY_PASSPHRASE_FILE: docs/encryption.md.',
        },
      ];
  const plain = inPlain(data);
  if (plain.length > 0)
    findings.push({
      about,
      state: 'look',
      said: `not encrypted, from before: ${plain.join(', ')}`,
      advice: 'Delete what you need no more.',
    });
  return findings;
}

/** File systems that encrypt by themselves, as /proc/self/mountinfo names them. */
const ENCRYPTING = new Set(['ecryptfs', 'fuse.gocryptfs', 'fuse.encfs', 'fuse.cryfs', 'fuse.securefs']);

/** On Linux, what encrypts the volume that a path is on; `undefined`: nothing, or it can't be seen. FileVault and BitLocker are asked for by their own tools. */
export function encryptedVolume(path: string, root = '/'): string | undefined {
  try {
    const real = realpathSync(path);
    const mounts = readFileSync(join(root, 'proc/self/mountinfo'), 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, , , , place]) => place !== undefined && (real === place || real.startsWith(place.endsWith('/') ? place : `${place}/`)))
      .toSorted((one, other) => other[4]!.length - one[4]!.length);
    const mount = mounts[0];
    if (!mount) return undefined;
    const kind = mount[mount.indexOf('-') + 1] ?? '';
    return ENCRYPTING.has(kind) ? kind : cryptIn(join(root, 'sys/dev/block', mount[2] ?? ''), 0);
  } catch {
    return undefined;
  }
}

/** A device that device-mapper encrypts, or one that lies on such ones alone (LVM on LUKS). */
function cryptIn(device: string, depth: number): string | undefined {
  if (depth > 4) return undefined;
  const uuid = textIn(join(device, 'dm/uuid'));
  if (uuid.startsWith('CRYPT-')) return uuid.split('-').slice(1, 2).join('');
  const below = statSync(join(device, 'slaves'), { throwIfNoEntry: false }) ? readdirSync(join(device, 'slaves')) : [];
  const found = below.map((name) => cryptIn(join(device, 'slaves', name), depth + 1));
  return found.length > 0 && found.every((each) => each !== undefined) ? found[0] : undefined;
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
