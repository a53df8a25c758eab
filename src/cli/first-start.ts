import { confirm, isCancel, note } from '@clack/prompts';
import type { Context } from './command.ts';
import type { OfferedKey } from './offered-keys.ts';

/** Says who would receive what and asks once. */
export async function firstStart(keys: readonly OfferedKey[], _context: Context): Promise<'written' | 'declined' | 'cancelled'> {
  note(keys.map((key) => `${key.title}: ${key.variable}`).join('\n'), 'Keys in your environment');
  const agreed = await confirm({ message: 'Write this?' });
  return isCancel(agreed) ? 'cancelled' : agreed ? 'written' : 'declined';
}
