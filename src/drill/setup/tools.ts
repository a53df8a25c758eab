import { join } from 'node:path';
import type { Machine } from '../../archive/protect/stores.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import { readToml } from './edit-toml.ts';
import type { InstructionPlaces, SetupWorld, ServerPlace, Tool } from './tool.ts';

/**
 * Where coding tools keep instructions and MCP servers. Read on 23 November 2026:
 * Claude Code 2.1.330: code.claude.com/docs/en/memory and /mcp; AGENTS.md where there is no CLAUDE.md since 2.1.277.
 * Codex 0.169: developers.openai.com/codex/guides/agents-md, /codex/mcp.
 * Gemini CLI 0.61: geminicli.com/docs/tools/mcp-server, /docs/cli/gemini-md.
 * opencode 1.18: opencode.ai/v1/docs/rules, /mcp-servers.
 * Qwen Code 0.24: qwenlm.github.io/qwen-code-docs/en/users/features/mcp; AGENTS.md beside QWEN.md by its source.
 * Copilot CLI 1.0: docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-custom-instructions, /add-mcp-servers.
 * What each writes itself was looked at with its own `mcp add`, in a home of its own.
 */
export const TOOLS: readonly Tool[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    programs: ['claude'],
    folders: (machine) => [claudeFolder(machine)],
    namedFolder: 'CLAUDE_CONFIG_DIR',
    instructions: (world) => [
      user([[join(claudeFolder(world), 'CLAUDE.md')]]),
      ...inProject(world, [['CLAUDE.md', '.claude/CLAUDE.md', 'CLAUDE.local.md'], ['AGENTS.md']], 'CLAUDE.md', ['CLAUDE.local.md']),
    ],
    servers: (world) => {
      const own = world.environment['CLAUDE_CONFIG_DIR'] || world.home;
      const settings = { path: join(own, '.claude.json'), format: 'json' } as const;
      const local = (project: string): ServerPlace => ({ ...settings, scope: 'local', at: ['projects', project, 'mcpServers'] });
      return [
        ...(world.project === undefined ? [] : [local(world.project)]),
        ...projectJson(world, '.mcp.json', 'mcpServers'),
        { ...settings, scope: 'user', at: ['mcpServers'] },
      ];
    },
    imports: true,
    form: 'claude',
    variables: { style: 'braces', fallback: true },
    sse: true,
    projectNote: 'Claude Code asks once before it uses servers of .mcp.json.',
  },
  {
    name: 'codex',
    title: 'Codex',
    programs: ['codex'],
    folders: (machine) => [codexFolder(machine)],
    namedFolder: 'CODEX_HOME',
    instructions: (world) => {
      const folder = codexFolder(world);
      const named = readToml(world.read(join(folder, 'config.toml')))?.['project_doc_fallback_filenames'];
      const further = Array.isArray(named) ? named.filter((name) => typeof name === 'string').map((name) => [name]) : [];
      return [
        user([[join(folder, 'AGENTS.override.md')], [join(folder, 'AGENTS.md')]]),
        ...inProject(world, [['AGENTS.override.md'], ['AGENTS.md'], ...further], 'AGENTS.md'),
      ];
    },
    servers: (world) => [
      ...(world.project === undefined
        ? []
        : [{ scope: 'project', path: join(world.project, '.codex', 'config.toml'), format: 'toml', at: ['mcp_servers'] } as const]),
      { scope: 'user', path: join(codexFolder(world), 'config.toml'), format: 'toml', at: ['mcp_servers'] },
    ],
    imports: false,
    form: 'codex',
    variables: { style: 'none', fallback: false },
    sse: false,
    projectNote: 'Codex reads .codex/config.toml of a project only once the project is trusted.',
  },
  {
    name: 'gemini-cli',
    title: 'Gemini CLI',
    programs: ['gemini'],
    folders: (machine) => [geminiFolder(machine)],
    namedFolder: 'GEMINI_CLI_HOME',
    instructions: (world) => settingsInstructions(world, geminiFolder(world), '.gemini', ['GEMINI.md']),
    servers: (world) => settingsServers(world, geminiFolder(world), '.gemini'),
    imports: true,
    form: 'gemini',
    variables: { style: 'shell', fallback: true },
    sse: true,
  },
  {
    name: 'opencode',
    title: 'opencode',
    programs: ['opencode'],
    folders: (machine) => [
      opencodeFolder(machine),
      join(machine.environment['XDG_DATA_HOME'] || join(machine.home, '.local', 'share'), 'opencode'),
    ],
    namedFolder: 'XDG_CONFIG_HOME',
    instructions: (world) => [
      user([[join(opencodeFolder(world), 'AGENTS.md')], [join(world.home, '.claude', 'CLAUDE.md')]]),
      ...inProject(world, [['AGENTS.md'], ['CLAUDE.md']], 'AGENTS.md'),
    ],
    servers: (world) => [
      ...projectJson(world, 'opencode.json', 'mcp'),
      ...projectJson(world, 'opencode.jsonc', 'mcp'),
      ...['opencode.json', 'opencode.jsonc'].map((name): ServerPlace => {
        return { scope: 'user', path: join(opencodeFolder(world), name), format: 'json', at: ['mcp'] };
      }),
    ],
    imports: false,
    form: 'opencode',
    variables: { style: 'opencode', fallback: false },
    sse: true,
  },
  {
    name: 'qwen-code',
    title: 'Qwen Code',
    programs: ['qwen'],
    folders: (machine) => [qwenFolder(machine)],
    namedFolder: 'QWEN_HOME',
    instructions: (world) => settingsInstructions(world, qwenFolder(world), '.qwen', ['QWEN.md', 'AGENTS.md']),
    // It lists servers of .mcp.json too (0.24), and asks before it uses them.
    servers: (world) => [...settingsServers(world, qwenFolder(world), '.qwen'), ...projectJson(world, '.mcp.json', 'mcpServers')],
    imports: true,
    form: 'qwen',
    variables: { style: 'shell', fallback: false },
    sse: true,
  },
  {
    name: 'copilot-cli',
    title: 'Copilot CLI',
    programs: ['copilot'],
    folders: (machine) => [copilotFolder(machine)],
    namedFolder: 'COPILOT_HOME',
    instructions: (world) => [
      user([[join(copilotFolder(world), 'copilot-instructions.md')]]),
      ...inProject(world, [['.github/copilot-instructions.md', 'AGENTS.md', 'CLAUDE.md', 'GEMINI.md']], 'AGENTS.md'),
    ],
    servers: (world) => [
      ...projectJson(world, '.mcp.json', 'mcpServers'),
      ...projectJson(world, '.github/mcp.json', 'mcpServers'),
      { scope: 'user', path: join(copilotFolder(world), 'mcp-config.json'), format: 'json', at: ['mcpServers'] },
    ],
    imports: false,
    form: 'copilot',
    variables: { style: 'shell', fallback: true },
    sse: true,
    projectNote: 'Copilot CLI reads .mcp.json of a project only once its folder is trusted.',
  },
];

const claudeFolder = ({ environment, home }: Machine): string => environment['CLAUDE_CONFIG_DIR'] || join(home, '.claude');
const codexFolder = ({ environment, home }: Machine): string => environment['CODEX_HOME'] || join(home, '.codex');
const geminiFolder = ({ environment, home }: Machine): string => join(environment['GEMINI_CLI_HOME'] || home, '.gemini');
const opencodeFolder = ({ environment, home }: Machine): string =>
  join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode');
const qwenFolder = ({ environment, home }: Machine): string => environment['QWEN_HOME'] || join(home, '.qwen');
const copilotFolder = ({ environment, home }: Machine): string => environment['COPILOT_HOME'] || join(home, '.copilot');

/** The last of the groups' first files is where a copy goes, but for a file that stands in for another tool's. */
function user(groups: readonly (readonly [string])[]): InstructionPlaces {
  const copy = groups.find(([path]) => !path.endsWith('AGENTS.override.md'))![0];
  return { scope: 'user', groups, copy };
}

function inProject(
  { project }: SetupWorld,
  groups: readonly (readonly string[])[],
  copy: string,
  personal: readonly string[] = [],
): InstructionPlaces[] {
  if (project === undefined) return [];
  const below = (path: string): string => join(project, path);
  return [{ scope: 'project', groups: groups.map((group) => group.map(below)), copy: below(copy), personal: personal.map(below) }];
}

function projectJson({ project }: SetupWorld, name: string, member: string): ServerPlace[] {
  return project === undefined ? [] : [{ scope: 'project', path: join(project, name), format: 'json', at: [member] }];
}

/** Gemini CLI and what was made of it: `context.fileName` of settings.json, one name or several, in place of the usual ones. */
function settingsInstructions(world: SetupWorld, folder: string, name: string, usual: readonly string[]): InstructionPlaces[] {
  const named = (path: string): string[] | undefined => {
    const context = parseObject(world.read(path) ?? '')?.['context'];
    const names = isObject(context) ? [context['fileName'] ?? []].flat().filter((each) => typeof each === 'string') : [];
    return names.length > 0 ? names : undefined;
  };
  const everywhere = named(join(folder, 'settings.json')) ?? usual;
  const here = world.project === undefined ? everywhere : (named(join(world.project, name, 'settings.json')) ?? everywhere);
  return [
    { scope: 'user', groups: [everywhere.map((each) => join(folder, each))], copy: join(folder, everywhere[0]!) },
    // The name that several tools read, where it is one of these.
    ...inProject(world, [here], here.find((each) => each === 'AGENTS.md') ?? here[0]!),
  ];
}

function settingsServers(world: SetupWorld, folder: string, name: string): ServerPlace[] {
  return [
    ...projectJson(world, `${name}/settings.json`, 'mcpServers'),
    { scope: 'user', path: join(folder, 'settings.json'), format: 'json', at: ['mcpServers'] },
  ];
}
