import { copyFileSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Ready } from '../clients/client.ts';

/** Makes the files that one process of a client is to have, for its user's eyes only. */
export function layOut({ files, links = [] }: Pick<Ready, 'files' | 'links'>, platform: NodeJS.Platform): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  for (const { path, to, folder } of links) {
    if (folder) mkdirSync(to, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (platform !== 'win32') symlinkSync(to, path);
    // Windows lets everybody link folders, and only some people files.
    else if (statSync(to).isDirectory()) symlinkSync(to, path, 'junction');
    else copyFileSync(to, path);
  }
}
