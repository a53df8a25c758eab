import type { FoundConversation, FoundMessage, SearchResult } from '../../archive/search/search.ts';
import { counted } from '../counted.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** What a search found, for people. */
export function searchLines(
  text: string,
  found: SearchResult,
  { terminal, home }: { terminal: Pick<Terminal, 'paint' | 'width'>; home: string },
): string[] {
  const { paint, width } = terminal;
  const fit = (line: string, indent = '  '): string[] => wrapped(line, width, indent);
  // Before the results: they are not what was asked for.
  const lines = found.ignored.flatMap((each) => fit(paint.warn(`Not used: ${each}.`)));
  if (lines.length > 0) lines.push('');
  lines.push(...found.conversations.flatMap((one) => [...conversationLines(one, home, terminal), '']));
  if (found.searched.waiting > 0) lines.push(...fit(paint.warn(`${counted(found.searched.waiting, 'message')} are not in the index yet.`)));
  if (found.conversations.length === 0) return [...lines, ...nothingLines(text, found, terminal)];
  if (found.inside) lines.push(...fit(paint.dim('No message has these words; these have them inside of other words.')));
  const count = `${found.hits.more ? 'More than ' : ''}${number(found.hits.count)} of ${number(found.searched.messages)} messages match`;
  const newest = !found.hits.more
    ? ''
    : found.hits.byAge
      ? '; words so frequent are not weighed, the newest come first: a further word or a filter says more'
      : ', the newest of them are ranked';
  lines.push(...fit(paint.dim(`${count}${newest} (${Math.max(1, Math.round(found.took))} ms).`)));
  if (found.stoppedAt !== undefined)
    lines.push(...fit(paint.warn(`It took too long: what is older than ${day(found.stoppedAt)} was not all looked at.`)));
  lines.push(...fit(paint.dim('One of them whole: understudy conversations show ID')));
  if (found.next !== undefined) lines.push(...fit(paint.dim(`Further ones: the same with --next ${found.next}`)));
  return lines;
}

function conversationLines(
  { conversation, titleMarks, messages, hits, spread }: FoundConversation,
  home: string,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string[] {
  const { id, source, title, updatedAt, project } = conversation;
  const folder =
    project === undefined ? [] : [project === home || project.startsWith(`${home}/`) ? `~${project.slice(home.length)}` : project];
  const facts = [
    updatedAt === undefined ? [] : day(updatedAt),
    source,
    folder,
    hits > messages.length ? `${hits} messages` : [],
    spread ? 'words in different messages' : [],
  ].flat();
  return [
    ...wrapped(title === '' ? paint.dim('(no title)') : marked(title, titleMarks, paint.bold, paint), width, '  '),
    ...wrapped(`  ${paint.good(id)}${paint.dim(`  ${facts.join(' · ')}`)}`, width, '    '),
    ...messages.flatMap((message) => messageLines(message, { paint, width })),
  ];
}

function messageLines({ role, model, snippet }: FoundMessage, { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  const who = role === 'user' ? 'you' : role === 'assistant' ? (model ?? 'assistant') : role;
  return wrapped(`  ${paint.dim(`${who}:`)} ${marked(snippet.text, snippet.marks, (plain) => plain, paint)}`, width, '    ');
}

function marked(text: string, marks: readonly [number, number][], plain: (text: string) => string, paint: Paint): string {
  let line = '';
  let place = 0;
  for (const [from, to] of marks.toSorted((one, other) => one[0] - other[0])) {
    if (from < place) continue;
    line += text.slice(place, from) === '' ? '' : plain(visible(text.slice(place, from)));
    line += paint.accent(visible(text.slice(from, to)));
    place = to;
  }
  return line + (place < text.length ? plain(visible(text.slice(place))) : '');
}

/** What others wrote must not steer a terminal. */
function visible(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function nothingLines(text: string, found: SearchResult, { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  if (found.searched.messages + found.searched.waiting === 0) {
    return wrapped(
      'The archive is empty. Bring in what you have: understudy import FILE (exports of ChatGPT, Claude, Gemini), understudy protect (coding CLIs).',
      width,
      '  ',
    );
  }
  const lines = [`Nothing found for ${paint.bold(visible(text))} in ${number(found.searched.messages)} messages.`];
  if (found.stoppedAt !== undefined) lines.push(`It took too long: what is older than ${day(found.stoppedAt)} was not all looked at.`);
  for (const { word, like } of found.unknown)
    lines.push(`  «${word}» is nowhere.${like.length > 0 ? ` Like it: ${like.join(', ')}.` : ''}`);
  if (/(?:^|\s)-?[a-z]+:\S/.test(text)) lines.push('  With fewer filters there may be more.');
  if (!/in:(?:reasoning|everything|all)/.test(text)) lines.push('  Models’ thoughts are looked through with in:reasoning.');
  return lines.flatMap((line) => wrapped(line, width, '  '));
}

/** `2026-06-02`, this machine's day. */
function day(at: number): string {
  return new Date(at).toLocaleDateString('sv-SE');
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}
