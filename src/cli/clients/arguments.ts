/** The value of an option such as `--model` in arguments that are another program's: `--model x`, `--model=x`, `-m x`. The last one counts. */
export function optionIn(args: readonly string[], names: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < args.length && args[index] !== '--'; index++) {
    const word = args[index]!;
    if (names.includes(word)) found = args[index + 1];
    else for (const name of names) if (name.startsWith('--') && word.startsWith(`${name}=`)) found = word.slice(name.length + 1);
  }
  return found;
}

/** The same arguments without an option and its values. */
export function withoutOption(args: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    if (args[index] === '--') return [...kept, ...args.slice(index)];
    if (args[index] === name) index++;
    else if (!args[index]!.startsWith(`${name}=`)) kept.push(args[index]!);
  }
  return kept;
}
