import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { startSim } from '../sim/serve.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'understudy-example-'));

/** Runs a program in a process of its own, with these services instead of the real ones. */
function run(program: string, environment: Record<string, string>): Promise<{ code: number; out: string; errors: string }> {
  const file = join(folder, 'example.ts');
  writeFileSync(file, program);
  return new Promise((done) => {
    execFile(
      join(root, 'node_modules/.bin/node'),
      [file],
      { env: { PATH: process.env.PATH ?? '', AI_SDK_LOG_WARNINGS: 'false', ...environment }, timeout: 30_000 },
      (error, out, errors) => done({ code: error ? 1 : 0, out, errors }),
    );
  });
}

const entry = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;

test('the example of docs/library.md works as it stands, and its process ends by itself', { timeout: 40_000 }, async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const lead = await startSim({ name: 'lead', faults: [{ fault: 'error-event', position: 'text-middle' }] });
  const backup = await startSim({ name: 'backup' });
  try {
    const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
    const [, example] = /```ts\n([\s\S]*?)```/.exec(page)!;
    const program = example!.replace("'understudy'", `'${entry}'`);
    expect(program).not.toBe(example);
    const { code, out, errors } = await run(program, {
      ANTHROPIC_BASE_URL: `${lead.url}/v1`,
      ANTHROPIC_API_KEY: 'k',
      OPENAI_BASE_URL: `${backup.url}/v1`,
      OPENAI_API_KEY: 'k',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^This is a simulated answer.*That is the end of the simulated answer\.$/s);
    expect(errors).toContain('anthropic.messages/claude-sonnet-4-6 → openai.responses/gpt-5.6: Overloaded');
    expect(errors).not.toContain('not whole');
  } finally {
    await Promise.all([lead.close(), backup.close()]);
    rmSync(folder, { recursive: true });
  }
});

test('nothing of the server or the command line is loaded with it, nor what a journal on disk takes', async () => {
  const program = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    await import('${entry}');
    console.log(JSON.stringify(seen));`;
  const child = await new Promise<string>((done, fail) => {
    execFile(join(root, 'node_modules/.bin/node'), ['--input-type=module', '-e', program], (error, out) =>
      error ? fail(error) : done(out),
    );
  });
  const loaded = JSON.parse(child) as string[];
  const rooms = new Set(loaded.flatMap((url) => /\/src\/([\w-]+)\//.exec(url)?.[1] ?? []));
  expect(rooms).toContain('failover');
  expect([...rooms].filter((room) => ['cli', 'server', 'config', 'drill', 'sim', 'telemetry'].includes(room))).toEqual([]);
  expect(loaded.filter((url) => /undici|hono|pino|sqlite|disk-journal/.test(url))).toEqual([]);
});
