import { join } from 'node:path';
import { confirm, isCancel, note } from '@clack/prompts';
import { CONFIG_NAME, configFolder } from '../config/paths.ts';
import { firstConfig, writeFirstConfig } from '../config/write.ts';
import { findPreset } from '../providers/catalogue.ts';
import type { Context } from './command.ts';
import type { OfferedKey } from './offered-keys.ts';
import { propose } from './proposal.ts';
import { table } from './table.ts';

/** Keys that lie in the environment were meant for something else: says who would receive what, and asks once. A written file is consent. */
export async function firstStart(keys: readonly OfferedKey[], { terminal, deps }: Context): Promise<'written' | 'declined' | 'cancelled'> {
  const { surroundings } = deps;
  const { config, order } = propose(keys, surroundings);
  const file = join(configFolder(surroundings), CONFIG_NAME);

  note(
    keys.map((key) => `${key.variable} → ${key.title}\n  ${findPreset(key.provider)?.dataUse ?? ''}`).join('\n'),
    'Keys in your environment',
  );
  const rows = order.map(({ target, receives, price }, index) => [`${index + 1}.`, target, receives, price]);
  note(
    table([{ title: '' }, { title: 'asked' }, { title: 'receives' }, { title: 'costs' }], rows).join('\n'),
    'Proposed order, for models without a route of their own',
  );
  if (keys.length === 1) terminal.out('A key of a second service would give you a backup that does not share the first one’s outages.');

  const agreed = await confirm({
    message: `May your requests go to these services in this order? Yes writes ${file}; no: each client's own vendor only.`,
  });
  if (isCancel(agreed)) return 'cancelled';
  if (!agreed) return 'declined';
  const written = writeFirstConfig(file, firstConfig(config));
  if (!written.ok) {
    terminal.note(written.error);
    return 'declined';
  }
  terminal.out(`Written: ${file}. Edit it at any time; changes take effect on saving.`);
  return 'written';
}
