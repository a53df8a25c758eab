import { z } from 'zod';
import { onOff } from '../failover/settings.ts';
import { hubSettings } from './crowd/settings.ts';

/** What is watched. Nothing is asked but providers in use and their own status pages, unless it is named here. */
export const watchSettings = z.strictObject({
  enabled: onOff
    .default(true)
    .describe('on: status pages of the providers in use are read, and products have verdicts. off: nothing is asked, nobody is alerted.'),
  products: z
    .array(z.string().min(1))
    .default([])
    .describe('Products to watch besides those in use, as people call them: [claude.ai, chatgpt, openai/codex].'),
  hub: hubSettings.prefault({}).describe('What people report, if you name who collects it; docs/crowd.md.'),
});

export type WatchSettings = z.output<typeof watchSettings>;
