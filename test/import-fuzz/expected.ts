import type { Told } from '../../src/archive/import/reader.ts';
import type { ImportReport } from '../../src/archive/import/report.ts';

type Raw = Record<string, unknown>;

/** Compares what was told with what is in the file, found by parsing it whole: what was not told has to be listed. */
export function whatIsMissing(name: string, bytes: Buffer, told: readonly Told[], { counts, lists }: ImportReport): string | undefined {
  const listed = counts.unreadable + counts.missing + counts.skipped + counts.noted;
  const conversations = told.filter((each) => each.type === 'conversation');
  const accounts = told.filter((each) => each.type === 'account').length;
  if (conversations.length === 0 && listed + accounts === 0 && !isQuiet(bytes)) return 'nothing was told and nothing listed';
  if (name.endsWith('.zip') || name.endsWith('.jsonl')) return undefined;
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (name.endsWith('.html')) {
    const entries = text.split('<div class="outer-cell').length - 1;
    if (conversations.length === 0 && counts.unreadable > 0) return undefined;
    const found = conversations.length + counts.unreadable + counts.skipped;
    return found < entries ? `${entries} entries, ${found} told or listed` : undefined;
  }
  // Commas too many and signs between pieces cost nothing, and are passed over.
  const value =
    parsed(text) ??
    parsed(
      text
        .replace(/[\0\v\f]/g, ' ')
        .replace(/,(\s*,)*(\s*[\]}])/g, '$2')
        .replace(/([[{,])\s*(,\s*)+/g, '$1'),
    );
  if (value === undefined) return listed === 0 ? 'it is no JSON, and nothing is listed' : undefined;
  const list = Array.isArray(value) ? value : isRaw(value) && Array.isArray(value['conversations']) ? value['conversations'] : [value];
  const isOfConversations = list.some((one) => isRaw(one) && ('chat_messages' in one || 'mapping' in one));
  if (!isOfConversations || conversations.length === 0) return undefined;
  if (!conversations.every(({ head }) => head.source === 'claude-ai' || head.source === 'chatgpt')) return undefined;
  const refused = lists.unreadable.length + lists.skipped.length;
  if (conversations.length + refused < list.length) return `${list.length} conversations, ${conversations.length} told, ${refused} listed`;
  const expected = list.reduce((sum: number, one) => sum + messagesIn(one, conversations[0]!.head.source), 0);
  const found = conversations.reduce((sum, { messages }) => sum + messages.length, 0);
  return found + refused < expected ? `${expected} messages, ${found} told, ${refused} listed` : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messagesIn(one: unknown, source: string): number {
  if (!isRaw(one)) return 0;
  if (source === 'claude-ai') return Array.isArray(one['chat_messages']) ? one['chat_messages'].length : 0;
  return isRaw(one['mapping'])
    ? Object.values(one['mapping']).filter((node) => isRaw(node) && node['message'] !== null && node['message'] !== undefined).length
    : 0;
}

/** Lists of users and of parts tell nothing by themselves when they are empty or of people without names. */
function isQuiet(bytes: Buffer): boolean {
  return /"(full_name|email|export_files|chatgpt_plus_user)"/.test(bytes.toString('utf8'));
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
