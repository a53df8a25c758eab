import { ok } from '../../../exchange/result.ts';
import type { Happening } from '../../../telemetry/signal.ts';
import type { Channel } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { oneLine } from '../words.ts';

/** Tells whoever follows the changes feed: boards and terminals, which ring. */
export function bellChannel(tell: (happening: Extract<Happening, { type: 'alert' }>) => void): Channel {
  return {
    quiet: 'all',
    async send(message) {
      const { alert, title, lines, loud } = message;
      tell({ type: 'alert', alert, state: stateOf(message), title: oneLine(title), text: lines.map(oneLine).join('\n'), bell: loud });
      return ok({});
    },
  };
}

function stateOf({ kind }: AlertMessage): 'new' | 'update' | 'over' {
  if (kind === 'over' || kind === 'past') return 'over';
  return kind === 'update' ? 'update' : 'new';
}
