import type { FeedAdapter, PageFamily } from '../page.ts';
import { googleCloud } from './google-cloud.ts';
import { googleWorkspace } from './google-workspace.ts';
import { incidentIo } from './incident-io.ts';
import { statuspage } from './statuspage.ts';

const ADAPTERS: Partial<Record<PageFamily, FeedAdapter>> = {
  'incident-io': incidentIo,
  statuspage,
  'google-cloud': googleCloud,
  'google-workspace': googleWorkspace,
};

export function adapterOf(family: PageFamily): FeedAdapter | undefined {
  return ADAPTERS[family];
}
