import { type Files, nodeFiles } from '../files.ts';
import type { DataKey } from './data-key.ts';
import { encryptedLogFiles } from './log-files.ts';

/** The file system for the log of a data folder: with its key, if it is encrypted. */
export function filesOf(key: DataKey | undefined): Files {
  return key ? encryptedLogFiles(nodeFiles, key) : nodeFiles;
}
