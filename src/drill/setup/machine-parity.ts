import { compareSetups, type BackupSetup, type Wanted } from './compare.ts';
import { isThere } from './machine-setup.ts';
import { readSetup, type Setup } from './read-setup.ts';
import { setupSummary } from './summary.ts';
import type { SetupWorld, Tool } from './tool.ts';
import { TOOLS } from './tools.ts';

export interface MachineParity {
  lead: Setup;
  compared: { found: BackupSetup; wanted: Wanted }[];
}

/** The lead against those of the others that are on this machine; `undefined`: the lead itself is not. */
export function machineParity(lead: Tool, others: readonly Tool[], world: SetupWorld): MachineParity | undefined {
  if (!isThere(lead, world)) return undefined;
  const setup = readSetup(lead, world);
  const there = others.filter((tool) => tool !== lead && isThere(tool, world));
  return { lead: setup, compared: there.map((tool) => compareSetups(setup, readSetup(tool, world), world)) };
}

/** For a report on backups: a line for each tool that lacks something of what Claude Code has; none where nothing is lacking. */
export function paritySummaries(world: SetupWorld): string[] {
  return (machineParity(TOOLS[0]!, TOOLS, world)?.compared ?? []).flatMap(({ found }) => setupSummary(found) ?? []);
}
