import { join } from 'node:path';

/** `~` and `~/…` as people write them in settings. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}
