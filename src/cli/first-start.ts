import { join } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { CONFIG_NAME, configFolder } from '../config/paths.ts';
import { firstConfig, writeFirstConfig } from '../config/write.ts';
import { findPreset } from '../providers/catalogue.ts';
import type { Context } from './command.ts';
import type { OfferedKey } from './offered-keys.ts';
import type { Proposal } from './proposal.ts';
import { propose } from './proposal.ts';
import type { Terminal } from './terminal.ts';
import { flowed, shown, wrapped } from './wrap.ts';

/** Keys that lie in the environment were meant for something else: says who would receive what, and asks once. A written file is consent. */
export async function firstStart(keys: readonly OfferedKey[], { terminal, deps }: Context): Promise<'written' | 'declined' | 'cancelled'> {
  const { surroundings } = deps;
  const proposal = propose(keys, surroundings);
  const file = join(configFolder(surroundings), CONFIG_NAME);
  for (const line of consentLines(keys, proposal, file, terminal)) terminal.out(line);

  // No is preselected: a stray Enter must not send anybody's work to somebody else. y and n answer at once.
  const agreed = await confirm({ message: 'May your requests go to these services in these orders? (y/n)', initialValue: false });
  if (isCancel(agreed)) return 'cancelled';
  if (!agreed) {
    const again = `You said no: your keys are not used as backups. You will be asked again at the next start; to settle it, write ${file}.`;
    for (const line of ['', ...wrapped(again, terminal.width), '']) terminal.out(line);
    return 'declined';
  }
  const written = writeFirstConfig(file, firstConfig(proposal.config));
  if (!written.ok) {
    terminal.note(written.error);
    return 'declined';
  }
  for (const line of ['', ...wrapped(`Written: ${file}. Edit it at any time; changes take effect on saving.`, terminal.width), ''])
    terminal.out(line);
  return 'written';
}

/** Everything that Yes would write: who has a key here and what it does with content, each route with its order and its prices. */
export function consentLines(
  keys: readonly OfferedKey[],
  { routes }: Proposal,
  file: string,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string[] {
  const lines = [paint.bold('Keys in your environment')];
  for (const key of keys) {
    lines.push(`  ${key.variable} → ${key.title}`);
    lines.push(...wrapped(`      ${findPreset(key.provider)?.dataUse ?? ''}`, width, '      ').map(paint.dim));
  }
  lines.push(
    '',
    paint.bold('Proposed: who is asked, in which order'),
    ...wrapped('Each one asked receives the whole request. $: about what a million tokens cost.', width).map(paint.dim),
  );
  for (const { patterns, order } of routes) {
    const names = patterns.map((pattern) => (pattern === 'default' ? 'any other model' : pattern));
    lines.push(
      ...flowed(
        [`  For ${names[0]}`, ...names.slice(1)].map((name, index, all) => (index === all.length - 1 ? `${name}:` : name)),
        ', ',
        width,
        '      ',
      ),
    );
    const widest = Math.max(...order.map(({ target }) => target.length));
    const dearest = Math.max(...order.map(({ price }) => price.length));
    order.forEach(({ target, when, price }, index) => {
      const who = `    ${index + 1}. ${paint.accent(target.padEnd(widest))}`;
      const what = `${price.padStart(dearest)}  ${when}`;
      if (shown(who) + 2 + what.length <= width) lines.push(`${who}  ${what}`);
      else lines.push(`    ${index + 1}. ${paint.accent(target)}`, ...wrapped(`       ${what}`, width, '       '));
    });
  }
  if (keys.length === 1)
    lines.push(...wrapped('A key of a second service would give you a backup that does not share the first one’s outages.', width));
  lines.push(
    '',
    ...wrapped(`Yes writes this to ${file}, with the names of the variables and not the keys. No: each client’s own vendor only.`, width),
    '',
  );
  return lines;
}
