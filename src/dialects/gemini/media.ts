import type { JsonObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, Extras, ImagePart, Source } from '../../exchange/part.ts';
import { PRODUCER } from './wire.ts';

type Media = ImagePart | DocumentPart | AudioPart;

/** Types that a URL tells by its end: what `fileData` has to say of a picture or document on the web. */
const ENDINGS: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
};

export function typeOfUrl(url: string): string | undefined {
  const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(url)?.[1]?.toLowerCase();
  return ending !== undefined && Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
}

/** `undefined`: no neutral word for it, such as a video. */
export function mediaPart(
  source: Source,
  mediaType: string | undefined,
  title: string | undefined,
  extras: Extras | undefined,
): Media | undefined {
  const kind = mediaType?.split('/', 1)[0];
  const rest = extras ? { extras } : {};
  if (kind === 'image') return { type: 'image', source, ...rest };
  if (kind === 'audio') return { type: 'audio', source, format: audioFormat(mediaType!), ...rest };
  if (kind === 'text' || mediaType === 'application/pdf')
    return { type: 'document', source, ...(title !== undefined && { title }), ...rest };
  return undefined;
}

/** Text that came in base64 is text, where the bytes are UTF-8. */
export function inlineSource(mediaType: string, data: string): Source {
  if (mediaType.startsWith('text/')) {
    const bytes = Buffer.from(data, 'base64');
    const text = bytes.toString('utf8');
    if (bytes.length > 0 && Buffer.from(text).equals(bytes)) return { type: 'text', mediaType, text };
  }
  return { type: 'base64', mediaType, data };
}

/** Files of Google's own (the Files API, Cloud Storage) are known to nobody else. */
export function uriSource(uri: string): Source {
  const own = !/^https?:/i.test(uri) || /^https:\/\/[a-z0-9.-]*googleapis\.com\//i.test(uri);
  return own ? { type: 'file', id: uri, producer: PRODUCER } : { type: 'url', url: uri };
}

/** What `fileData` says besides the URI that a neutral part cannot: a type that the URI does not tell by itself. */
export function unsaidType(file: JsonObject, uri: string): string | undefined {
  return typeof file.mimeType === 'string' && file.mimeType !== typeOfUrl(uri) ? file.mimeType : undefined;
}

const AUDIO: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-m4a': 'm4a',
};

function audioFormat(mediaType: string): string {
  return AUDIO[mediaType] ?? mediaType.slice('audio/'.length);
}
