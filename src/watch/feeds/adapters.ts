import type { FeedAdapter, PageFamily } from '../page.ts';
import { betterStack } from './better-stack.ts';
import { checkly } from './checkly.ts';
import { feed } from './feed.ts';
import { flashduty } from './flashduty.ts';
import { googleCloud } from './google-cloud.ts';
import { googleWorkspace } from './google-workspace.ts';
import { incidentIo } from './incident-io.ts';
import { instatus } from './instatus.ts';
import { onlineornot } from './onlineornot.ts';
import { openrouterUptime } from './openrouter-uptime.ts';
import { statuspage } from './statuspage.ts';

const ADAPTERS: Readonly<Record<PageFamily, FeedAdapter>> = {
  'incident-io': incidentIo,
  statuspage,
  'google-cloud': googleCloud,
  'google-workspace': googleWorkspace,
  'openrouter-uptime': openrouterUptime,
  instatus,
  'better-stack': betterStack,
  checkly,
  flashduty,
  onlineornot,
  feed,
};

export function adapterOf(family: PageFamily): FeedAdapter {
  return ADAPTERS[family];
}
