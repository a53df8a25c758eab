import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpPlace, type Place } from '../../watch/alerts/testing/http-place.ts';
import { type Ran, runIn } from '../testing/run-in.ts';
import { alertLines } from './alerts-view.ts';

let folder: string;
let place: Place;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-alerts-'));
  place = await httpPlace(({ path }) => ({ status: path === '/in' ? 204 : 404 }));
  const channels = `{ team: { type: webhook, url: '${place.url}/in' }, gone: { type: webhook, url: '${place.url}/secret-path' } }`;
  writeFileSync(join(folder, 'understudy.yaml'), `watch: { alerts: { channels: ${channels} } }\n`);
});

afterEach(async () => {
  await place.close();
  rmSync(folder, { recursive: true, force: true });
});

function alerts(words: string): Promise<Ran> {
  return runIn(folder, ['alerts', ...words.split(' ').filter((word) => word !== ''), '--data', join(folder, 'data')]);
}

describe('understudy alerts', () => {
  it('tests a channel without a server, and keeps what came of it', async () => {
    expect(await alerts('test team')).toMatchObject({ code: 0, out: expect.stringContaining('Sent to team') });
    expect(place.asked[0]!.body).toMatchObject({ type: 'alert.test' });
    const gone = await alerts('test gone');
    expect(gone).toMatchObject({ code: 1, note: expect.stringContaining('answered 404') });
    expect(gone.note).not.toContain('secret-path');
    expect(await alerts('test pager')).toMatchObject({ code: 1, note: expect.stringContaining('there are: desktop, bell, team, gone') });
    const listed = await alerts('');
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('What was sent'), note: expect.stringContaining('not running') });
    expect(JSON.parse((await alerts('list --json')).out)).toMatchObject({ log: [{ outcome: 'refused' }, { outcome: 'sent' }] });
  });

  it.each(['test', 'test a b', 'answer a_1', 'answer a_1 maybe', 'list x', 'send', 'list --limit 0'])(
    'does not understand %s',
    async (words) => {
      expect((await alerts(words)).code).toBe(2);
      expect(place.asked).toEqual([]);
    },
  );

  it('says where nothing runs and nothing was kept', async () => {
    expect((await alerts('list')).code).toBe(3);
    expect(await alerts('answer a_1 yes')).toMatchObject({ code: 3, note: expect.stringContaining('understudy report') });
  });
});

it('fits a terminal', () => {
  const paint = Object.fromEntries(['good', 'warn', 'bad', 'dim', 'bold', 'accent'].map((name) => [name, (text: string) => text])) as never;
  const at = Date.UTC(2026, 5, 2, 6, 5);
  const lines = alertLines(
    {
      alerts: [
        {
          id: 'a_01jwqv5y6g0000000000000000',
          state: 'open',
          title: 'Claude (claude.ai), Claude API and Claude Code are down',
          lines: [
            'Claude API has been down for everyone since 2026-06-02 06:05 UTC: 6 of the last 20 requests failed: 529 overloaded_error.',
          ],
          began: at,
          channels: [
            { channel: 'desktop', told: 'new', toldAt: at, refused: false },
            { channel: 'team', refused: true },
            { channel: 'mail', waitingUntil: at + 3_600_000, refused: false },
          ],
        },
      ],
      log: [
        {
          at,
          channel: 'team',
          message: 'Claude API is down',
          outcome: 'refused',
          problem: `hooks.slack.com answered 404: ${'no_service '.repeat(9)}`,
        },
      ],
      channels: ['desktop', 'bell'],
      quietUntil: at + 3_600_000,
    },
    at + 600_000,
    { width: 80, paint },
  );
  expect(lines.join('\n')).toContain('team (refused it)');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
