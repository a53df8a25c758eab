import type { ArchivedMessage, ArchivedPart } from '../conversation.ts';
import { type Finder, movedPlace } from './finder.ts';
import { type Note, redactJson } from './redact-text.ts';

/** A message without what a finder finds, in any of its parts or what is told besides; `undefined`: there is nothing of it in there. */
export function redactMessage(message: ArchivedMessage, finder: Finder, note: Note): ArchivedMessage | undefined {
  const { parts, extras } = message;
  const json = JSON.stringify({ parts, extras });
  const clean = redactJson(json, finder, note);
  if (clean === json) return undefined;
  const redacted = JSON.parse(clean) as Pick<ArchivedMessage, 'parts' | 'extras'>;
  const seams = message.seams?.map((seam) => ({ ...seam, offset: placeIn(parts[seam.part], seam.offset, finder) }));
  return { ...message, ...redacted, ...(seams && { seams }) };
}

function placeIn(part: ArchivedPart | undefined, offset: number, finder: Finder): number {
  return part && 'text' in part ? movedPlace(finder.find(part.text), offset) : offset;
}
