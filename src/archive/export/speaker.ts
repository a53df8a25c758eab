import type { ArchivedMessage } from '../conversation.ts';

const NAMES = { user: 'You', assistant: 'Assistant', system: 'System', tool: 'Tool' };

/** Who says a message, as a heading: `You`, `claude-opus-5`. */
export function speakerOf({ role, producer }: ArchivedMessage): string {
  if (role !== 'assistant') return NAMES[role];
  return producer?.model ?? producer?.provider ?? NAMES.assistant;
}
