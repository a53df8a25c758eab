import type { JsonObject } from '../../../exchange/json.ts';
import { listIn, objectIn, objectsIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { Activity } from './activity.ts';
import { threadIn } from './thread-link.ts';

/** `{header, title, time, products[], safeHtmlItem[{html}], attachedFiles[], imageFile}`, or why it is none. */
export function activityInJson(value: JsonObject): Activity | string {
  const title = textIn(value, 'title');
  if (title === undefined) return 'an activity without title';
  const products = listIn(value, 'products').filter((product) => typeof product === 'string');
  // Also seen: a single object.
  const htmls = [...objectsIn(value, 'safeHtmlItem'), objectIn(value, 'safeHtmlItem')];
  const answers = htmls.map((item) => wordsIn(item, 'html') ?? wordsIn(item, 'htmlValue')).filter((html) => html !== undefined);
  const names = [...listIn(value, 'attachedFiles'), value['imageFile']].flatMap((file) => (typeof file === 'string' ? [file] : []));
  const links = [textIn(value, 'titleUrl'), ...objectsIn(value, 'details').flatMap((one) => [textIn(one, 'name'), textIn(one, 'url')])];
  return {
    product: [textIn(value, 'header') ?? '', ...products].join(' '),
    title,
    ...some('at', timeIn(value, 'time')),
    when: textIn(value, 'time') ?? '',
    answers,
    files: [...new Set(names)].map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), path })),
    ...some(
      'thread',
      links.map(threadIn).find((id) => id !== undefined),
    ),
  };
}
