import { keepConversation, keptIds, unkeepConversation } from '../../archive/retention/kept.ts';
import { findConversation } from '../../archive/store/read.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { chosenConversation } from './chosen-conversation.ts';
import { openedArchive } from './open-archive.ts';

export const KEEPING = ['keep', 'unkeep', 'kept'] as const;

/** `understudy conversations keep ID`, `unkeep ID`, `kept`: what no retention rule removes. */
export async function keepingOf(what: (typeof KEEPING)[number], context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const opened = await openedArchive(context, what === 'kept' ? 'read' : 'write');
  if (!opened.ok) return opened.error;
  const { archive } = opened.value;
  try {
    if (what === 'kept') {
      const ids = [...keptIds(archive)];
      if (flags.on('json')) terminal.out(JSON.stringify(ids, null, 2));
      else for (const id of ids) terminal.out(`${id}  ${findConversation(archive, id)?.title ?? 'not here any more'}`);
      if (ids.length === 0) terminal.note('None is kept in particular. Keep one with: understudy conversations keep ID');
      return EXIT.done;
    }
    const [, ...words] = flags.words;
    const chosen = chosenConversation(archive, { ...context, flags: { ...flags, words } });
    if (!chosen.ok) {
      terminal.note(chosen.error);
      return EXIT.usage;
    }
    const { id } = chosen.value;
    if (what === 'keep') {
      keepConversation(archive, id, deps.clock.now());
      terminal.note(`${id} is kept, with its sub-agents’, whatever archive.retention says.`);
    } else {
      const wasKept = unkeepConversation(archive, id);
      terminal.note(wasKept ? `${id} is kept no longer: rules may reach it.` : `${id} was not kept in particular.`);
    }
    return EXIT.done;
  } finally {
    archive.close();
  }
}
