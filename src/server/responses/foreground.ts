import { members, removals, replace, type SpanEdit } from '../../dialects/json-spans.ts';
import type { Ask } from '../ports.ts';
import { cellsOf } from './full-body.ts';

/**
 * A question whose client does not wait for the answer, as it is asked: as a stream, so that there is something to see before it is whole,
 * and of a provider that answers at once. The background is ours; it is said again only to a service that keeps answers, so that a lost
 * connection can be resumed there (failover/resume.ts).
 */
export function inForeground(ask: Ask): Ask {
  const { original } = ask;
  return {
    ...ask,
    head: { ...ask.head, stream: true },
    body: streamed(ask.body),
    ...(original && { original: { ...original, body: streamed(original.body) } }),
  };
}

/** All else stays byte for byte. */
function streamed(body: Buffer): Buffer {
  const spans = members(body);
  if (!spans.ok) return body;
  const cells = cellsOf(body, spans.value);
  const names = [...cells.keys()];
  const stream = spans.value.get('stream');
  const edits: SpanEdit[] = [];
  if (stream) {
    edits.push({ ...stream, with: 'true' }, ...removals([...cells.values()], new Set([names.indexOf('background')])));
  } else edits.push({ ...cells.get('background')!, with: '"stream":true' });
  return replace(body, edits);
}
