import { join } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { amendConfig } from '../config/amend.ts';
import { findConfig } from '../config/load.ts';
import { CONFIG_NAME, configFolder } from '../config/paths.ts';
import { claudeTerms } from './claude-terms.ts';
import type { Context } from './command.ts';
import { EXIT } from './exit-code.ts';

const SETTING: [string, ...string[]] = ['providers', 'anthropic', 'subscription'];

/** Lets Claude Code's own login go along, once the user has seen the vendor's terms and said yes. */
export async function loginClaude(context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  for (const line of claudeTerms) terminal.note(line);
  terminal.note('');
  if (!flags.on('accept-terms')) {
    if (!terminal.canAsk) {
      terminal.note(
        'Nobody can be asked here, and nothing was changed. Whoever has read this and agrees to it says so with --accept-terms.',
      );
      return EXIT.usage;
    }
    const agreed = await confirm({ message: 'Let the login of your Claude Code go along? (y/n)', initialValue: false });
    if (isCancel(agreed)) return EXIT.interrupted;
    if (!agreed) {
      terminal.note('Nothing was changed. Your login stays with Claude Code alone.');
      return EXIT.done;
    }
  }
  const file = configFile(context);
  const amended = amendConfig(file, { path: SETTING, value: 'pass-through' }, deps.surroundings);
  if (!amended.ok) {
    for (const line of amended.error) terminal.note(line);
    terminal.note('Nothing was changed.');
    return EXIT.usage;
  }
  terminal.out(`${amended.value === 'written' ? 'Written' : 'As it was'}: ${SETTING.join('.')}: pass-through in ${file}.`);
  terminal.out('From now on: understudy run claude. A route with others on it is what stands in while Claude is down: docs/accounts.md.');
  terminal.out('Undo it with: understudy logout claude-code');
  return EXIT.done;
}

export function logoutClaude(context: Context): number {
  const { terminal, deps } = context;
  const file = configFile(context);
  const amended = amendConfig(file, { path: SETTING, value: undefined }, deps.surroundings);
  if (!amended.ok) {
    for (const line of amended.error) terminal.note(line);
    return EXIT.usage;
  }
  const said = amended.value === 'written' ? `Taken out of ${file}: the` : 'Nothing was to be taken out: the';
  terminal.out(`${said} login of Claude Code stays with Claude Code alone. You are still signed in there.`);
  return EXIT.done;
}

/** The one that counts, or where the first one is to be. */
export function configFile({ flags, deps }: Pick<Context, 'flags' | 'deps'>): string {
  const file = flags.text('config');
  const found = findConfig({ ...deps.surroundings, ...(file !== undefined && { file }) });
  return found ?? join(configFolder(deps.surroundings), CONFIG_NAME);
}
