import { elements, members, removals, replace, type Span } from '../../dialects/json-spans.ts';
import type { JsonObject } from '../../exchange/json.ts';

const PREVIOUS = 'previous_response_id';
const QUOTE = 34;

/**
 * A request that goes on from an earlier one, with that one's input and output in the place of its id: what the same client would have
 * sent to someone who remembers nothing. All else stays byte for byte; instructions of the earlier request do not carry over (OpenAI's
 * reference, `previous_response_id`). Both bodies have been inspected; `undefined` for what is no request all the same.
 */
export function fullBody(body: Buffer, earlier: Buffer, output: readonly JsonObject[]): Buffer | undefined {
  const spans = members(body);
  const before = members(earlier);
  if (!spans.ok || !before.ok) return undefined;
  const cells = cellsOf(body, spans.value);
  const previous = cells.get(PREVIOUS);
  if (!previous) return undefined;
  const history = [
    inputItems(earlier, before.value.get('input')),
    ...output.map((item) => Buffer.from(JSON.stringify(item))),
    inputItems(body, spans.value.get('input')),
  ].filter((items) => items.length > 0);
  const comma = Buffer.from(',');
  const input = Buffer.concat([
    Buffer.from('['),
    ...history.flatMap((items, index) => (index === 0 ? [items] : [comma, items])),
    Buffer.from(']'),
  ]);
  const place = spans.value.get('input');
  if (!place) return replace(body, [{ ...previous, with: Buffer.concat([Buffer.from('"input":'), input]) }]);
  return replace(body, [{ ...place, with: input }, ...removals([...cells.values()], new Set([[...cells.keys()].indexOf(PREVIOUS)]))]);
}

/** The same request, going on from the response of another name. */
export function withPrevious(body: Buffer, id: string): Buffer {
  const spans = members(body);
  const place = spans.ok ? spans.value.get(PREVIOUS) : undefined;
  return place ? replace(body, [{ ...place, with: JSON.stringify(id) }]) : body;
}

/** The items of an `input`, without brackets; a text is the user's message. */
function inputItems(body: Buffer, span: Span | undefined): Buffer {
  if (!span) return Buffer.alloc(0);
  if (body[span.start] === QUOTE) {
    return Buffer.concat([
      Buffer.from('{"type":"message","role":"user","content":'),
      body.subarray(span.start, span.end),
      Buffer.from('}'),
    ]);
  }
  const items = elements(body, span.start, span.end);
  const first = items.ok ? items.value[0] : undefined;
  return first && items.ok ? body.subarray(first.start, items.value.at(-1)!.end) : Buffer.alloc(0);
}

/** Where each member stands together with its key, in the order of the bytes. */
export function cellsOf(body: Buffer, spans: ReadonlyMap<string, Span>): Map<string, Span> {
  const ordered = [...spans].toSorted(([, one], [, other]) => one.start - other.start);
  return new Map(ordered.map(([name, { end }], at) => [name, { start: body.indexOf(QUOTE, ordered[at - 1]?.[1].end ?? 0), end }]));
}
