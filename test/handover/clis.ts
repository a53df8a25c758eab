import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SimServer } from '../../src/sim/serve.ts';

/** The CLIs, in the order in which they work: who began, then those to whom it is handed over. */
export const CLIS = ['claude', 'codex', 'gemini'] as const;
export type Cli = (typeof CLIS)[number];

/**
 * A fresh home in which somebody has set up three CLIs with keys, and has allowed them to run commands while nobody sits there. Each is
 * pointed straight at its vendor: no Understudy is in front of any. Returns all that a process there sees of ours.
 */
export function setUp(
  folder: string,
  programs: Readonly<Record<Cli, readonly string[]>>,
  vendors: Readonly<Record<Cli, SimServer>>,
): { home: string; work: string; environment: Record<string, string> } {
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  const bin = join(folder, 'bin');
  for (const each of [home, work, bin]) mkdirSync(each, { recursive: true });
  for (const cli of CLIS) {
    const path = join(bin, cli);
    writeFileSync(path, `#!/bin/sh\nexec ${programs[cli].map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
  }
  const files = {
    '.claude/settings.json': JSON.stringify({ permissions: { allow: ['Bash'] } }),
    // Its usual provider, with a key at OpenAI, and a model whose usual tools a simulated assistant knows.
    '.codex/config.toml': [
      'model = "gpt-5.4"',
      `openai_base_url = "${vendors.codex.url}/v1"`,
      'approval_policy = "never"',
      'sandbox_mode = "danger-full-access"',
      '',
    ].join('\n'),
    '.gemini/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      model: { name: 'gemini-3.1-pro-preview' },
      tools: { core: ['run_shell_command'] },
      privacy: { usageStatisticsEnabled: false },
    }),
    '.gemini/policies/mine.toml': '[[rule]]\ntoolName = "run_shell_command"\ndecision = "allow"\npriority = 100\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const environment = {
    PATH: [bin, dirname(process.execPath), process.env['PATH']].join(':'),
    HOME: home,
    LANG: 'C.UTF-8',
    ANTHROPIC_API_KEY: 'client-key-7e02c4b6f1',
    ANTHROPIC_BASE_URL: vendors.claude.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CODEX_API_KEY: 'client-key-7e02c4b6f2',
    GEMINI_API_KEY: 'client-key-7e02c4b6f3',
    GOOGLE_GEMINI_BASE_URL: vendors.gemini.url,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  };
  return { home, work, environment };
}
