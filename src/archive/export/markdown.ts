import type { ArchivedMessage, ArchivedPart, ArchivedResult, FilePart } from '../conversation.ts';
import { isObject } from '../../exchange/json.ts';
import type { ConversationSummary } from '../store/read.ts';
import { shownBranch } from '../tree.ts';
import { otherBranches } from './other-branches.ts';
import { indented } from './indented.ts';
import { speakerOf } from './speaker.ts';

export interface MarkdownOptions {
  /** Thoughts of models, folded. */
  reasoning: boolean;
  /** Other branches (edits, retries) after the one that is shown. */
  branches: boolean;
  /** Where a stored file lies, seen from the Markdown file; `undefined`: it is only named. */
  linkTo(sha256: string, name: string | undefined): string | undefined;
}

/**
 * A conversation as Markdown that people read without Understudy: front matter, then a heading for each message. What was said stands
 * as it was said; tools and thoughts are folded, and a seam says who went on.
 */
export function* markdownOf(
  conversation: ConversationSummary,
  messages: readonly ArchivedMessage[],
  options: MarkdownOptions,
): Generator<string> {
  yield frontMatter(conversation);
  yield `# ${oneLine(conversation.title) || 'Untitled'}\n\n`;
  const shown = shownBranch(messages, conversation.current);
  for (const message of shown) yield* told(message, options);
  if (!options.branches) return;

  for (const branch of otherBranches(messages, shown)) {
    yield '---\n\n*Another branch: an edit, or an answer that was asked for again.*\n\n';
    for (const message of branch) yield* told(message, options);
  }
}

function frontMatter(conversation: ConversationSummary): string {
  const { id, source, key, title, createdAt, updatedAt, project, branch, session, status } = conversation;
  const fields: [name: string, value: string | undefined][] = [
    ['title', title],
    ['id', id],
    ['source', source],
    ['key', key],
    ['created', time(createdAt)],
    ['updated', time(updatedAt)],
    ['project', project],
    ['branch', branch],
    ['session', session],
    ['status', status],
  ];
  // A JSON string is a YAML string.
  const lines = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${JSON.stringify(value)}`]));
  return `---\n${lines.join('\n')}\n---\n\n`;
}

function time(at: number | undefined): string | undefined {
  return at === undefined || Number.isNaN(new Date(at).getTime()) ? undefined : new Date(at).toISOString();
}

function* told(message: ArchivedMessage, options: MarkdownOptions): Generator<string> {
  if (message.hidden) return;
  const parts = message.parts.map((part, index) => partOf(part, seamsIn(message, index), options)).filter((text) => text !== '');
  if (parts.length === 0) return;
  const at = time(message.at);
  const cut = message.status === 'complete' ? '' : ` (${message.status})`;
  yield `## ${speakerOf(message)}${cut}${at === undefined ? '' : ` · ${at.slice(0, 16).replace('T', ' ')}`}\n\n`;
  for (const part of parts) yield `${part}\n\n`;
}

interface SeamHere {
  offset: number;
  from: string;
  to: string;
}

function seamsIn({ seams = [] }: ArchivedMessage, part: number): SeamHere[] {
  return seams.filter((seam) => seam.part === part).map(({ offset, from, to }) => ({ offset, from, to }));
}

function partOf(part: ArchivedPart, seams: readonly SeamHere[], options: MarkdownOptions): string {
  switch (part.type) {
    case 'text':
      return withSeams(part.text, seams).trimEnd();
    case 'refusal':
      return part.text;
    case 'reasoning':
      return options.reasoning && part.text !== '' ? folded('Thoughts', part.text) : '';
    case 'tool-call':
      return folded(`Tool: ${part.name}`, fenced(indented(part.arguments), 'json'));
    case 'tool-result':
      return folded(part.isError ? 'Result: failed' : 'Result', resultOf(part, options));
    case 'file':
      return fileOf(part, options);
    case 'opaque':
      return isObject(part.value) && typeof part.value['type'] === 'string' ? `*(${part.value['type']})*` : '';
  }
}

/** Comments are seen in the text and not in what is made of it: a seam must not tear a sentence apart. */
function withSeams(text: string, seams: readonly SeamHere[]): string {
  let at = 0;
  let joined = '';
  for (const { offset, from, to } of seams) {
    joined += `${text.slice(at, offset)}<!-- seam: ${oneLine(from).replaceAll('--', '–')} stopped here, ${oneLine(to).replaceAll('--', '–')} goes on -->`;
    at = offset;
  }
  return joined + text.slice(at);
}

function resultOf({ content }: ArchivedResult, options: MarkdownOptions): string {
  return content
    .map((each) => (each.type === 'text' ? fenced(each.text, '') : each.type === 'file' ? fileOf(each, options) : ''))
    .filter((text) => text !== '')
    .join('\n\n');
}

function fileOf({ name, mediaType, content }: FilePart, options: MarkdownOptions): string {
  const called = oneLine(name ?? '') || 'file';
  switch (content.type) {
    case 'text':
      return folded(`File: ${called}`, fenced(content.text, ''));
    case 'link':
      return `[${label(called)}](<${content.url.replace(/[<>\n]/g, encodeURIComponent)}>)`;
    case 'missing':
      return `*File: ${label(called)} (${content.reason})*`;
    case 'stored': {
      const link = options.linkTo(content.sha256, name);
      if (link === undefined) return `*File: ${label(called)} (${content.size} bytes, kept in the archive)*`;
      return `${mediaType?.startsWith('image/') === true ? '!' : ''}[${label(called)}](<${link}>)`;
    }
  }
}

function label(name: string): string {
  return name.replace(/[[\]\\*_`<>]/g, '\\$&');
}

/** HTML that Markdown readers show folded. Its content is Markdown again, after a blank line. */
function folded(summary: string, content: string): string {
  return `<details><summary>${escaped(oneLine(summary))}</summary>\n\n${content}\n\n</details>`;
}

/** A fence that is longer than every run of backticks within. */
export function fenced(text: string, language: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.endsWith('\n') || text === '' ? text : `${text}\n`}${fence}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
