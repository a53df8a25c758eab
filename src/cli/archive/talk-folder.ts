import { existsSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import type { TalkFolder } from '../clients/client.ts';

/**
 * What a client is told of the folder that it is to work in. It is called unversioned where an assistant has worked in it before, for the same
 * user, and no repository holds it; never a home folder or a root, where everything lies that nobody meant.
 */
export function talkFolder(folder: string, project: string | undefined, home: string): TalkFolder {
  const place = resolve(folder);
  const isEverything = place === resolve(home) || place === parse(place).root;
  return { unversioned: folder === project && !isEverything && !isInRepository(place) };
}

/** As Codex looks: `.git` here or above, a folder or a file. */
function isInRepository(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (at === dirname(at)) return false;
  }
}
