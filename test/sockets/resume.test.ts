import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import { type Asking, BACKUP_KEY, LEAD_KEY, questionOf } from '../matrix/question.ts';
import { DEADLINES, settingsOf } from './house.ts';
import { type InFront, putInFront } from './in-front.ts';
import { startUnderstudy, type Understudy } from './understudy.ts';

/**
 * A background response of OpenAI's, over real sockets: the official client, an Understudy in a process of its own, TLS and a proxy, and
 * a service that keeps what it makes and gives the rest of it under `GET /v1/responses/ID?stream=true&starting_after=N`.
 */
let folder: string;
let lead: SimServer;
let backup: SimServer;
let front: InFront;
let understudy: Understudy;
let client: OpenAI;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-resume-'));
  const pace = { headers: 5, firstToken: 5, perToken: 2, scale: 1 };
  lead = await startSim({ name: 'lead', key: LEAD_KEY, strict: true, pace });
  backup = await startSim({ name: 'backup', key: BACKUP_KEY, strict: true, pace });
  front = await putInFront('api.openai.com', lead.port);
  const config = {
    deadlines: DEADLINES,
    providers: {
      openai: { dialect: 'openai-responses', apiKey: LEAD_KEY, proxy: front.proxy, ca: front.ca, facts: { '*': { reasoning: 'effort' } } },
      backup: settingsOf('openai-chat', backup.url, BACKUP_KEY),
    },
    routes: { kept: ['openai/the-model', 'backup/the-other'] },
  };
  understudy = await startUnderstudy({ folder, config });
  client = new OpenAI({ baseURL: `${understudy.address}/v1`, apiKey: 'sk-client', maxRetries: 0 });
}, 60_000);

afterEach(async () => {
  await understudy.stop();
  front.close();
  await Promise.all([lead.close(), backup.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function ask(content: Asking, faults: FaultRule[]): Promise<{ events: ResponseStreamEvent[]; asked: string[] }> {
  const set = lead.setFaults(faults);
  if (!set.ok) throw new Error(set.error);
  const before = lead.requests().length;
  const question = JSON.parse(
    questionOf('openai-responses', true, content, 'kept').body.toString(),
  ) as OpenAI.Responses.ResponseCreateParamsStreaming;
  const stream = await client.responses.create({ ...question, background: true, store: true, stream: true });
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return {
    events,
    asked: lead
      .requests()
      .slice(before)
      .map(({ method, path }) => `${method} ${path.replace(/resp_\w+/, 'ID')}`),
  };
}

/** Two answers to one question have other ids and times. */
function comparable(events: ResponseStreamEvent[]): unknown {
  const text = JSON.stringify(events, (name, value: unknown) => (/(^|_)at$|^obfuscation$/.test(name) ? 0 : value));
  return JSON.parse(
    text.replaceAll(/"(resp|msg|rs|fc|call)_\w+"/g, '"$1"').replaceAll(/"encrypted_content":"[^"]*"/g, '"encrypted_content":""'),
  );
}

/** What the finished response says. */
function textOf(events: ResponseStreamEvent[]): string {
  const last = events.at(-1)!;
  if (last.type !== 'response.completed') throw new Error(`the answer ended with ${last.type}`);
  return last.response.output
    .map((item) => (item.type === 'message' ? item.content.map((part) => ('text' in part ? part.text : '')).join('') : ''))
    .join('');
}

const once = (fault: string, position: NonNullable<FaultRule['position']>): FaultRule => ({ fault, position, schedule: { type: 'once' } });
const REST = /^GET \/v1\/responses\/ID\?stream=true&starting_after=\d+$/;

describe('a response in the background, over sockets', () => {
  it.each([
    ['text', ['before-content', 'text-first', 'text-middle', 'text-last', 'before-terminator']],
    ['pondered', ['reasoning', 'arguments', 'between-calls', 'after-calls']],
    ['structured', ['text-middle']],
  ] as const)('goes on event by event wherever its connection is cut: %s', { timeout: 120_000 }, async (content, places) => {
    const calm = await ask(content, []);
    expect(calm.asked).toEqual(['POST /v1/responses']);
    expect(calm.events.at(-1)!.type).toBe('response.completed');
    for (const position of places)
      for (const fault of ['reset-edge', 'cut-inside', 'clean-end']) {
        const cut = await ask(content, [once(fault, position)]);
        expect({ fault, position, events: comparable(cut.events) }).toEqual({ fault, position, events: comparable(calm.events) });
        expect(cut.asked).toEqual(['POST /v1/responses', expect.stringMatching(REST)]);
      }
    expect(backup.requests()).toEqual([]);
  });

  it('goes on from any byte behind its first event', { timeout: 120_000 }, async () => {
    const calm = await ask('parallel', []);
    for (let byte = 3001; byte < 20_000; byte += 1499) {
      const cut = await ask('parallel', [once('reset-edge', { byte })]);
      expect({ byte, events: comparable(cut.events) }).toEqual({ byte, events: comparable(calm.events) });
    }
    expect(backup.requests()).toEqual([]);
  });

  it('goes on as often as it is cut', { timeout: 60_000 }, async () => {
    const calm = await ask('text', []);
    const cut = await ask('text', [{ fault: 'cut-inside', position: 'text-middle', schedule: { type: 'ever' } }]);
    expect(comparable(cut.events)).toEqual(comparable(calm.events));
    expect(cut.asked.filter((line) => REST.test(line)).length).toBeGreaterThan(2);
    expect(backup.requests()).toEqual([]);
  });

  it.each([
    [
      'by the backup when its provider is gone',
      [once('reset-edge', 'text-middle'), { fault: 'reset-edge', position: 'start', schedule: { type: 'ever' } }],
      1,
    ],
  ] as [string, FaultRule[], number][])(
    'is carried on otherwise, and stopped where it was, %s',
    { timeout: 60_000 },
    async (_when, faults, backups) => {
      const calm = await ask('text', []);
      const cut = await ask('text', faults);
      expect(textOf(cut.events)).toBe(textOf(calm.events));
      expect(backup.requests().length).toBe(backups);
      expect(cut.asked).toContain('POST /v1/responses/ID/cancel');
    },
  );
});
