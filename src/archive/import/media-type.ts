/**
 * Kinds of files by their first bytes, as text that was decoded as UTF-8 (bytes above 127 are then �):
 * https://en.wikipedia.org/wiki/List_of_file_signatures
 */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^\uFFFDPNG\r\n/, 'image/png'],
  [/^\uFFFD{3,4}[\s\S]{0,8}(JFIF|Exif)/, 'image/jpeg'],
  [/^\uFFFD\uFFFD\uFFFD/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[\s\S]{1,4}WEBP/, 'image/webp'],
  [/^RIFF[\s\S]{1,4}WAVE/, 'audio/wav'],
  [/^%PDF-/, 'application/pdf'],
  [/^ID3/, 'audio/mpeg'],
  [/^OggS/, 'audio/ogg'],
  [/^fLaC/, 'audio/flac'],
  [/^[\s\S]{1,4}ftyp(heic|mif1)/, 'image/heic'],
  [/^[\s\S]{1,4}ftypM4A/, 'audio/mp4'],
  [/^[\s\S]{1,4}ftyp/, 'video/mp4'],
  [/^[\s\S]E\u07E3/, 'video/webm'],
  [/^\s*<svg[\s>]/, 'image/svg+xml'],
  [/^PK[\s\S]{2}[\s\S]{0,60}\[Content_Types\]/, 'application/vnd.openxmlformats-officedocument'],
  [/^PK[\s\S]{2}/, 'application/zip'],
];

export function mediaTypeOf(head: string): string | undefined {
  return SIGNATURES.find(([signature]) => signature.test(head))?.[1];
}
