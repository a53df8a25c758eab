import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-spend-'));
let app: App;

beforeAll(async () => {
  const data = join(home, 'data');
  mkdirSync(data, { recursive: true });
  // As a version wrote it that knew of backups alone. In the last minute of an hour it may be the next one by now: the month is the same but once.
  writeFileSync(join(data, 'state.json'), JSON.stringify({ spend: { [new Date().toISOString().slice(0, 13)]: 4.5 } }));
  const settings = configSettings.parse({
    server: { port: 0 },
    data,
    providers: {
      anthropic: { apiKey: 'k' },
      other: { baseUrl: 'http://127.0.0.1:9/v1', dialect: 'openai-chat', apiKey: 'k', facts: { big: { price: { input: 5, output: 25 } } } },
    },
    routes: { default: { targets: ['anthropic/*', 'other/big'], spend: '20/month' } },
    failover: { backupSpend: '5/month' },
  });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await app.close();
  rmSync(home, { recursive: true });
});

describe('the status', () => {
  it('knows what had been spent before the restart, and warns of the cap that is nearly reached', () => {
    expect(app.status().spend).toMatchObject([
      { setting: 'failover.backupSpend', spent: 4.5, dollars: 5, per: 'month' },
      { setting: 'routes.default.spend', spent: 0, dollars: 20 },
    ]);
    expect(app.status().notices.join('\n')).toMatch(
      /Backups have cost \$4\.50 of the \$5 that they may cost a month \(failover\.backupSpend\).*01 00:00 UTC/,
    );
  });

  it('says what an agent’s turn would cost at a backup of known price', () => {
    const route = app.status().routes.find(({ pattern }) => pattern === 'default');
    expect(route?.turns).toEqual([{ target: 'other/big', dollars: (150_000 * 5 + 1000 * 25) / 1e6 }]);
  });
});
