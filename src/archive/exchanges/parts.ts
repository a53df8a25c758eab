import type { Extras, Part, ResultContent, Source } from '../../exchange/part.ts';
import type { ArchivedPart, ArchivedResult, FilePart } from '../conversation.ts';

/** Keeps bytes as they are (store/originals.ts). */
export type Keep = (bytes: Uint8Array, facts: { name?: string; mediaType?: string }) => { sha256: string; size: number };

/** Parts of a request as the archive keeps them: the bytes of images and documents apart, marks for caches left out. */
export function archivedParts(parts: readonly Part[], keep: Keep): ArchivedPart[] {
  return parts.flatMap((part): ArchivedPart[] => {
    switch (part.type) {
      case 'text': {
        const { extras, ...rest } = part;
        return part.text === '' ? [] : [{ ...rest, ...kept(extras) }];
      }
      case 'tool-call': {
        const { extras: _extras, ...call } = part;
        return [call];
      }
      case 'tool-result': {
        const { extras: _extras, ...result } = part;
        return [{ ...result, content: result.content.map((content) => archivedContent(content, keep)) }];
      }
      case 'image':
      case 'audio':
        return [filePart(part.source, undefined, keep)];
      case 'document':
        return [filePart(part.source, part.title, keep)];
      case 'reasoning':
      case 'refusal':
      case 'opaque':
        return [part];
    }
  });
}

function archivedContent(content: ResultContent, keep: Keep): ArchivedResult['content'][number] {
  if (content.type === 'text') {
    const { extras, ...rest } = content;
    return { ...rest, ...kept(extras) };
  }
  if (content.type === 'opaque') return content;
  return filePart(content.source, content.type === 'document' ? content.title : undefined, keep);
}

function filePart(source: Source, name: string | undefined, keep: Keep): FilePart {
  const named = name === undefined ? {} : { name };
  switch (source.type) {
    case 'base64': {
      const { mediaType } = source;
      const stored = keep(Buffer.from(source.data, 'base64'), { ...named, mediaType });
      return { type: 'file', ...named, mediaType, content: { type: 'stored', ...stored } };
    }
    case 'text':
      return { type: 'file', ...named, mediaType: source.mediaType, content: { type: 'text', text: source.text } };
    case 'url':
      return { type: 'file', ...named, content: { type: 'link', url: source.url } };
    case 'file':
      return { type: 'file', ...named, content: { type: 'missing', reason: `its provider keeps it, as ${source.id}` } };
  }
}

function kept(extras: Extras | undefined): { extras?: Extras } {
  if (!extras) return {};
  const { cache_control: _mark, ...fields } = extras.fields;
  return Object.keys(fields).length === 0 ? {} : { extras: { ...extras, fields } };
}
