import type { StatusPage } from '../page.ts';
import { anthropicPages } from './pages/anthropic.ts';
import { googlePages } from './pages/google.ts';
import { hostPages } from './pages/hosts.ts';
import { openaiPages } from './pages/openai.ts';
import { toolPages } from './pages/tools.ts';
import { vendorPages } from './pages/vendors.ts';

/** Every status page that is known. Which of them are asked is decided elsewhere (poll/pages-in-use.ts). */
export const PAGES: readonly StatusPage[] = [...anthropicPages, ...openaiPages, ...googlePages, ...vendorPages, ...hostPages, ...toolPages];
