import { unreadable, webAddress } from './json-payload.ts';
import { feedDate } from './feed-date.ts';
import { plainText } from './plain-text.ts';
import { childrenOf, wordsOf, type XmlElement } from './xml.ts';

/** An item of RSS, or an entry of Atom. */
export interface FeedEntry {
  guid?: string;
  title: string;
  /** Plain. */
  text: string;
  link?: string;
  categories: string[];
  /** UTC ms of when it was posted; AWS's and some others' is when it was last changed. */
  at?: number;
  /** UTC ms, where it is stated apart. */
  changedAt?: number;
}

/** Characters kept of an entry: a year of updates in one of them. */
const LONGEST = 20_000;
/** Feeds of pages have 25 to some hundred. */
const MOST_ENTRIES = 2000;

/** The entries of a feed, as it has them. Something else in its place is unreadable. */
export function entriesOf(root: XmlElement): FeedEntry[] {
  if (root.name === 'rss' || root.name === 'rdf:RDF') {
    const channel = childrenOf(root, 'channel')[0] ?? unreadable(`<${root.name}> has no channel`);
    // RSS 2.0 and 1.0 both require it: an error page that is XML has none.
    if (wordsOf(channel, 'title') === undefined) return unreadable('the channel has no title');
    return read(childrenOf(root.name === 'rss' ? channel : root, 'item'));
  }
  if (root.name === 'feed') {
    if (wordsOf(root, 'title') === undefined) return unreadable('the feed has no title');
    return read(childrenOf(root, 'entry'));
  }
  return unreadable(`its root is <${root.name.slice(0, 40)}>, neither RSS nor Atom`);
}

function read(entries: readonly XmlElement[]): FeedEntry[] {
  if (entries.length > MOST_ENTRIES) return unreadable(`it has ${entries.length} entries, more than a status page has`);
  return entries.map(entryOf);
}

function entryOf(element: XmlElement): FeedEntry {
  const text = plainText((wordsOf(element, 'content', 'content:encoded', 'description', 'summary') ?? '').slice(0, LONGEST));
  const title = plainText((wordsOf(element, 'title') ?? '').slice(0, 500)).replaceAll('\n', ' ');
  const guid = wordsOf(element, 'guid', 'id') ?? element.attributes['rdf:about'];
  const at = feedDate(wordsOf(element, 'published', 'pubDate', 'dc:date'));
  const changedAt = feedDate(wordsOf(element, 'updated'));
  const link = linkOf(element);
  return {
    ...(guid !== undefined && { guid: guid.slice(0, 500) }),
    title: title !== '' ? title : text.split('\n')[0]!.slice(0, 120) || unreadable('an entry has neither title nor text'),
    text,
    ...(link !== undefined && { link }),
    categories: childrenOf(element, 'category').map(
      (category) =>
        category.attributes['term'] ??
        category.content
          .filter((piece) => typeof piece === 'string')
          .join('')
          .trim(),
    ),
    ...(at !== undefined && { at }),
    ...(changedAt !== undefined && { changedAt }),
  };
}

function linkOf(element: XmlElement): string | undefined {
  const links = childrenOf(element, 'link');
  const alternate = links.find(({ attributes }) => attributes['href'] !== undefined && (attributes['rel'] ?? 'alternate') === 'alternate');
  return webAddress(alternate?.attributes['href']) ?? webAddress(wordsOf(element, 'link'));
}
