import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalReport } from '../../server/local/report.ts';
import type { LocalScript } from '../../sim/local/script.ts';
import { startLocalService } from '../../sim/local/serve.ts';
import { EXIT } from '../exit-code.ts';
import { runIn } from '../testing/run-in.ts';

let folder: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-local-')));
  write('');
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

/** Nothing listens at port 1: the command looks by itself. */
function write(config: string): void {
  writeFileSync(join(folder, 'understudy.yaml'), `server: { port: 1 }\n${config}`);
}

async function machine(...scripts: [string, LocalScript][]): Promise<Record<string, string>> {
  const places: string[] = [];
  for (const [name, script] of scripts) {
    const { url, close } = await startLocalService(script);
    closing.push(close);
    places.push(`${name}=${url}/v1`);
  }
  return { UNDERSTUDY_LOCAL: places.join(',') };
}

const OLLAMA: LocalScript = {
  kind: 'ollama',
  models: [
    { name: 'qwen3:8b', longest: 40_960 },
    { name: 'llama3.2:1b', running: 8192, parameters: '1.2B', bytes: 1.3e9 },
    { name: 'nomic-embed-text', capabilities: ['embedding'] },
  ],
};

it('shows what answers, with its models’ facts, and which routes lead there', async () => {
  const here = await machine(['ollama', OLLAMA], ['vllm', { kind: 'vllm', models: [{ name: 'Qwen/Qwen3-30B-A3B', running: 131_072 }] }]);
  write('providers: { openai: { apiKey: k } }\nroutes: { default: { targets: [openai/*], never: [vllm] } }\n');
  const { code, out } = await runIn(folder, ['local'], here);
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/ollama\/qwen3:8b +4k\* +40k +tools +5\.0 GB\n/);
  expect(out).toMatch(/ollama\/llama3\.2:1b +8k +40k +tools +1\.3 GB +loaded/);
  expect(out).toMatch(/vllm\/Qwen\/Qwen3-30B-A3B +128k/);
  expect(out).toContain('Left out: nomic-embed-text (makes no text)');
  expect(out).toContain('OLLAMA_CONTEXT_LENGTH=65536 ollama serve');
  expect(out).toMatch(/Last of route default, .*\n {2}ollama\/llama3\.2:1b, ollama\/qwen3:8b/);
  const json = JSON.parse((await runIn(folder, ['local', 'list', '--json'], here)).out) as LocalReport;
  expect(json.services.map(({ provider, models }) => [provider, models.length])).toEqual([
    ['ollama', 2],
    ['vllm', 1],
  ]);
});

it('says what can be done where nothing is, who else answers, and what it does not know', async () => {
  const nothing = await runIn(folder, ['local'], { UNDERSTUDY_LOCAL: 'ollama=http://127.0.0.1:1/v1' });
  expect([nothing.code, nothing.out]).toEqual([EXIT.failed, expect.stringContaining('local: { ports: [9000] }')]);
  const off = await runIn(folder, ['local', 'status'], { UNDERSTUDY_LOCAL: 'off' });
  expect([off.code, off.out]).toEqual([EXIT.failed, expect.stringContaining('Nobody is looked for on this machine: local.find is off')]);
  const empty = await runIn(folder, ['local'], await machine(['ollama', { kind: 'ollama', models: [] }]));
  expect([empty.code, empty.out]).toEqual([EXIT.failed, expect.stringContaining('no model for answers yet: ollama pull')]);
  const wrong = await runIn(folder, ['local', 'lost']);
  expect([wrong.code, wrong.note]).toEqual([EXIT.usage, expect.stringContaining('There is no `lost`')]);
});

it('the doctor tells of them, and of models that no route leads to', async () => {
  const here = await machine(['ollama', OLLAMA]);
  const said = async (): Promise<string> => (await runIn(folder, ['doctor'], here)).out;
  expect(await said()).toMatch(/✓ local models: Ollama at 127\.0\.0\.1:\d+ \(2 models\);\s+last of each client's/);
  write('providers: { openai: { apiKey: k } }\nroutes: { mine: [openai/gpt-5.6] }\n');
  expect(await said()).toMatch(/! local models: [\s\S]*no route leads there/);
});
