import type { BackupSetup, State } from './compare.ts';

/** One line about a backup for a report: `codex lacks 2 MCP servers and the rules of CLAUDE.md`; `undefined` where it lacks nothing. */
export function setupSummary(backup: BackupSetup): string | undefined {
  const parts = WORDS.flatMap(([verb, states]) => {
    const servers = backup.servers.filter(({ state }) => states.includes(state)).length;
    const files = backup.instructions.filter(({ state }) => states.includes(state)).flatMap(({ from }) => from.map(lastName));
    const what = [
      ...(servers > 0 ? [`${servers} MCP server${servers === 1 ? '' : 's'}`] : []),
      ...(files.length > 0 ? [`the rules of ${[...new Set(files)].join(', ')}`] : []),
    ];
    return what.length === 0 ? [] : [`${verb} ${what.join(' and ')}`];
  });
  return parts.length === 0 ? undefined : `${backup.tool} ${parts.join('; ')}`;
}

const WORDS: readonly [string, readonly State[]][] = [
  ['lacks', ['lacks', 'by-hand']],
  ['has otherwise', ['differs']],
  ['has an old copy of', ['outdated']],
];

const lastName = (path: string): string => path.split(/[\\/]/).at(-1)!;
