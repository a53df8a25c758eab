import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A home with Claude Code in full use and five other tools, a project, and a data folder beside them. */
export interface FixtureHome {
  home: string;
  project: string;
  data: string;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
}

export const GITHUB_TOKEN = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789AB';

export function fixtureHome(): FixtureHome {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'parity-')));
  const home = join(root, 'home');
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode });
  };
  write('.claude/CLAUDE.md', '# Rules\n\nBe brief.\n');
  write(
    '.claude.json',
    JSON.stringify({
      mcpServers: {
        gh: { type: 'stdio', command: 'npx', args: ['-y', '@x/github'], env: { GITHUB_TOKEN } },
        docs: { type: 'http', url: 'https://docs.example/mcp', headers: { Authorization: 'Bearer ${DOCS_TOKEN}' } },
        old: { type: 'sse', url: 'https://old.example/sse' },
      },
      projects: { [join(home, 'work')]: { mcpServers: { mine: { command: 'mine', args: ['--verbose'] } } } },
    }),
  );
  write('work/.git/HEAD', 'ref: refs/heads/main\n');
  write('work/CLAUDE.md', '# Project\n\n@docs/style.md\n');
  write('work/docs/style.md', 'Use tabs.\n');
  write('work/.mcp.json', '{"mcpServers": {"db": {"command": "node", "args": ["db.js"]}}}');
  write('.codex/config.toml', 'model = "gpt-6"\n\n[mcp_servers.github]\ncommand = "npx"\nargs = ["-y", "@x/github"]', 0o644);
  write('.gemini/settings.json', '{\n    "ui": { "theme": "x" }\n}\n');
  write('.config/opencode/opencode.json', '{\r\n\t"$schema": "https://opencode.ai/config.json"\r\n}', 0o640);
  write('.qwen/settings.json', '{"$version":4,"mcpServers":{"own":{"command":"own"}}}');
  mkdirSync(join(home, '.copilot'));
  return { home, project: join(home, 'work'), data: join(root, 'data'), write, read: (path) => readFileSync(join(home, path), 'utf8') };
}

/** Every file and folder below, with bytes and permissions. */
export function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((path) => {
        const about = statSync(join(folder, path));
        const mode = (about.mode & 0o777).toString(8);
        return [path, about.isDirectory() ? `folder ${mode}` : `${mode} ${readFileSync(join(folder, path)).toString('base64')}`];
      }),
  );
}
