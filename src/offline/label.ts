/** Stands first in everything that the desk says, so that nobody takes it for a model's answer. */
export const LABEL = 'Understudy’s offline desk: no model has answered. This is what lies on this machine, word for word.';
/** Stands last in it. */
export const END_LABEL = 'End of Understudy’s offline desk: nothing above was written by a model just now.';

/** Whether a text is the desk's own: it is not quoted as an earlier answer. */
export function isDeskText(text: string): boolean {
  return text.trimStart().startsWith(LABEL);
}
