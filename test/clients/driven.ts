import { join } from 'node:path';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { assistantTexts, codexTexts, copilotTexts, geminiTexts, opencodeTexts, piTexts } from './said.ts';

/** A CLI from npm at the version that is driven. Newer ones are taken up by hand, after a run: what they send changes without notice. */
export interface Package {
  name: string;
  version: string;
  /** Below node_modules: what is started. A script is run by this Node; what ends with no dot is a program. */
  entry: string;
  /** On disk, about. */
  megabytes: number;
}

/** One way in which a CLI is used: one of its providers, and what it speaks with it. */
export interface Variant {
  name: string;
  /** As `understudy run` calls it. */
  client: 'claude' | 'codex' | 'gemini' | 'opencode' | 'qwen' | 'copilot' | 'pi';
  package: Package;
  dialect: DialectName;
  /** Of whose keys the client has one: `ANTHROPIC_API_KEY`. */
  keyVariable: string;
  model: string;
  /** `Bash`: it has the tool that a prompt can name; else the first tool offered runs a shell command. */
  tool: 'Bash' | 'first';
  /** How often a tool round runs the command; 0 where the tool takes a program that a simulated assistant cannot write. */
  executions: number;
  /** Its tools are not where a simulated assistant looks for them, so that it is asked in words only. */
  wordsOnly?: true;
  /** A dialect in which turns take turns joins its context and the question into one, to which a simulated assistant has other words. */
  contextBesideQuestion?: true;
  /** In the body of a request that it makes by itself, beside the conversation, although with tools. */
  aside?: RegExp;
  /** Without `understudy run`: the address and the key are set by hand. */
  byHand?: (address: string) => { args: string[]; environment: Record<string, string> };
  /** Files in its home before it starts. `address` is Understudy's. */
  home?: (address: string) => Record<string, string>;
  environment: (address: string) => Record<string, string>;
  args: (prompt: string) => string[];
  /** What the assistant has said, message by message, going by the client's own output. */
  said: (stdout: string) => string[];
}

const CLAUDE: Package = {
  name: '@anthropic-ai/claude-code',
  version: '2.1.330',
  entry: '@anthropic-ai/claude-code/cli-wrapper.cjs',
  megabytes: 360,
};
const CODEX: Package = { name: '@openai/codex', version: '0.169.0', entry: '@openai/codex/bin/codex.js', megabytes: 400 };
const GEMINI: Package = { name: '@google/gemini-cli', version: '0.61.0', entry: '@google/gemini-cli/bundle/gemini.js', megabytes: 100 };
const OPENCODE: Package = {
  name: 'opencode-ai',
  version: '1.18.33',
  entry: `opencode-${process.platform}-${process.arch}/bin/opencode`,
  megabytes: 355,
};
const QWEN: Package = { name: '@qwen-code/qwen-code', version: '0.24.4', entry: '@qwen-code/qwen-code/cli.js', megabytes: 145 };
const COPILOT: Package = { name: '@github/copilot', version: '1.0.102', entry: '@github/copilot/npm-loader.js', megabytes: 190 };
const PI: Package = {
  name: '@mariozechner/pi-coding-agent',
  version: '0.73.1',
  entry: '@mariozechner/pi-coding-agent/dist/cli.js',
  megabytes: 205,
};

const codex = {
  client: 'codex',
  package: CODEX,
  dialect: 'openai-responses',
  keyVariable: 'OPENAI_API_KEY',
  tool: 'first',
  contextBesideQuestion: true,
  environment: () => ({}),
  said: codexTexts,
} as const;
const CODEX_FLAGS = ['--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];

const opencode = {
  client: 'opencode',
  package: OPENCODE,
  tool: 'first',
  executions: 1,
  said: opencodeTexts,
} as const;
/** A shell and nothing else, so that the first tool offered is it. */
const ONLY_BASH = { tools: { '*': false, bash: true }, autoupdate: false, share: 'disabled' };
const QUIET_OPENCODE = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_CONFIG_CONTENT: JSON.stringify(ONLY_BASH),
};
const opencodeArgs = (model: string) => (prompt: string) => ['run', '--format', 'json', '-m', model, prompt];

const copilot = {
  client: 'copilot',
  package: COPILOT,
  tool: 'first',
  executions: 1,
  said: copilotTexts,
  args: (prompt: string) => ['--allow-all-tools', '--available-tools', 'bash', '--output-format', 'json', '-p', prompt],
} as const;
const COPILOT_QUIET = { COPILOT_OFFLINE: 'true', COPILOT_AUTO_UPDATE: 'false' };

/** What remains comes after the shell in its order. */
const QWEN_FLAGS = ['--exclude-tools', 'agent', 'get_goal', 'list_agents'];

const pi = { client: 'pi', package: PI, tool: 'first', executions: 1, environment: () => ({}), said: piTexts } as const;
const piArgs = (provider: string, model: string) => (prompt: string) => [
  '--provider',
  provider,
  '--model',
  model,
  '--tools',
  'bash',
  '--no-session',
  '--mode',
  'json',
  '-p',
  prompt,
];

export const VARIANTS: readonly Variant[] = [
  {
    name: 'claude',
    client: 'claude',
    package: CLAUDE,
    dialect: 'anthropic-messages',
    keyVariable: 'ANTHROPIC_API_KEY',
    model: 'claude-opus-5-5',
    tool: 'Bash',
    executions: 1,
    contextBesideQuestion: true,
    environment: () => ({ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' }),
    args: (prompt) => ['-p', prompt, '--allowedTools', 'Bash', '--output-format', 'stream-json', '--verbose'],
    said: assistantTexts,
  },
  // A model that it does not know, so that it offers its usual tools.
  { ...codex, name: 'codex', model: 'gpt-5.4', executions: 1, args: (prompt) => ['exec', ...CODEX_FLAGS, '-m', 'gpt-5.4', prompt] },
  // A current model: its tools come within the input (`additional_tools`), and the shell is called from a program (`exec`).
  {
    ...codex,
    name: 'codex, current model',
    model: 'gpt-5.6-sol',
    executions: 0,
    wordsOnly: true,
    args: (prompt) => ['exec', ...CODEX_FLAGS, '-m', 'gpt-5.6-sol', prompt],
  },
  {
    ...codex,
    name: 'codex, own provider',
    model: 'gpt-5.4',
    executions: 1,
    keyVariable: 'CODEX_API_KEY',
    // Its built-in provider asks for a WebSocket first.
    byHand: (address) => ({ args: ['-c', `openai_base_url="${address}/v1"`], environment: {} }),
    args: (prompt) => ['exec', ...CODEX_FLAGS, '-m', 'gpt-5.4', prompt],
  },
  {
    name: 'gemini',
    client: 'gemini',
    package: GEMINI,
    dialect: 'gemini',
    keyVariable: 'GEMINI_API_KEY',
    model: 'gemini-3.1-pro-preview',
    tool: 'first',
    executions: 1,
    home: () => ({
      '.gemini/settings.json': JSON.stringify({ tools: { core: ['run_shell_command'] }, privacy: { usageStatisticsEnabled: false } }),
    }),
    environment: () => ({ GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
    args: (prompt) => ['-m', 'gemini-3.1-pro-preview', '--approval-mode', 'yolo', '-o', 'stream-json', '-p', prompt],
    said: geminiTexts,
  },
  {
    ...opencode,
    name: 'opencode, anthropic',
    dialect: 'anthropic-messages',
    keyVariable: 'ANTHROPIC_API_KEY',
    model: 'claude-sonnet-4-6',
    environment: () => QUIET_OPENCODE,
    args: opencodeArgs('anthropic/claude-sonnet-4-6'),
  },
  {
    ...opencode,
    name: 'opencode, openai',
    dialect: 'openai-responses',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-5.4',
    environment: () => QUIET_OPENCODE,
    args: opencodeArgs('openai/gpt-5.4'),
  },
  {
    ...opencode,
    name: 'opencode, google',
    dialect: 'gemini',
    keyVariable: 'GEMINI_API_KEY',
    model: 'gemini-2.5-flash',
    environment: () => QUIET_OPENCODE,
    args: opencodeArgs('google/gemini-2.5-flash'),
  },
  {
    ...opencode,
    name: 'opencode, compatible',
    dialect: 'openai-chat',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-4.1',
    environment: (address) => ({
      ...QUIET_OPENCODE,
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        ...ONLY_BASH,
        provider: {
          mine: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `${address}/v1`, apiKey: '{env:OPENAI_API_KEY}' },
            models: { 'gpt-4.1': { tool_call: true, limit: { context: 200_000, output: 8000 } } },
          },
        },
      }),
    }),
    args: opencodeArgs('mine/gpt-4.1'),
  },
  {
    name: 'qwen',
    client: 'qwen',
    package: QWEN,
    dialect: 'openai-chat',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-4.1',
    tool: 'first',
    executions: 1,
    // It writes down what is worth remembering.
    aside: /## Existing memory files/,
    environment: () => ({ QWEN_CODE_SUPPRESS_YOLO_WARNING: '1', OPENAI_MODEL: 'gpt-4.1' }),
    args: (prompt) => ['--core-tools', 'run_shell_command', ...QWEN_FLAGS, '--approval-mode', 'yolo', '-o', 'stream-json', '-p', prompt],
    said: assistantTexts,
  },
  {
    ...copilot,
    name: 'copilot',
    dialect: 'openai-chat',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-5.6',
    environment: () => ({ ...COPILOT_QUIET, COPILOT_MODEL: 'gpt-5.6' }),
  },
  {
    ...copilot,
    name: 'copilot, responses',
    dialect: 'openai-responses',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-5.6',
    environment: () => ({ ...COPILOT_QUIET, COPILOT_MODEL: 'gpt-5.6', COPILOT_PROVIDER_WIRE_API: 'responses' }),
  },
  {
    ...copilot,
    name: 'copilot, anthropic',
    dialect: 'anthropic-messages',
    keyVariable: 'ANTHROPIC_API_KEY',
    model: 'claude-sonnet-4-6',
    environment: () => ({ ...COPILOT_QUIET, COPILOT_MODEL: 'claude-sonnet-4-6', COPILOT_PROVIDER_TYPE: 'anthropic' }),
  },
  {
    ...pi,
    name: 'pi, anthropic',
    dialect: 'anthropic-messages',
    keyVariable: 'ANTHROPIC_API_KEY',
    model: 'claude-sonnet-4-6',
    args: piArgs('anthropic', 'claude-sonnet-4-6'),
  },
  {
    ...pi,
    name: 'pi, openai',
    dialect: 'openai-responses',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-5.1',
    args: piArgs('openai', 'gpt-5.1'),
  },
  {
    ...pi,
    name: 'pi, google',
    dialect: 'gemini',
    keyVariable: 'GEMINI_API_KEY',
    model: 'gemini-2.5-flash',
    args: piArgs('google', 'gemini-2.5-flash'),
  },
  {
    ...pi,
    name: 'pi, completions',
    dialect: 'openai-chat',
    keyVariable: 'OPENAI_API_KEY',
    model: 'gpt-5.6',
    home: (address) => ({
      [join('.pi', 'agent', 'models.json')]: JSON.stringify({
        providers: { mine: { baseUrl: `${address}/v1`, api: 'openai-completions', apiKey: 'OPENAI_API_KEY', models: [{ id: 'gpt-5.6' }] } },
      }),
    }),
    args: piArgs('mine', 'gpt-5.6'),
  },
];
