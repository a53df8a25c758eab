import { paritySummaries } from '../../drill/setup/machine-parity.ts';
import { setupWorld } from '../../drill/setup/machine-setup.ts';
import type { Surroundings } from '../deps.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** What a report on backups says of the tools themselves: a backup that answers, but without one's rules and servers, is half of one. */
export function toolSetupLines(surroundings: Surroundings, terminal: Terminal): string[] {
  const lacking = paritySummaries(setupWorld(surroundings, surroundings.workingFolder));
  if (lacking.length === 0) return [];
  return ['', ...lacking.flatMap((each) => wrapped(`Set-up: ${each}.`, terminal.width, '  ')), 'See understudy parity.'];
}
