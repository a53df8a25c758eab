/** Matches names against `*` (any run of characters), `?` (one) and `[0-9a-z]` (one of a set); everything else is itself. */
export function globMatcher(glob: string): (name: string) => boolean {
  let pattern = '';
  for (let at = 0; at < glob.length; at++) {
    const letter = glob[at]!;
    const end = letter === '[' ? glob.indexOf(']', at + 2) : -1;
    if (letter === '*') pattern += '.*';
    else if (letter === '?') pattern += '.';
    else if (end > 0 && validSet(glob.slice(at, end + 1))) {
      pattern += glob.slice(at, end + 1);
      at = end;
    } else pattern += letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  const expression = new RegExp(`^${pattern}$`, 's');
  return (name) => expression.test(name);
}

function validSet(set: string): boolean {
  return /^\[(?:[A-Za-z0-9._](?:-[A-Za-z0-9._])?)+\]$/.test(set) && [...set.matchAll(/(.)-(.)/g)].every(([, from, to]) => from! <= to!);
}
