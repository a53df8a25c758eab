import type { ArchivedPart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json } from '../../../exchange/json.ts';
import { openBook } from '../book.ts';
import { fieldIn, known, listIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';

/**
 * Cursor's agent transcripts, `projects/<folder>/agent-transcripts/<id>/<id>.jsonl`: `{role, message: {content: [text, tool_use]}}`, without
 * ids, and mostly without times and results. What its windows show lies in a database: database.ts.
 */
export const cursor: LineFormat = {
  source: 'cursor',
  version: 1,
  what: 'Cursor agent transcript',
  recognises: (head, path) =>
    path.endsWith('.jsonl') &&
    firstRecords(head).some(
      (record) =>
        ['user', 'assistant'].includes(String(record['role'])) &&
        record['type'] === undefined &&
        Array.isArray(fieldIn(record, 'message', 'content')),
    ),
  reader,
};

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const stem = stemOf(place.path);
  const above = /\/([^/]+)\/subagents\/[^/]+$/.exec(place.path)?.[1];
  const folder = /\/projects\/([^/]+)\/agent-transcripts\//.exec(place.path)?.[1];
  const project = place.project ?? folder;
  const book = openBook(
    {
      source: 'cursor',
      key: stem,
      session: stem,
      ...known('project', project),
      ...(above === undefined ? {} : { startedBy: { key: above } }),
    },
    saved?.['book'],
  );
  return {
    take(record, line) {
      const role = textIn(record, 'role');
      const content = fieldIn(record, 'message', 'content') ?? fieldIn(record, 'content');
      if ((role !== 'user' && role !== 'assistant') || content === undefined) {
        countIn(counts.unknown, textIn(record, 'type') ?? role ?? 'without a role');
        return;
      }
      const key = textIn(record, 'id') ?? `line-${line}`;
      if (book.standsFor(key)) return;
      const parts = typeof content === 'string' ? [textPart(content)] : listIn({ content }, 'content').map(partOf);
      book.put({ key, ...known('parent', book.last()), role, ...known('at', timeIn(record, 'timestamp')), parts, status: 'complete' });
      book.stands(key, key);
      book.setLast(key);
    },
    told() {
      const told = book.told();
      return told ? [told] : [];
    },
    reachesBack: () => book.reachesBack(),
    state: () => ({ book: book.state() }),
  };
}

/** The question stands in a tag of its own. */
function textPart(text: string): ArchivedPart {
  return { type: 'text', text: text.replace(/<\/?user_query>\n?/g, '') };
}

function partOf(block: Json): ArchivedPart {
  const type = textIn(block, 'type');
  if (type === 'text') return textPart(textIn(block, 'text') ?? '');
  if (type === 'tool_use')
    return {
      type: 'tool-call',
      id: textIn(block, 'id') ?? '',
      name: textIn(block, 'name') ?? '',
      arguments: JSON.stringify(fieldIn(block, 'input') ?? {}),
    };
  return { type: 'opaque', producer: { dialect: 'anthropic-messages', vendor: 'cursor' }, value: block };
}
