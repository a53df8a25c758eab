import type { DataKey } from './data-key.ts';
import { isEncrypted } from './header.ts';
import { isSwapping } from './swap.ts';

export const HOW_TO_UNLOCK =
  'name a file with the passphrase in UNDERSTUDY_PASSPHRASE_FILE, use the keychain (understudy encryption keychain), or start it at a terminal';

/** Why nothing in a data folder may be opened with what is known of its key. */
export interface LockedProblem {
  type: 'locked';
  reason: string;
  action: string;
}

/** An encrypted folder gets no plain file, and none is opened while it is in neither state. */
export function lockedProblem(folder: string, key: DataKey | undefined): LockedProblem | undefined {
  if (isSwapping(folder)) {
    return {
      type: 'locked',
      reason: `encrypting or decrypting ${folder} was interrupted at its end`,
      action: 'finish it: understudy encryption status (or start the server)',
    };
  }
  if (key || !isEncrypted(folder)) return undefined;
  return { type: 'locked', reason: `${folder} is encrypted, and its key is not known here`, action: HOW_TO_UNLOCK };
}
