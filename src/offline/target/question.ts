import type { Message, Request } from '../../exchange/request.ts';
import { withoutInjected } from '../../archive/exchanges/injected.ts';

/** What is asked: the last words of the user, without what clients put there by themselves. Results of tools are no words. */
export function questionOf({ messages }: Pick<Request, 'messages'>): string {
  for (const message of messages.toReversed()) {
    if (message.role !== 'user') continue;
    const text = withoutInjected(wordsOf(message));
    if (text !== '') return text;
  }
  return '';
}

function wordsOf({ parts }: Message): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
