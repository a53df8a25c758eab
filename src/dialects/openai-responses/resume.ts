import type { AnswerPlace, Dialect } from '../dialect.ts';
import { members, replace } from '../json-spans.ts';

/** `GET /responses/{id}?stream=true&starting_after=N`: for responses that were made with `background` and `stream` (OpenAI's OpenAPI, 2026). */
export const resume: NonNullable<Dialect['resume']> = {
  inBackground(body) {
    const spans = members(body);
    if (!spans.ok) return body;
    const said = spans.value.get('background');
    if (said) return replace(body, [{ ...said, with: 'true' }]);
    const open = body.indexOf('{') + 1;
    return replace(body, [{ start: open, end: open, with: spans.value.size === 0 ? '"background":true' : '"background":true,' }]);
  },
  restPath(path, place) {
    const [before, query] = pathOf(path, place);
    return `${before}?${query === '' ? '' : `${query}&`}stream=true&starting_after=${place.after}`;
  },
  cancelPath(path, place) {
    const [before, query] = pathOf(path, place);
    return `${before}/cancel${query === '' ? '' : `?${query}`}`;
  },
};

function pathOf(path: string, { id }: AnswerPlace): [path: string, query: string] {
  const [before = '', query = ''] = path.split('?', 2);
  return [`${before.replace(/\/+$/, '')}/${encodeURIComponent(id)}`, query];
}
