import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join, relative, isAbsolute, sep } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';

/**
 * Where a path really leads, if that is within one of the roots; nothing is written anywhere else. Links within a root are followed (a
 * home kept by a dotfiles manager), those out of it are not.
 */
export function safePlace(path: string, roots: readonly string[]): Result<string, string> {
  const missing: string[] = [];
  let there = path;
  while (!isThere(there)) {
    if (dirname(there) === there) return err(`${path} is nowhere`);
    missing.unshift(relative(dirname(there), there));
    there = dirname(there);
  }
  let real: string;
  try {
    real = join(realpathSync(there), ...missing);
  } catch {
    return err(`${there} is a link to what is not there`);
  }
  const isWithin = roots.some((root) => {
    const way = relative(realOr(root), real);
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
  });
  return isWithin ? ok(real) : err(`${path} leads out of your home and the project, to ${real}`);
}

/** A dangling link is there too. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
