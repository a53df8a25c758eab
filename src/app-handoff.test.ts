import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type App, buildApp } from './app.ts';
import { putInto } from './archive/store/put.ts';
import { openArchive } from './archive/store/open.ts';
import { handoff } from './archive/handoff/bundle.ts';
import { announce } from './cli/announced.ts';
import { askForSummary } from './cli/archive/handoff-summary.ts';
import { EXIT } from './cli/exit-code.ts';
import { runIn, type Ran } from './cli/testing/run-in.ts';
import { configSettings } from './config/settings.ts';
import { startSim, type SimServer } from './sim/serve.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-handoff-'));
const data = join(home, 'data');
const key = 'sk-proj-abcdefghijklmnopqrstuvwx0123';
let sim: SimServer;
let app: App;

beforeAll(async () => {
  mkdirSync(data);
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  putInto(opened.value).conversation({ source: 'claude-code', key: 's', title: 'Rename it', updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: `Rename a to b. The key is ${key}.` }] },
  ]);
  opened.value.close();
  sim = await startSim({ name: 'writer' });
  const config = {
    server: { port: 0 },
    data,
    providers: {
      writer: {
        dialect: 'openai-chat',
        baseUrl: `${sim.url}/v1`,
        apiKey: 'k',
        local: false,
        facts: { scribe: { price: { input: 5, output: 25 } } },
      },
      anthropic: {},
    },
    routes: { default: ['writer/scribe'], 'claude-*': ['anthropic/*'] },
    deadlines: { headers: '30s', firstEvent: '30s' },
  };
  writeFileSync(join(home, 'understudy.yaml'), stringify(config));
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(configSettings.parse(config), { version: '0.0.0', surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
  // As `understudy start` does: the port was not known before.
  const server = { address: app.address, pid: process.pid, data, config: join(home, 'understudy.yaml'), started: 0 };
  announce(server, { ...surroundings, streams: {}, nodeVersion: '', onSignal: () => () => {} } as never);
});
afterAll(async () => {
  await app.close();
  await sim.close();
  rmSync(home, { recursive: true });
});
afterEach(() => {
  sim.setFaults([]);
});

const run = (...more: string[]): Promise<Ran> => runIn(home, ['handoff', '--last', '--config', join(home, 'understudy.yaml'), ...more]);
const asked = (): string[] => sim.requests().map(({ body }) => String(body));

describe('a summary by a model', () => {
  it('is nobody’s business unless it is wished for', async () => {
    const { code, out } = await run();
    expect(code).toBe(EXIT.done);
    expect(out).not.toContain('Summary by a model');
    expect(asked()).toEqual([]);
  });

  it('is added to all that there is without it, under its own name, after its price was said, and without keys', async () => {
    const without = (await run()).out;
    const { code, out, note } = await run('--summary');
    expect(code).toBe(EXIT.done);
    expect(note).toMatch(/Asking writer\/scribe for a summary: about \d+ tokens, credentials taken out, about \$0\.0\d+, 20 s at most\./);
    const [, label, quoted] = /## Summary by a model\n\n(Written by writer\/scribe at 20\S+Z, .*)\n\n((?:>.*\n)+)/.exec(out) ?? [];
    expect([label, quoted]).toEqual([expect.stringContaining('not checked'), expect.stringMatching(/^> \S/)]);
    expect(out.replace(/## Summary by a model\n[\s\S]*?\n\n(?=## )/, '')).toBe(without);
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toContain('Rename a to b.');
    expect(asked()[0]).not.toContain(key);
  });

  it('is done without where nobody can write it, which is said', async () => {
    sim.setFaults([{ fault: '500' }]);
    const failed = await run('--summary');
    expect([failed.code, failed.note]).toEqual([EXIT.done, expect.stringContaining('The hand-over goes without it.')]);
    expect(failed.out).toContain('Rename a to b.');
    // A key of the client's own is nothing that a command has.
    expect((await run('--summary-model', 'claude-opus-5')).note).toContain('nobody who is configured answers claude-opus-5');
    const elsewhere = await runIn(home, ['handoff', '--last', '--summary', '--data', join(home, 'none')], {});
    expect(elsewhere.note).toContain('The archive is empty');
  });

  it('is not waited for beyond its time', async () => {
    sim.setFaults([{ fault: 'hang' }]);
    const material = handoff({ conversation: { title: 'x', source: 'codex', status: 'complete' }, messages: [], budget: 2000 });
    const plan = { address: app.address, token: undefined, model: 'writer/scribe', says: '' };
    expect(await askForSummary(plan, material, () => 0, 300)).toEqual({ ok: false, error: 'no answer in 0.3 s' });
  });
});
