import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { fixtureHome, GITHUB_TOKEN, snapshot, type FixtureHome } from '../../drill/setup/testing/fixture-home.ts';
import { systemClock } from '../../exchange/clock.ts';
import { err } from '../../exchange/result.ts';
import { runCli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { terminal } from '../terminal.ts';
import { runIn } from '../testing/run-in.ts';
import { toolSetupLines } from './tool-setup-lines.ts';

const homes: FixtureHome[] = [];
afterEach(() => {
  for (const { home } of homes.splice(0)) rmSync(join(home, '..'), { recursive: true, force: true });
});

function fixture(): FixtureHome {
  const made = fixtureHome();
  homes.push(made);
  return made;
}

async function run({ home, project, data }: FixtureHome, words: string): Promise<{ code: number; out: string; note: string }> {
  let out = '';
  let note = '';
  const code = await runCli(['parity', '--data', data, ...words.split(' ').filter((each) => each !== '')], {
    build: () => Promise.resolve(err([{ message: 'not in this test', advice: '' }])),
    version: '9.9.9',
    clock: systemClock,
    surroundings: {
      streams: { stdin: {}, stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (note += text) } },
      environment: {},
      workingFolder: join(project, 'docs'),
      home,
      platform: 'linux',
      nodeVersion: process.version,
      onSignal: () => () => {},
    },
  });
  return { code, out, note };
}

it('says what each backup lacks, and changes nothing', async () => {
  const place = fixture();
  const before = snapshot(place.home);
  const { code, out } = await run(place, '');
  expect(code).toBe(EXIT.done);
  expect(out).toContain('Codex: lacks 4 MCP servers and the rules of CLAUDE.md; has otherwise 1 MCP server');
  expect(out).toContain('✗ rules everywhere: ~/.claude/CLAUDE.md → not there yet: ~/.codex/AGENTS.md');
  expect(out).toContain('It speaks SSE, which Codex does not.');
  expect(out).toContain('! MCP server gh, there github: npx -y @x/github, GITHUB_TOKEN=•••');
  expect(out).toContain('DOCS_TOKEN is not set in this terminal.');
  expect(out).not.toContain(GITHUB_TOKEN);
  expect(snapshot(place.home)).toEqual(before);
});

it('says it to machines too, without values', async () => {
  const { out } = await run(fixture(), '--json --to codex,gemini-cli');
  const { backups, ...rest } = JSON.parse(out) as { backups: { tool: string; summary: string }[] };
  expect(backups.map(({ tool }) => tool)).toEqual(['codex', 'gemini-cli']);
  expect(rest).toMatchObject({ from: 'claude-code', absent: [], troubles: [], projects: [] });
  expect(out).not.toContain(GITHUB_TOKEN);
});

it('writes only where somebody agrees, and takes it back', async () => {
  const place = fixture();
  const before = snapshot(place.home);
  const asked = await run(place, '--mirror');
  expect(asked).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('With --yes it is.') });
  expect(asked.out).toContain('new      AGENTS.md: a copy of CLAUDE.md (3 lines)');
  expect(asked.out).toContain('for you alone to read (0600)');
  expect(snapshot(place.home)).toEqual(before);

  const done = await run(place, '--mirror --yes');
  expect(done).toMatchObject({ code: EXIT.done, note: '' });
  expect(done.out + asked.out).not.toContain(GITHUB_TOKEN);
  expect((await run(place, '--mirror --yes')).out).toContain('There is nothing to write.');

  expect(await run(place, '--undo')).toMatchObject({ code: EXIT.done, out: expect.stringContaining('deleted; there was none before') });
  expect(snapshot(place.home)).toEqual(before);
  expect((await run(place, '--undo')).out).toContain('Nothing was mirrored');
});

it('shows what to paste where it can’t write, without credentials', async () => {
  const place = fixture();
  place.write('.gemini/settings.json', '{ /* mine */ }');
  const { code, out } = await run(place, '--to gemini-cli --mirror --yes');
  expect(code).toBe(EXIT.failed);
  expect(out).toContain('~/.gemini/settings.json is left as it is');
  expect(out).toContain('"GITHUB_TOKEN": "•••"');
  expect(out).not.toContain(GITHUB_TOKEN);
  expect(place.read('.gemini/settings.json')).toBe('{ /* mine */ }');
});

it('names Projects of claude.ai that an import has brought', async () => {
  const place = fixture();
  const project = {
    uuid: 'p1',
    name: 'Thesis',
    description: '',
    is_private: true,
    prompt_template: 'Cite sources.',
    docs: [{ uuid: 'd1', filename: 'plan.md', content: 'x' }],
  };
  place.write('export/projects.json', JSON.stringify([project]));
  const imported = await runIn(place.home, ['import', join(place.home, 'export/projects.json'), '--data', place.data]);
  expect(imported.code).toBe(EXIT.done);
  const { out } = await run(place, '');
  expect(out).toMatch(/c_[0-9a-z]{16} {2}Thesis: instructions of 13 characters; 1 document: plan\.md/);
});

it('says it at the end of a drill too, in a line for each tool', () => {
  const { home, project } = fixture();
  const end = { write: () => true };
  const surroundings = {
    streams: { stdin: {}, stdout: end, stderr: end },
    environment: {},
    workingFolder: project,
    home,
    platform: 'linux' as const,
    nodeVersion: process.version,
    onSignal: () => () => {},
  };
  const lines = toolSetupLines(surroundings, terminal(surroundings.streams, {}));
  expect(lines).toHaveLength(7);
  expect(lines[1]).toBe('Set-up: codex lacks 4 MCP servers and the rules of CLAUDE.md; has otherwise 1 MCP server.');
  expect(toolSetupLines({ ...surroundings, home: project }, terminal(surroundings.streams, {}))).toEqual([]);
});

it.each([
  ['--to codx', 'Did you mean codex?'],
  ['--from claude', 'Did you mean claude-code?'],
  ['--to claude-code', 'is the lead'],
  ['--mirror --undo', 'Either --mirror or --undo.'],
])('refuses %s', async (words, why) => {
  expect(await run(fixture(), words)).toMatchObject({ code: EXIT.usage, note: expect.stringContaining(why) });
});

it('says who is not there', async () => {
  const place = fixture();
  rmSync(join(place.home, '.copilot'), { recursive: true });
  expect((await run(place, '--to copilot-cli --mirror --yes')).out).toContain(
    'Copilot CLI is not on this machine: nothing is compared, nothing is written.',
  );
  const bare = join(place.home, '..', 'bare');
  mkdirSync(bare);
  expect(await run({ ...place, home: bare }, '')).toMatchObject({
    code: EXIT.failed,
    note: expect.stringContaining('Claude Code is not on this machine.'),
  });
});
