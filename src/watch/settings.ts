import { z } from 'zod';
import { onOff } from '../failover/settings.ts';
import { ownPagesSettings } from './registry/own-pages.ts';
import { alertSettings } from './alerts/settings.ts';
import { probesSettings } from './probe/settings.ts';
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
  pages: ownPagesSettings
    .default({})
    .describe(
      'Further status pages, by a name of your choice: {wall: https://status.example.com}. Who makes the page’s software is found out.',
    ),
  probes: probesSettings.prefault({}).describe('Requests for one token, made to find out whether a target answers.'),
  statusPage: z
    .strictObject({ title: z.string().min(1).max(100).default('Status').describe('What it is called.') })
    .prefault({})
    .describe('The status page of your own at /status/, and as `understudy publish` writes it.'),
  alerts: alertSettings.prefault({}).describe('Who is told when something is down, and how; docs/alerts.md.'),
  hub: hubSettings.prefault({}).describe('What people report, if you name who collects it; docs/crowd.md.'),
});

export type WatchSettings = z.output<typeof watchSettings>;
