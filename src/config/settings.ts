import { z } from 'zod';
import { protectSettings } from '../archive/protect/settings.ts';
import { archiveSettings } from '../archive/settings.ts';
import { drillSettings } from '../drill/settings.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../failover/settings.ts';
import { journalSettings } from '../journal/settings.ts';
import { localSettings } from '../providers/local/settings.ts';
import { offlineSettings } from '../offline/settings.ts';
import { providersSettings } from '../providers/settings.ts';
import { queueSettings } from '../queue/settings.ts';
import { logSettings, telemetrySettings } from '../telemetry/settings.ts';
import { watchSettings } from '../watch/settings.ts';
import { serverSettings } from './server-settings.ts';

/** The whole file: each room's own settings under its name. Every value has a default. */
export const configSettings = z.strictObject({
  server: serverSettings.prefault({}),
  data: z.string().min(1).optional().describe("The data folder; by default the platform's own place. --data wins over it."),
  providers: providersSettings.describe('Who can answer. Presets need only a key: anthropic: {}'),
  routes: routesSettings.describe('Model asked for -> targets in order: an exact name, a glob such as claude-haiku-*, or default.'),
  local: localSettings.prefault({}),
  deadlines: deadlinesSettings.prefault({}),
  failover: failoverSettings.prefault({}),
  journal: journalSettings.prefault({}),
  archive: archiveSettings.prefault({}),
  protect: protectSettings.prefault({}),
  watch: watchSettings.prefault({}),
  queue: queueSettings.prefault({}),
  offline: offlineSettings.prefault({}),
  drill: drillSettings.prefault({}),
  telemetry: telemetrySettings.prefault({}),
  log: logSettings.prefault({}),
});

export type Settings = z.output<typeof configSettings>;
