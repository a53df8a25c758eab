import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { applyMirror, type Applied } from './apply-mirror.ts';
import { compareSetups, type BackupSetup } from './compare.ts';
import { isThere, setupWorld, writableRoots } from './machine-setup.ts';
import { openJournal, type MirrorJournal } from './mirror-journal.ts';
import { planMirror, type MirrorPlan } from './plan-mirror.ts';
import { readSetup } from './read-setup.ts';
import { setupSummary } from './summary.ts';
import { fixtureHome, GITHUB_TOKEN, snapshot, type FixtureHome } from './testing/fixture-home.ts';
import { TOOLS } from './tools.ts';
import { undoMirror, type Undone } from './undo-mirror.ts';

const homes: FixtureHome[] = [];
afterEach(() => {
  for (const { home } of homes.splice(0)) rmSync(join(home, '..'), { recursive: true, force: true });
});

function fixture(): FixtureHome {
  const made = fixtureHome();
  homes.push(made);
  return made;
}

interface Looked {
  found: BackupSetup[];
  plan: MirrorPlan;
}

function look({ home, project }: FixtureHome, id = 'aa', environment: Record<string, string> = {}): Looked {
  const world = setupWorld({ environment, home, platform: 'linux' }, project);
  const lead = readSetup(TOOLS[0]!, world);
  const compared = TOOLS.slice(1)
    .filter((tool) => isThere(tool, world))
    .map((tool) => compareSetups(lead, readSetup(tool, world), world));
  const wanted = compared.map((each) => each.wanted);
  return { found: compared.map((each) => each.found), plan: planMirror(wanted, world, id, writableRoots(world)) };
}

function journalOf({ data }: FixtureHome): MirrorJournal {
  const journal = openJournal(data);
  if (!journal.ok) throw new Error(journal.error);
  return journal.value;
}

function mirror(place: FixtureHome, id: string): Applied {
  return applyMirror(look(place, id).plan.changes, { id, at: 0, from: 'claude-code' }, journalOf(place));
}

function undo(place: FixtureHome): Undone[] {
  const roots = writableRoots({ environment: {}, home: place.home, project: place.project });
  return undoMirror(journalOf(place), roots);
}

const lacking = ({ found }: Looked): string[] => found.map((each) => setupSummary(each) ?? `${each.tool}: all`);

it('names what each backup lacks', () => {
  expect(lacking(look(fixture()))).toEqual([
    'codex lacks 4 MCP servers and the rules of CLAUDE.md; has otherwise 1 MCP server',
    'gemini-cli lacks 5 MCP servers and the rules of CLAUDE.md',
    // It reads CLAUDE.md of the project itself, but not what that imports.
    'opencode lacks 5 MCP servers and the rules of CLAUDE.md',
    'qwen-code lacks 4 MCP servers and the rules of CLAUDE.md',
    'copilot-cli lacks 4 MCP servers and the rules of CLAUDE.md',
  ]);
});

it('brings over all that can be, once, and takes it back to the last byte', () => {
  const place = fixture();
  const before = snapshot(place.home);
  const { written, left } = mirror(place, 'aa');
  expect(left).toEqual([]);
  expect(written.length).toBeGreaterThan(10);
  expect(lacking(look(place))).toEqual([
    'codex lacks 1 MCP server; has otherwise 1 MCP server',
    'gemini-cli: all',
    'opencode: all',
    'qwen-code: all',
    'copilot-cli: all',
  ]);
  const mirrored = snapshot(place.home);
  expect(look(place, 'bb').plan.changes).toEqual([]);
  mirror(place, 'bb');
  expect(snapshot(place.home)).toEqual(mirrored);
  expect(undo(place).filter(({ result }) => result === 'left')).toEqual([]);
  expect(snapshot(place.home)).toEqual(before);
  expect(Object.keys(snapshot(place.data))).toEqual(['mirrored.json']);
  expect(undo(place)).toEqual([]);
});

it('takes several mirrors back, whatever the lead and the backups said in between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('gh', 'docs', 'new one', 'x'), fc.stringMatching(/^[a-z"\\]{0,5}$/)), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom('', '{}', '{ }\n', '{"mcpServers":{}}', '{\n\t"mcpServers": {\n\t\t"own": {"command": "x"}\n\t}\n}'),
      fc.constantFrom('', '\n', '# mine', '[a]\nb = 1\n', 'mcp_servers = {}\n'),
      (steps, json, toml) => {
        const place = fixture();
        place.write('.gemini/settings.json', json);
        place.write('.codex/config.toml', toml);
        const lead = JSON.parse(place.read('.claude.json')) as { mcpServers: Record<string, unknown> };
        const leads = steps.map(([name, arg], step) => {
          lead.mcpServers[`${name}${step}`] = { command: 'x', args: [arg, String(step)] };
          return JSON.stringify(lead);
        });
        const before = snapshot(place.home);
        for (const [step, text] of leads.entries()) {
          place.write('.claude.json', text);
          mirror(place, `step${step}`);
        }
        undo(place);
        place.write('.claude.json', Buffer.from(before['.claude.json']!.split(' ')[1]!, 'base64').toString());
        expect(snapshot(place.home)).toEqual(before);
      },
    ),
    { numRuns: 25 },
  );
});

it('keeps a copy up to date until somebody edits it', () => {
  const place = fixture();
  mirror(place, 'aa');
  expect(place.read('.codex/AGENTS.md')).toMatch(
    /^<!-- Copied by Understudy’s parity from ~\/\.claude\/CLAUDE\.md; .*-->\n# Rules\n\nBe brief\.\n$/,
  );
  expect(place.read('work/AGENTS.md')).toContain('Use tabs.');
  place.write('.claude/CLAUDE.md', '# Rules\n\nBe very brief.\n');
  place.write('.gemini/GEMINI.md', `${place.read('.gemini/GEMINI.md')}And kind.\n`);
  expect(lacking(look(place, 'bb')).slice(0, 2)).toEqual([
    'codex lacks 1 MCP server; has otherwise 1 MCP server; has an old copy of the rules of CLAUDE.md',
    'gemini-cli has otherwise the rules of CLAUDE.md',
  ]);
  mirror(place, 'bb');
  expect(place.read('.codex/AGENTS.md')).toContain('Be very brief.');
  expect(place.read('.gemini/GEMINI.md')).toMatch(/Be brief\.\nAnd kind\.\n$/);
  expect(undo(place)).toContainEqual({
    path: join(place.home, '.gemini/GEMINI.md'),
    result: 'left',
    why: expect.stringContaining('is yours'),
  });
  expect(place.read('.gemini/GEMINI.md')).toContain('And kind.');
  expect(existsSync(join(place.home, '.codex/AGENTS.md'))).toBe(false);
});

it('takes its own out of what was edited since, and no more', () => {
  const place = fixture();
  mirror(place, 'aa');
  place.write('.codex/config.toml', `${place.read('.codex/config.toml')}\n[profiles.x]\nmodel = "y"\n`);
  const qwen = JSON.parse(place.read('.qwen/settings.json')) as { mcpServers: Record<string, Record<string, unknown>>; mine?: number };
  qwen.mcpServers['gh']!['args'] = ['-y', 'another'];
  qwen.mine = 1;
  place.write('.qwen/settings.json', JSON.stringify(qwen, null, 3));
  place.write('.config/opencode/opencode.json', '{ // now with a comment\n}');
  const undone = undo(place);
  expect(place.read('.codex/config.toml')).toBe(
    'model = "gpt-6"\n\n[mcp_servers.github]\ncommand = "npx"\nargs = ["-y", "@x/github"]\n\n[profiles.x]\nmodel = "y"\n',
  );
  expect(JSON.parse(place.read('.qwen/settings.json'))).toMatchObject({
    mine: 1,
    mcpServers: { own: { command: 'own' }, gh: { args: ['-y', 'another'] } },
  });
  expect(Object.keys((JSON.parse(place.read('.qwen/settings.json')) as typeof qwen).mcpServers)).toEqual(['own', 'gh']);
  expect(place.read('.config/opencode/opencode.json')).toBe('{ // now with a comment\n}');
  const said = new Map(undone.map(({ path, result, why }) => [path.slice(place.home.length + 1), `${result} ${why ?? ''}`]));
  expect(said.get('.qwen/settings.json')).toMatch(/^taken-out .*so does gh/);
  expect(said.get('.codex/config.toml')).toMatch(/^taken-out/);
  expect(said.get('.config/opencode/opencode.json')).toMatch(/^left .*is yours/);
});

it('writes nothing over that says something else', () => {
  const place = fixture();
  place.write('.codex/AGENTS.md', 'Mine.\n');
  place.write('.gemini/settings.json', '{\n  // a comment\n  "mcpServers": {"gh": {"command": "other"}},\n}');
  const { found, plan } = look(place);
  expect(found[0]!.instructions[0]).toMatchObject({ state: 'differs', at: join(place.home, '.codex/AGENTS.md') });
  expect(found[1]!.servers.find(({ name }) => name === 'gh')).toMatchObject({ state: 'differs' });
  expect(plan.refusals).toMatchObject([{ path: join(place.home, '.gemini/settings.json'), why: expect.stringContaining('comments') }]);
  expect(plan.refusals[0]!.snippet).toContain('"url": "https://docs.example/mcp"');
  mirror(place, 'aa');
  expect(place.read('.codex/AGENTS.md')).toBe('Mine.\n');
  expect(place.read('.gemini/settings.json')).toContain('// a comment');
});

it('shows no credentials, and writes them for their owner alone', () => {
  const place = fixture();
  const { found, plan } = look(place);
  expect(JSON.stringify([found, plan.refusals, plan.changes.map(({ what }) => what)])).not.toContain(GITHUB_TOKEN);
  mirror(place, 'aa');
  for (const file of ['.gemini/settings.json', '.config/opencode/opencode.json', '.qwen/settings.json', '.copilot/mcp-config.json']) {
    expect(place.read(file)).toContain(GITHUB_TOKEN);
    expect(statSync(join(place.home, file)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(join(place.home, '.codex/config.toml')).mode & 0o777).toBe(0o644);
  const kept = snapshot(place.data);
  expect(Object.values(kept).every((each) => each.startsWith('600 '))).toBe(true);
  expect(Buffer.from(kept['mirrored.json']!.slice(4), 'base64').toString()).not.toContain(GITHUB_TOKEN);
});

it('brings what one person alone sees into no project’s file with credentials in it', () => {
  const place = fixture();
  place.write(
    '.claude.json',
    JSON.stringify({ projects: { [place.project]: { mcpServers: { p: { command: 'p', env: { PASSWORD: 'hunter2' } } } } } }),
  );
  place.write('work/CLAUDE.local.md', 'Call me Ada.\n');
  const { found, plan } = look(place);
  expect(found[0]!.servers.find(({ name }) => name === 'p')).toMatchObject({ state: 'by-hand' });
  expect(found[0]!.instructions).toContainEqual(
    expect.objectContaining({ state: 'by-hand', from: [join(place.project, 'CLAUDE.local.md')] }),
  );
  expect(plan.changes.map(({ after }) => after).join('')).not.toMatch(/hunter2|Ada/);
});

it('follows no link out of home and project, and those within', () => {
  const place = fixture();
  const outside = join(place.home, '..', 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'settings.json'), '{}');
  rmSync(join(place.home, '.gemini'), { recursive: true });
  symlinkSync(outside, join(place.home, '.gemini'));
  rmSync(join(place.home, '.qwen'), { recursive: true });
  mkdirSync(join(place.home, 'dotfiles/qwen'), { recursive: true });
  symlinkSync(join(place.home, 'dotfiles/qwen'), join(place.home, '.qwen'));
  symlinkSync(join(outside, 'AGENTS.md'), join(place.home, '.codex/AGENTS.md'));
  const { refusals } = look(place).plan;
  expect(refusals.map(({ path }) => path.slice(place.home.length + 1)).toSorted()).toEqual([
    '.codex/AGENTS.md',
    '.gemini/GEMINI.md',
    '.gemini/settings.json',
  ]);
  mirror(place, 'aa');
  expect(Object.keys(snapshot(outside))).toEqual(['settings.json']);
  expect(place.read('dotfiles/qwen/settings.json')).toContain('docs.example');
  undo(place);
  expect(Object.keys(snapshot(join(place.home, 'dotfiles/qwen')))).toEqual([]);
});

it('writes for no tool that is not there', () => {
  const place = fixture();
  for (const folder of ['.gemini', '.config', '.qwen', '.copilot']) rmSync(join(place.home, folder), { recursive: true });
  mirror(place, 'aa');
  for (const folder of ['.gemini', '.config', '.qwen', '.copilot']) expect(existsSync(join(place.home, folder))).toBe(false);
  expect(existsSync(join(place.home, '.codex/AGENTS.md'))).toBe(true);
});

it('leaves a file that has changed since it was looked at, and takes back a mirror that was broken off', () => {
  const place = fixture();
  const before = snapshot(place.home);
  const { plan } = look(place);
  place.write('.codex/config.toml', 'model = "other"\n');
  const broken = plan.changes.map((change) =>
    change.path.endsWith('QWEN.md') ? { ...change, real: join(place.home, '.claude.json', 'x') } : change,
  );
  const { left } = applyMirror(broken, { id: 'aa', at: 0, from: 'claude-code' }, journalOf(place));
  expect(left.map(({ path }) => path.slice(place.home.length + 1)).toSorted()).toEqual(['.codex/config.toml', '.qwen/QWEN.md']);
  undo(place);
  expect(snapshot(place.home)).toEqual({ ...before, '.codex/config.toml': `644 ${Buffer.from('model = "other"\n').toString('base64')}` });
});

it('takes one AGENTS.md for all, and names settings that it can’t read', () => {
  const place = fixture();
  place.write('work/CLAUDE.md', '@AGENTS.md\n');
  place.write('work/AGENTS.md', 'Use tabs.\n');
  place.write('.codex/config.toml', 'no toml');
  place.write('.claude.json', '{"mcpServers": {"gh": {"command": "gh"}}} and more');
  const { found, plan } = look(place);
  const inProject = found.map(({ tool, instructions }) => `${tool} ${instructions.find(({ scope }) => scope === 'project')?.state}`);
  expect(inProject).toEqual(['codex same', 'gemini-cli lacks', 'opencode same', 'qwen-code same', 'copilot-cli same']);
  expect(found[0]!.troubles).toEqual([`${join(place.home, '.codex/config.toml')} can't be read as TOML: what it says is not known here.`]);
  expect(plan.changes.map(({ path }) => path)).not.toContain(join(place.home, '.codex/config.toml'));
  const world = setupWorld({ environment: {}, home: place.home, platform: 'linux' }, place.project);
  expect(readSetup(TOOLS[0]!, world).troubles).toEqual([
    `${join(place.home, '.claude.json')} can't be read as JSON: what it says is not known here.`,
  ]);
});

it('goes by the folders that the environment names', () => {
  const place = fixture();
  const elsewhere = join(place.home, '..', 'codex-home');
  mkdirSync(elsewhere);
  const { plan } = look(place, 'aa', { CODEX_HOME: elsewhere });
  expect(plan.changes.map(({ path }) => path)).toContain(join(elsewhere, 'config.toml'));
  expect(plan.changes.map(({ path }) => path)).not.toContain(join(place.home, '.codex/config.toml'));
});

it('says so when its journal is not its own', () => {
  const place = fixture();
  mkdirSync(place.data);
  for (const text of ['{', '{"version": 2}']) {
    writeFileSync(join(place.data, 'mirrored.json'), text);
    expect(openJournal(place.data)).toMatchObject({ ok: false, error: expect.stringContaining('move it away') });
  }
});
