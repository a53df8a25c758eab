import { z } from 'zod';
import { PAGE_FAMILIES, type Covered, type PageFamily, type StatusPage } from '../page.ts';
import { parseProductKey } from '../product.ts';
import { productNamed } from './known.ts';
import { PAGES } from './pages.ts';

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const product = z.string().superRefine((text, context) => {
  const covered = coveredBy(text);
  if (typeof covered !== 'string') return;
  context.addIssue({ code: 'custom', message: covered });
});

/** `watch.pages` in the configuration. */
export const ownPagesSettings = z.record(
  z.string().regex(/^[\w.-]{1,64}$/, 'is no name: letters, digits, dots, dashes'),
  z.union([
    address,
    z.strictObject({
      url: address.describe('The page as a person opens it: https://status.example.com.'),
      family: z.enum(PAGE_FAMILIES).optional().describe('Who makes its software. By default it is found out by what answers there.'),
      product: product
        .optional()
        .describe(
          'What it is about, as people call it (claude.ai) or as provider/product. By default the API of a provider of the page’s own name.',
        ),
    }),
  ]),
);

export type OwnPagesSettings = z.output<typeof ownPagesSettings>;

/** A page of which it may still have to be found out who makes its software. */
export type OwnPage = Omit<StatusPage, 'family'> & { family?: PageFamily };

/** Pages of a configuration. An address that is known says by itself what it is, and what its components are about. */
export function ownPages(settings: OwnPagesSettings): OwnPage[] {
  return Object.entries(settings).map(([name, setting]): OwnPage => {
    const { url, family, product: about } = typeof setting === 'string' ? { url: setting } : setting;
    const known = PAGES.find((page) => [page.url, ...(page.mirrors ?? [])].some((each) => isSamePlace(each, url)));
    const stated = about === undefined ? undefined : coveredBy(about);
    const covers = typeof stated === 'object' ? [stated] : (known?.covers ?? [{ provider: name, product: 'api', all: true as const }]);
    if (known && (family === undefined || family === known.family)) return { ...known, id: name, url, covers };
    return { id: name, ...(family && { family }), url, covers, source: `watch.pages.${name} in the configuration` };
  });
}

/** All of a page is about it. What is wrong with the name, in a sentence, where it is none. */
function coveredBy(text: string): Covered | string {
  const named = productNamed(text);
  if (named.ok) return { provider: named.value.provider, product: named.value.product, all: true };
  const key = parseProductKey(text);
  if (key) return { provider: key.provider, product: key.product, all: true };
  const near = named.error.length > 0 ? ` Did you mean ${named.error.join(' or ')}?` : '';
  return `names no product that is known: ${text}.${near} One of your own is written provider/product.`;
}

function isSamePlace(one: string, other: string): boolean {
  const [left, right] = [new URL(one), new URL(other)];
  return left.host === right.host && left.pathname === right.pathname;
}
