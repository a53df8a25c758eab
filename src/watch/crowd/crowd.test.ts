import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hubLab, type HubLab } from '../hub/testing/hub-lab.ts';
import { systemClock } from '../../exchange/clock.ts';
import { createCall } from '../../providers/http-call.ts';
import { openWatch } from '../store/open.ts';
import { createCrowd, type Crowd, type ReportAnswer, type ReportAsked } from './crowd.ts';
import type { CrowdEvidence } from './evidence.ts';
import { type HubCall, hubCall } from './hub-call.ts';
import { openInstallKey, replaceInstallKey } from './install-key.ts';
import { hubSettings } from './settings.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HANGS: ReportAsked = { product: 'anthropic/chat', symptom: 'hangs', send: true };

let http: ReturnType<typeof createCall>;
let folder: string;
let lab: HubLab;
let database: DatabaseSync;
let crowd: Crowd;
let asked: string[];
let told: CrowdEvidence[];
let reachable = true;
let underWay = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-crowd-'));
  lab = await hubLab({ bits: 4 });
  asked = [];
  told = [];
  reachable = true;
  http = createCall({ environment: {} });
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
});

afterEach(async () => {
  crowd.close();
  database.close();
  await http.close();
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const call: HubCall = async (request) => {
  asked.push(request.url.replace(/^.*\/api/, ''));
  if (!reachable) return { ok: false, error: 'it cannot be reached' };
  underWay++;
  return hubCall(http.call, systemClock, '0.1.0')(request).finally(() => underWay--);
};

/** Time goes by, and every call has its answer before it goes on. */
async function pass(span: number): Promise<void> {
  for (let left = span; left > 0; left -= MINUTE) {
    await lab.clock.advance(Math.min(left, MINUTE));
    do for (let turn = 0; turn < 5; turn++) await setImmediate();
    while (underWay > 0);
  }
}

function begin(url?: string, region = 'auto'): Crowd {
  crowd = createCrowd(hubSettings.parse({ region, ...(url !== undefined && { url }) }), {
    clock: lab.clock,
    random: () => 0.5,
    database,
    call,
    pause: () => setImmediate(),
    installKey: () => openInstallKey(folder),
    own: () => ({ attempts: 3, failures: 2 }),
    version: '0.1.0',
    environment: { LANG: 'en_US.UTF-8' },
    timeZone: 'Europe/Vienna',
    onEvidence: (evidence) => (told = evidence),
    broken(error) {
      throw error;
    },
  });
  return crowd;
}

async function report(what: ReportAsked = HANGS): Promise<ReportAnswer> {
  const answer = await crowd.report(what);
  if (!answer.ok) throw new Error(answer.error);
  return answer.value;
}

describe('without a hub', () => {
  it('a report stays here, weighs on the own board, and nobody is asked anything', async () => {
    begin();
    expect(await report()).toEqual({ state: 'kept' });
    expect(told).toEqual([
      {
        key: 'anthropic/chat',
        evidence: { kind: 'answer', weight: 2, at: lab.clock.now(), text: 'you reported: hangs', source: 'you' },
      },
    ]);
    await lab.clock.advance(2 * HOUR);
    expect(told).toEqual([]);
    expect(crowd.evidence()).toEqual([]);
    expect(asked).toEqual([]);
    expect(crowd.reports(0)).toMatchObject([{ product: 'anthropic/chat', symptom: 'hangs', state: 'kept' }]);
  });

  it('what was said is known after a restart, as long as it says something', async () => {
    begin();
    await report();
    crowd.close();
    told = [];
    await lab.clock.advance(30 * MINUTE);
    begin();
    await lab.clock.advance(MINUTE);
    expect(told.map(({ key }) => key)).toEqual(['anthropic/chat']);
    await lab.clock.advance(30 * MINUTE);
    expect(told).toEqual([]);
  });

  it('the last word counts', async () => {
    begin();
    await report();
    await lab.clock.advance(10 * MINUTE);
    await report({ ...HANGS, symptom: 'works' });
    expect(told.map(({ evidence }) => evidence.weight)).toEqual([-2]);
  });
});

describe('with a hub', () => {
  it('what would be sent is shown to the letter, and nothing is done', async () => {
    begin(lab.address, 'none');
    const shown = await report({ ...HANGS, model: 'claude-opus-4-6', send: false });
    expect(shown.sent?.statement).toMatchObject({
      provider: 'anthropic',
      product: 'chat',
      model: 'claude-opus-4-6',
      symptom: 'hangs',
      region: 'none',
      own: { attempts: 3, failures: 2 },
    });
    expect(asked).toEqual([]);
    expect(crowd.reports(0)).toEqual([]);
    const sent = await report({ ...HANGS, model: 'claude-opus-4-6' });
    expect(sent).toEqual({ ...shown, state: 'sent' });
  });

  it('a report arrives, with the country of the time zone, and one an hour is enough', async () => {
    begin(lab.address);
    const first = await report();
    expect(first).toMatchObject({ state: 'sent', hub: lab.address, sent: { statement: { region: 'AT' } } });
    expect(asked).toEqual(['/v1/challenge', '/v1/reports']);
    const at = lab.clock.now();
    await lab.clock.advance(1000);
    expect(await report({ ...HANGS, symptom: 'works' })).toEqual({ state: 'earlier', hub: lab.address, earlierAt: at });
    expect(asked.filter((path) => path === '/v1/reports')).toHaveLength(1);
    expect((await report({ ...HANGS, product: 'openai/api' })).state).toBe('sent');
  });

  it('is told the key beforehand, once, and again when it is another', async () => {
    begin(lab.address);
    await pass(10_000);
    await vi.waitFor(() => expect(asked).toEqual(['/v1/challenge', '/v1/keys', '/v1/states']));
    expect(lab.hub.figures().keys).toBe(1);
    await pass(10 * MINUTE);
    await vi.waitFor(() => expect(asked.filter((path) => path === '/v1/states')).toHaveLength(3));
    expect(asked.filter((path) => path === '/v1/keys')).toHaveLength(1);
    replaceInstallKey(folder);
    await pass(10 * MINUTE);
    await vi.waitFor(() => expect(lab.hub.figures().keys).toBe(2));
  });

  it('a report waits while the hub is away, and arrives when it is back', async () => {
    begin(lab.address);
    reachable = false;
    expect(await report()).toMatchObject({ state: 'waiting', problem: `${lab.address}: it cannot be reached` });
    await pass(MINUTE);
    reachable = true;
    await pass(3 * MINUTE);
    await vi.waitFor(() => expect(crowd.reports(0)[0]?.state).toBe('sent'));
  });

  it('a report that is too old is not sent any more, also after a restart', async () => {
    begin(lab.address);
    reachable = false;
    await report();
    crowd.close();
    await pass(HOUR);
    reachable = true;
    begin(lab.address);
    await pass(10_000);
    await vi.waitFor(() => expect(crowd.reports(0)[0]).toMatchObject({ state: 'late' }));
    expect(asked).not.toContain('/v1/reports');
  });

  it('nothing goes to a hub that is not named any more', async () => {
    begin(lab.address);
    reachable = false;
    await report();
    reachable = true;
    asked = [];
    crowd.apply(hubSettings.parse({}));
    await pass(HOUR);
    expect(asked).toEqual([]);
    expect(crowd.reports(0)[0]).toMatchObject({ state: 'kept' });
  });

  it('what others report is evidence, until the hub has not been heard for a quarter of an hour', async () => {
    const apart = (index: number): string => `198.18.${index}.7`;
    const people = await lab.known(10, apart);
    for (const [index, each] of people.entries()) await lab.tell(each, apart(index));
    await lab.clock.advance(6000);
    begin(lab.address);
    await pass(10_000);
    await vi.waitFor(() =>
      expect(told).toMatchObject([{ key: 'anthropic/api', evidence: { kind: 'crowd', weight: 2, source: lab.address } }]),
    );
    reachable = false;
    await pass(16 * MINUTE);
    expect(crowd.evidence()).toEqual([]);
    expect(told).toEqual([]);
  });

  it('says what the hub says where it refuses, and does not come again', async () => {
    begin(lab.address);
    expect(await report({ ...HANGS, product: 'acme/api' })).toMatchObject({
      state: 'refused',
      problem: expect.stringContaining('does not know that product'),
    });
    asked = [];
    await pass(2 * HOUR);
    expect(asked.filter((path) => path === '/v1/reports')).toEqual([]);
  });

  it('a clock that is wrong is told as such', async () => {
    begin(lab.address);
    const before = lab.clock.now;
    const spy = vi.spyOn(lab.hub, 'challenge').mockImplementation(() => ({ challenge: 'x', bits: 0, now: before() - 30 * MINUTE }));
    expect((await report()).problem).toContain('this machine’s is 30 minutes fast'.replace('’', "'"));
    spy.mockRestore();
  });
});

it('something else at the hub’s address is no hub', async () => {
  const other = createServer((_, response) => response.end('<html>Sign in to the hotel’s network</html>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  begin(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
  expect(await report()).toMatchObject({ state: 'waiting', problem: expect.stringContaining('no hub of Understudy') });
  expect(crowd.evidence().every(({ evidence }) => evidence.kind === 'answer')).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});
