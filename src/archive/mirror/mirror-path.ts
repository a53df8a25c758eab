import type { ConversationSummary } from '../store/read.ts';

/** Bytes. File systems take 255 for a name; the date, the id and the ending take 35. */
const LONGEST = 120;

/** Where a conversation lies in a mirror: `claude-ai/2026-06/2026-06-02 Why is the sky blue c_0123456789abcdef.md`. */
export function mirrorPath({ source, createdAt, updatedAt, title, id }: ConversationSummary): string {
  const at = new Date(createdAt ?? updatedAt ?? Number.NaN);
  const day = Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 10);
  const name = fileNameOf(title === '' ? 'Untitled' : title);
  return day === undefined ? `${source}/undated/${name} ${id}.md` : `${source}/${day.slice(0, 7)}/${day} ${name} ${id}.md`;
}

/** A name that every file system takes, as near to what was meant as it goes. */
export function fileNameOf(text: string): string {
  const plain = text
    .normalize('NFC')
    // Control and format characters, surrogates alone, and what Windows or shells give a meaning to.
    .replace(/[\p{C}<>:"/\\|?*[\]#%{}~&$`';!]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[.\s-]+/, '');
  let name = '';
  for (const { segment } of new Intl.Segmenter().segment(plain.slice(0, 2 * LONGEST))) {
    if (Buffer.byteLength(name + segment) > LONGEST) break;
    name += segment;
  }
  return name.replace(/[.\s]+$/, '') || 'untitled';
}
