import type { ArchivedMessage, ArchivedPart, MessageStatus } from '../conversation.ts';

/**
 * What filters ask for, as words of a column of its own: the index then finds «of Codex, with an image» as it finds any two words.
 * The first letter says which kind: r role, s source, v provider, m model, p project, t tool, h has, i status, c conversation.
 */
export type FacetKind = 'r' | 's' | 'v' | 'm' | 'p' | 't' | 'h' | 'i' | 'c';

export const HAS = ['code', 'file', 'image', 'link', 'tool', 'reasoning'] as const;
export type Has = (typeof HAS)[number];

/** Of a project's path: what is nearer to its end says more. */
const MOST_FOLDERS = 6;

export function facet(kind: FacetKind, name: string): string {
  return `${kind}_${name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_')}`;
}

/** A name's pieces: `claude-opus-5` is found as `opus`, as `claude-opus` and whole. */
export function piecesOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((piece) => piece !== '');
}

export interface ConversationFacts {
  row: number;
  source: string;
  project?: string;
}

function ofConversation({ row, source, project }: ConversationFacts): string[] {
  const folders = project === undefined ? [] : project.split(/[/\\]/).slice(-MOST_FOLDERS).flatMap(piecesOf);
  return [facet('c', String(row)), facet('s', source), ...folders.map((piece) => facet('p', piece))];
}

export function titleFacets(conversation: ConversationFacts): string {
  return [...new Set(['r_title', ...ofConversation(conversation)])].join(' ');
}

/** `toolOf`: the name of the tool that a call was to. Its result is found by it as well. */
export function messageFacets(
  message: ArchivedMessage,
  conversation: ConversationFacts,
  toolOf: (callId: string) => string | undefined,
): string {
  const { role, producer, status, parts } = message;
  const facets = new Set([`r_${role}`, ...ofConversation(conversation)]);
  if (producer?.provider !== undefined) facets.add(facet('v', producer.provider));
  for (const piece of piecesOf(producer?.model ?? '')) facets.add(facet('m', piece));
  if (status !== ('complete' satisfies MessageStatus)) facets.add(facet('i', status));
  for (const part of parts) {
    for (const each of ofPart(part)) facets.add(each);
    const tool = part.type === 'tool-result' ? toolOf(part.callId) : undefined;
    if (tool !== undefined) for (const each of ofTool(tool)) facets.add(each);
  }
  return [...facets].join(' ');
}

function ofPart(part: ArchivedPart): string[] {
  switch (part.type) {
    case 'text':
      return inText(part.text);
    case 'reasoning':
      return part.text === '' ? [] : ['h_reasoning'];
    case 'tool-call':
      return ['h_tool', ...ofTool(part.name), ...(part.namespace === undefined ? [] : [facet('t', part.namespace)])];
    case 'tool-result':
      return ['h_tool', ...part.content.flatMap(ofPart)];
    case 'file':
      return isImage(part.mediaType, part.name) ? ['h_file', 'h_image'] : ['h_file'];
    case 'refusal':
    case 'opaque':
      return [];
  }
}

/** `mcp__github__search_issues` is a tool of a server. */
function ofTool(name: string): string[] {
  return [facet('t', name), ...name.split(/__|[./]/).map((piece) => facet('t', piece))];
}

function inText(text: string): string[] {
  return [...(/^\s*(?:```|~~~)/m.test(text) ? ['h_code'] : []), ...(/\bhttps?:\/\/\S/.test(text) ? ['h_link'] : [])];
}

function isImage(mediaType = '', name = ''): boolean {
  return mediaType.startsWith('image/') || /\.(?:png|jpe?g|gif|webp|svg|heic|avif|bmp|tiff?)$/i.test(name);
}
