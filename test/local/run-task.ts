import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalScript } from '../../src/sim/local/script.ts';
import { startLocalService } from '../../src/sim/local/serve.ts';
import { startSim } from '../../src/sim/serve.ts';
import { runChild } from '../clients/child.ts';
import type { Variant } from '../clients/driven.ts';
import { makeHome, PRESETS } from '../clients/stage.ts';
import { startUnderstudy } from '../clients/understudy-process.ts';
import { CONTENT, fileWriter, LAST_WORDS, taskOf } from './model.ts';

/** How every target beyond this machine is dead; `no key`: there is none, and nothing is configured. */
export type Trouble = 'refused' | '529' | 'hang' | 'no key';

export interface TaskResult {
  problems: string[];
  seconds: number;
  /** What answered, request by request. */
  course: string;
}

const TIMEOUT = 60_000;
const MODEL = 'qwen3-coder:30b';

/**
 * A real coding agent through `understudy run`, whose configured targets are all dead: a model on this machine, which nobody has configured, does its
 * task. `kind`: what answers there.
 */
export async function runTask(
  root: string,
  program: readonly string[],
  variant: Variant,
  trouble: Trouble,
  kind: LocalScript['kind'],
  signal: AbortSignal,
): Promise<TaskResult> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-local-'));
  const path = join(folder, 'work', 'haiku.txt');
  const model = { name: MODEL, ...(kind === 'ollama' ? { numCtx: 131_072 } : { running: 131_072 }), longest: 262_144 };
  const dead = await deadTarget(trouble);
  const local = await startLocalService({ kind, models: [model], chat: fileWriter(path), loading: 300 });
  const problems: string[] = [];
  try {
    const other = variant.dialect === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
    const provider = (dialect: Variant['dialect']): unknown => ({
      preset: PRESETS[dialect].preset,
      dialect,
      baseUrl: `${dead.url}${PRESETS[dialect].path}`,
      apiKey: 'simulated-key',
    });
    const config = {
      providers: { lead: provider(variant.dialect), backup: provider(other) },
      routes: { default: ['lead/*', `backup/${PRESETS[other].model}`] },
      local: { ports: [local.port], models: [MODEL] },
      ...(trouble === 'hang' && { deadlines: { headers: '2s', firstEvent: '2s' } }),
    };
    const understudy =
      trouble === 'no key'
        ? undefined
        : await startUnderstudy(root, join(folder, 'understudy'), config, {
            PATH: process.env['PATH'],
            HOME: folder,
            UNDERSTUDY_LOCAL: '',
          });
    try {
      const home = makeHome(folder, { variant }, program, understudy?.address ?? '');
      // Without one that runs, it starts its own.
      const where = understudy ? ['--url', understudy.address] : ['--port', new URL(dead.url).port];
      const command = [process.execPath, join(root, 'bin', 'understudy'), 'run', '--quiet', ...where, variant.client];
      const { [variant.keyVariable]: _key, ...keyless } = home.environment;
      const child = await runChild([...command, ...variant.args(taskOf(path))], {
        cwd: home.work,
        env: understudy ? home.environment : { ...keyless, UNDERSTUDY_NOTIFY: 'off', UNDERSTUDY_LOCAL: `ollama=${local.url}/v1` },
        timeout: TIMEOUT,
        signal,
      });
      const written = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
      if (child.code !== 0) problems.push(`${child.ended ?? `exit code ${child.code}`}: ${child.stderr.slice(-400)}`);
      if (written !== CONTENT) problems.push(written === undefined ? 'the file is not there' : `the file says «${written}»`);
      if (variant.said(child.stdout).at(-1) !== LAST_WORDS) problems.push(`its last words: ${variant.said(child.stdout).at(-1)}`);
      const exchanges = await understudy?.exchanges();
      const answered = local.requests().filter((one) => one.path === '/v1/chat/completions').length;
      const course = exchanges?.map(({ target, state }) => target ?? state).join(', ') ?? `${answered} answers`;
      if (answered < 2 || exchanges?.some(({ target }) => !target?.endsWith(`/${MODEL}`))) problems.push(`who answered: ${course}`);
      return { problems, seconds: (performance.now() - began) / 1000, course };
    } finally {
      await understudy?.stop();
    }
  } finally {
    await Promise.all([local.close(), dead.close()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function deadTarget(trouble: Trouble): Promise<{ url: string; close(): Promise<void> }> {
  if (trouble === '529' || trouble === 'hang') return startSim({ name: trouble, strict: true, faults: [{ fault: trouble }] });
  // A port that was free a moment ago, and that nobody listens at.
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return { url: `http://127.0.0.1:${port}`, close: () => Promise.resolve() };
}
