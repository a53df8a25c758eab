import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DrillReport } from '../drill/run.ts';
import type { Script } from '../drill/script.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import type { CliDeps } from './deps.ts';
import { scoreboard } from './drill-view.ts';
import { terminal } from './terminal.ts';

/** Figures without their circumstances are hearsay: date, commit, seed and machine go with them. */
export function writeDrillReport(file: string, report: DrillReport, script: Script, deps: CliDeps): Result<void, string> {
  const { paint } = terminal({ stdin: {}, stdout: { write: () => {} }, stderr: { write: () => {} } }, {});
  const text = [
    `# Drill: ${report.script}`,
    '',
    `- date: ${new Date(deps.clock.now()).toISOString()}`,
    `- commit: ${commit()}`,
    `- seed: ${report.seed}`,
    `- machine: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${deps.surroundings.nodeVersion}, Understudy ${deps.version}`,
    `- providers: simulated, on this machine`,
    '',
    script.about.trim(),
    '',
    '```',
    ...scoreboard(report, script, paint),
    '```',
    '',
  ].join('\n');
  try {
    writeFileSync(file, text);
    return ok(undefined);
  } catch (error) {
    return err(`The report could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Of these sources, wherever the command was typed; not of whichever repository the installed package lies in. */
function commit(): string {
  try {
    return execFileSync('git', ['--git-dir', fileURLToPath(new URL('../../.git', import.meta.url)), 'rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'none: not run from a clone';
  }
}
