import type { StatusPage } from '../../page.ts';
import type { Payload } from '../../page-reading.ts';
import { PAGES } from '../../registry/pages.ts';

/** A payload as it would have come: text as it is, anything else as JSON. */
export function payload(value: unknown, contentType = 'application/json', url = 'https://status.example.com/summary.json'): Payload {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { url, contentType, bytes: new TextEncoder().encode(text) };
}

export function pageNamed(id: string): StatusPage {
  const page = PAGES.find((each) => each.id === id);
  if (!page) throw new Error(`there is no page ${id}`);
  return page;
}
