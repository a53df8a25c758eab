import type { StatusPage } from '../page.ts';

export const PAGES: readonly StatusPage[] = [];
