/** The title of a web page that stands where an answer should, in brackets: ` («502 Bad Gateway»)`; empty where it has none. */
export function htmlTitle(html: string): string {
  const found = /<title[^>]*>([^<]{1,80})/i.exec(html)?.[1]?.trim();
  return found === undefined ? '' : ` («${found}»)`;
}
