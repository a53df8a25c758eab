import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';

/**
 * What is wrong with a sequence of parts by the rules of specification v4: one beginning, ids that open and close, calls that come once and
 * parse, one finish, and nothing after it. Empty: nothing.
 */
export function flaws(parts: readonly LanguageModelV4StreamPart[]): string[] {
  const found: string[] = [];
  const open = new Set<string>();
  const known = new Set<string>();
  const called = new Set<string>();
  let failed = false;

  function opens(key: string): void {
    if (known.has(key)) found.push(`${key} begins twice`);
    known.add(key);
    open.add(key);
  }

  function closes(key: string): void {
    if (!open.delete(key)) found.push(`${key} ends without having begun`);
  }

  for (const [at, part] of parts.entries()) {
    if ((part.type === 'stream-start') !== (at === 0)) found.push(`part ${at} is ${part.type}`);
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
      case 'tool-input-start':
        opens(`${part.type.replace('-start', '')} ${part.id}`);
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta':
        if (!open.has(`${part.type.replace('-delta', '')} ${part.id}`)) found.push(`${part.type} ${part.id} is nowhere`);
        break;
      case 'text-end':
      case 'reasoning-end':
      case 'tool-input-end':
        closes(`${part.type.replace('-end', '')} ${part.id}`);
        break;
      case 'tool-call':
        if (open.has(`tool-input ${part.toolCallId}`)) found.push(`call ${part.toolCallId} comes before its input has ended`);
        if (called.has(part.toolCallId)) found.push(`call ${part.toolCallId} comes twice`);
        called.add(part.toolCallId);
        JSON.parse(part.input);
        break;
      case 'error':
        failed = true;
        break;
      case 'finish':
        if (at !== parts.length - 1) found.push('something comes after the finish');
        if (!failed && open.size > 0) found.push(`open at the finish: ${[...open].join(', ')}`);
        if (failed !== (part.finishReason.unified === 'error')) found.push(`finish ${part.finishReason.unified}, failed: ${failed}`);
        break;
      default:
        break;
    }
  }
  if (parts.at(-1)?.type !== 'finish') found.push('no finish');
  return found;
}
