import type { Covered, StatusPage } from '../page.ts';
import type { PageComponent, PageIncident } from '../page-reading.ts';
import type { ProductKey } from '../product.ts';

type Key = Pick<ProductKey, 'provider' | 'product'>;

/** Which products a component of a page belongs to; none: what it is about is not watched. */
export function productsOfComponent(page: StatusPage, component: Pick<PageComponent, 'id' | 'name' | 'group'>): Key[] {
  return keysOf(coveringComponent(page, component));
}

/**
 * Which products an entry of a page is about. Some pages link all their components to every incident (Anthropic's does): those that the entry itself
 * calls operational do not count, unless it says so of all of them. What links nothing is read by its title; `components`: the page's, for their groups.
 */
export function productsOfIncident(
  page: StatusPage,
  { title, components: linked }: Pick<PageIncident, 'title' | 'components'>,
  components: readonly PageComponent[],
): Key[] {
  const byTitle = keysOf(page.covers.filter((covered) => covered.all === true || isNamed(covered, title)));
  if (linked.length === 0) return byTitle;
  const about = ({ id, name }: { id: string; name: string }): Covered[] => {
    const known = components.find((component) => component.id === id);
    return coveringComponent(page, known ?? { id, name });
  };
  const affected = linked.filter(({ state }) => state !== 'operational');
  if (affected.length > 0) return keysOf(affected.flatMap(about));
  const linkedTo = keysOf(linked.flatMap(about));
  const both = byTitle.filter((key) => linkedTo.some((other) => isSame(key, other)));
  return both.length > 0 ? both : linkedTo;
}

function coveringComponent(page: StatusPage, { id, name, group }: Pick<PageComponent, 'id' | 'name' | 'group'>): Covered[] {
  const all = page.covers.filter((covered) => covered.all === true);
  const byId = page.covers.filter((covered) => covered.components?.includes(id));
  if (byId.length > 0) return [...all, ...byId];
  const byGroup = group === undefined ? [] : page.covers.filter(({ groups = [] }) => groups.includes(group));
  return [...all, ...(byGroup.length > 0 ? byGroup : page.covers.filter((covered) => isNamed(covered, name)))];
}

function isNamed({ names = [] }: Covered, text: string): boolean {
  return names.some((name) => new RegExp(name, 'i').test(text));
}

function keysOf(covers: readonly Covered[]): Key[] {
  const keys: Key[] = [];
  for (const { provider, product } of covers) {
    if (!keys.some((key) => isSame(key, { provider, product }))) keys.push({ provider, product });
  }
  return keys;
}

function isSame(one: Key, other: Key): boolean {
  return one.provider === other.provider && one.product === other.product;
}
