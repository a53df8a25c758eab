/** The real book of runbooks behind the routes, over a watch that knows of one outage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok } from '../../exchange/result.ts';
import type { DeskAsked } from '../../offline/desk.ts';
import type { Questions } from '../../offline/messages.ts';
import { runbookBook, type ShownRunbook } from '../../offline/runbook/runbook-book.ts';
import type { Incident } from '../../watch/incident.ts';
import type { RunningServer } from '../listen.ts';
import { oneOfEach } from '../testing/lying-here.ts';
import { call } from '../testing/raw-client.ts';
import { serve, type Stage, stage } from '../testing/scripted-ports.ts';
import { INCIDENT } from '../testing/watched.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-offline-routes-'));
const going: Incident = { ...INCIDENT, products: ['anthropic/api'] };
let asked: DeskAsked | undefined;
let server: RunningServer;

beforeAll(async () => {
  const book = runbookBook(folder, []);
  const watch: Stage['ports']['watch'] = { ask: () => Promise.resolve(ok({ incidents: [going] }) as never) };
  const offline: Stage['ports']['offline'] = {
    desk: {
      answer(question) {
        asked = question;
        return oneOfEach().desk.answer(question);
      },
    },
    ask(question, given) {
      const { incidents, ...rest } = given as Questions['tick']['asked'];
      const answer = question === 'runbooks' ? book.list(incidents, Date.now()) : book.change(rest, incidents, Date.now());
      return Promise.resolve(ok(answer)) as never;
    },
  };
  server = await serve(stage({ ports: { watch, offline } }));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function tick(name: string, body: string): Promise<{ status: number; text: string }> {
  return call(server.port, `/api/runbooks/${name}/tick`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

describe('/api/offline', () => {
  test('asks the desk with what it was given', async () => {
    expect((await call(server.port, '/api/offline?q=how%20so&limit=2&project=/work&notesOnly=true')).status).toBe(200);
    expect(asked).toEqual({ question: 'how so', limit: 2, project: '/work', notesOnly: true });
  });

  test.each(['limit=0', 'limit=11', 'notesOnly=maybe', 'question=x', 'project='])('?%s is refused', async (query) => {
    const reply = await call(server.port, `/api/offline?${query}`);
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('bad-query')]);
  });
});

describe('/api/runbooks', () => {
  test('ticks for the incident that goes on, and takes them off', async () => {
    const done = (text: string): boolean[] => (JSON.parse(text) as ShownRunbook).items.map(({ doneAt }) => doneAt !== undefined);
    const first = await tick('claude-api-down', '{"item":2}');
    expect(JSON.parse(first.text)).toMatchObject({ incident: { id: going.id } });
    expect(done(first.text).slice(0, 3)).toEqual([false, true, false]);
    expect(done((await call(server.port, '/api/runbooks/claude-api-down')).text)[1]).toBe(true);
    expect(done((await tick('claude-api-down', '{"item":2,"done":false}')).text)[1]).toBe(false);
    await tick('claude-api-down', '{"item":1}');
    expect(done((await tick('claude-api-down', '{}')).text).includes(true)).toBe(false);
  });

  test.each([
    ['nope', '{"item":1}', 404, 'unknown-runbook'],
    ['claude-api-down', '{"item":99}', 400, 'bad-tick'],
    ['claude-api-down', '{"item":0}', 400, 'bad-tick'],
    ['claude-api-down', '{"itm":1}', 400, 'bad-tick'],
    ['claude-api-down', 'no json', 400, 'bad-tick'],
    ['claude-api-down', `{"item":1,"incident":"${'x'.repeat(2000)}"}`, 400, 'bad-tick'],
  ])('%s with %s is refused', async (name, body, status, code) => {
    const reply = await tick(name, body);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(code)]);
  });

  test('one that is not there', async () => {
    expect((await call(server.port, '/api/runbooks/..%2f..%2fetc')).status).toBe(404);
  });
});
