import type { Part, TextPart } from '../exchange/part.ts';
import type { Message } from '../exchange/request.ts';
import type { LossLog } from './losses.ts';

/**
 * The same conversation for a model that knows no tools: it would refuse calls and results, so it is told in words what was called and what
 * came back.
 */
export function toolsAsText(messages: readonly Message[], losses: LossLog): Message[] {
  const names = new Map<string, string>();
  return messages.map((message, at) => ({
    ...message,
    parts: message.parts.flatMap((part, index) => {
      const where = `messages[${at}].parts[${index}]`;
      if (part.type === 'tool-call') {
        names.set(part.id, part.name);
        losses.lose(where, 'told as text: the model knows no tools');
        return [said(`[Called the tool ${part.name} with ${part.arguments || '{}'}]`)];
      }
      if (part.type !== 'tool-result') return [part];
      losses.lose(where, 'told as text: the model knows no tools');
      const name = names.get(part.callId) ?? part.callId;
      const content: Part[] = part.content;
      return [said(`[${part.isError ? 'Failure' : 'Result'} of the tool ${name}]`), ...content];
    }),
  }));
}

function said(text: string): TextPart {
  return { type: 'text', text };
}
