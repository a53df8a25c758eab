import { Marked } from 'marked';
import type { ArchivedMessage, ArchivedPart, FilePart, MessageSeam } from '../conversation.ts';
import type { ConversationSummary } from '../store/read.ts';
import { shownBranch } from '../tree.ts';
import { otherBranches } from './other-branches.ts';
import { isObject } from '../../exchange/json.ts';
import { callInShort } from '../handoff/work-done.ts';
import { indented } from './indented.ts';
import { speakerOf } from './speaker.ts';
import { STYLE } from './style.ts';

export interface HtmlOptions {
  reasoning: boolean;
  branches: boolean;
  /** To be printed on: what is folded on a screen is open, because paper has nothing to click on. */
  paper?: 'A4' | 'letter';
  /** Bytes of a stored file, to be put into the page; `undefined`: it is only named. */
  read(sha256: string): Buffer | undefined;
}

/** Larger pictures are named: browsers take seconds for pages of many megabytes. */
const LARGEST_PICTURE = 4 * 1024 * 1024;
/** Messages beyond which a browser is told to lay out only what is in view: a picture of the whole page then shows the rest empty. */
const LONG = 1000;
/** Raster formats only: an SVG can hold more than a picture. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/**
 * A conversation as one HTML file that needs nothing else: no script, nothing loaded from anywhere (its own policy forbids both), HTML
 * in messages shown as text.
 */
export function* htmlOf(conversation: ConversationSummary, messages: readonly ArchivedMessage[], options: HtmlOptions): Generator<string> {
  const title = conversation.title.trim() || 'Untitled';
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}${options.paper ? `@page { size: ${options.paper}; }` : ''}</style>
</head>
<body${messages.length > LONG ? ' class="long"' : ''}>
<header><h1 dir="auto">${escaped(title)}</h1><p>${factsOf(conversation).map(escaped).join(' · ')}</p></header>
<main>
`;
  const shown = shownBranch(messages, conversation.current);
  for (const message of shown) yield article(message, options);
  if (options.branches) {
    for (const branch of otherBranches(messages, shown)) {
      yield `<details class="branch"${options.paper ? ' open' : ''}><summary>${escaped(branchTitle(branch))}</summary>\n`;
      for (const message of branch) yield article(message, options);
      yield '</details>\n';
    }
  }
  yield '</main>\n</body>\n</html>\n';
}

/** Characters of a branch's first words that tell it from others. */
const LONGEST_TITLE = 60;

function branchTitle([first]: readonly ArchivedMessage[]): string {
  const said =
    first?.parts
      .find((part) => part.type === 'text')
      ?.text.replace(/\s+/g, ' ')
      .trim() ?? '';
  const short =
    said.length > LONGEST_TITLE
      ? `${said
          .slice(0, LONGEST_TITLE)
          .toWellFormed()
          .replace(/\uFFFD$/, '')}…`
      : said;
  return first && short !== '' ? `Another branch: ${speakerOf(first)}: ${short}` : 'Another branch';
}

function factsOf({ source, project, createdAt, updatedAt, status, id }: ConversationSummary): string[] {
  const days = [createdAt, updatedAt].map(day);
  return [
    source,
    ...(project === undefined ? [] : [project]),
    ...(days[0] === undefined ? [] : [days[0] === days[1] || days[1] === undefined ? days[0] : `${days[0]} – ${days[1]}`]),
    ...(status === 'complete' ? [] : [status]),
    id,
  ];
}

function day(at: number | undefined): string | undefined {
  return at === undefined || Number.isNaN(new Date(at).getTime()) ? undefined : new Date(at).toISOString().slice(0, 10);
}

function article(message: ArchivedMessage, options: HtmlOptions): string {
  if (message.hidden) return '';
  const parts = message.parts.map((part, index) => partOf(part, message, index, options)).filter((html) => html !== '');
  if (parts.length === 0) return '';
  const at = day(message.at) === undefined ? '' : new Date(message.at!).toISOString();
  const cut = message.status === 'complete' ? '' : ` <em>${message.status}</em>`;
  const time = at === '' ? '' : ` <time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>`;
  return `<article class="${message.role}"><h2>${escaped(speakerOf(message))}${cut}${time}</h2>\n${parts.join('\n')}\n</article>\n`;
}

function partOf(part: ArchivedPart, message: ArchivedMessage, index: number, options: HtmlOptions): string {
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const seams = (message.seams ?? []).filter((seam) => seam.part === index);
      const notes = seams.map(
        ({ from, to, offset }) => `<p class="seam">${escaped(`${from} stopped after ${offset} characters; ${to} went on.`)}</p>`,
      );
      return `<div class="text" dir="auto">${withMarks(part.text, seams)}</div>${notes.join('')}`;
    }
    case 'reasoning':
      return options.reasoning && part.text !== '' ? folded('Thoughts', `<div dir="auto">${markdownToHtml(part.text)}</div>`, options) : '';
    case 'tool-call':
      return folded(`Tool: ${callInShort(part)}`, code(indented(part.arguments)), options);
    case 'tool-result': {
      const content = part.content.map((each) =>
        each.type === 'text' ? pre(each.text) : each.type === 'file' ? fileOf(each, options) : '',
      );
      return folded(part.isError ? 'Result: failed' : 'Result', content.join('\n'), options, part.isError ? 'failed' : undefined);
    }
    case 'file':
      return fileOf(part, options);
    case 'opaque':
      return isObject(part.value) && typeof part.value['type'] === 'string' ? `<p class="file">(${escaped(part.value['type'])})</p>` : '';
  }
}

/** Unicode keeps it for no character, ever. */
const MARK = '\uFDD0';

/** A text with a mark where another went on, as far as a mark there changes nothing else of what is shown. */
function withMarks(text: string, seams: readonly MessageSeam[]): string {
  const plain = markdownToHtml(text);
  return seams.reduce((html, { offset, to }) => {
    const marked = markdownToHtml(`${text.slice(0, offset)}${MARK}${text.slice(offset)}`);
    const at = marked.indexOf(MARK);
    const isSound = html === plain && marked.replace(MARK, '') === plain && marked.lastIndexOf('<', at) <= marked.lastIndexOf('>', at);
    return isSound ? `${marked.slice(0, at)}<mark class="seam">${escaped(to)}:</mark>${marked.slice(at + 1)}` : html;
  }, plain);
}

function fileOf({ name = 'file', mediaType, content }: FilePart, options: HtmlOptions): string {
  switch (content.type) {
    case 'text':
      return folded(`File: ${name}`, pre(content.text), options);
    case 'link':
      return `<p>${link(content.url, name)}</p>`;
    case 'missing':
      return `<p class="file">File: ${escaped(name)} (${escaped(content.reason)})</p>`;
    case 'stored': {
      const picture = PICTURES.has(mediaType ?? '') && content.size <= LARGEST_PICTURE ? options.read(content.sha256) : undefined;
      if (!picture) return `<p class="file">File: ${escaped(name)} (${content.size} bytes, kept in the archive)</p>`;
      return `<img alt="${escaped(name)}" src="data:${mediaType};base64,${picture.toString('base64')}">`;
    }
  }
}

function link(url: string, text: string): string {
  // Also what a message calls a link must not run anything.
  const safe = /^(?:https?:|mailto:)/i.test(url.trim());
  return safe ? `<a href="${escaped(url.trim())}" rel="noreferrer noopener">${escaped(text)}</a>` : escaped(`${text} (${url})`);
}

const markdown = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text),
    code: ({ text }) => `${code(text)}\n`,
    image: ({ href, text }) => link(href, text === '' ? href : text),
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return /^(?:https?:|mailto:|#)/i.test(href.trim()) ? `<a href="${escaped(href.trim())}" rel="noreferrer noopener">${text}</a>` : text;
    },
  },
});

/** Depth of nesting beyond which a text is shown as it is: a Markdown reader takes the stack for each level. */
const DEEPEST = 200;

function markdownToHtml(text: string): string {
  if (deepest(text) > DEEPEST) return pre(text);
  return markdown.parse(text, { async: false });
}

/** Block quotes and lists are what nests in Markdown. */
function deepest(text: string): number {
  let most = 0;
  for (const [beginning] of text.matchAll(/^(?:[ \t]*(?:>|[-*+]|\d+[.)])[ \t]*)+/gm)) {
    most = Math.max(most, beginning.length);
  }
  return most;
}

function folded(summary: string, html: string, { paper }: HtmlOptions, kind?: string): string {
  const attributes = `${kind === undefined ? '' : ` class="${kind}"`}${paper ? ' open' : ''}`;
  return `<details${attributes}><summary>${escaped(summary)}</summary>\n${html}\n</details>`;
}

/** Programs are written from left to right, whatever the language around them. */
function code(text: string): string {
  return `<pre dir="ltr"><code>${escaped(text)}</code></pre>`;
}

function pre(text: string): string {
  return `<pre dir="auto"><code>${escaped(text)}</code></pre>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
