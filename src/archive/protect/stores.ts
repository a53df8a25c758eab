import { join } from 'node:path';
import type { SourceName } from '../conversation.ts';

/** What the places of other programs' files depend on. */
export interface Machine {
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  platform: NodeJS.Platform;
}

/** A place where a tool keeps what was said. */
export interface TranscriptStore {
  source: SourceName;
  /** As people call the tool. */
  title: string;
  /** Its folder; may not be there. */
  root: string;
  /** `lines`: files that grow, a session each. `files`: small files that make up sessions together. `database`: one SQLite file. */
  kind: 'lines' | 'files' | 'database';
  /** Which files of it are kept; paths below the root, with slashes. */
  keeps(path: string): boolean;
  /** Which of them are sessions of people, for counting: no sub-agents', no attachments. */
  isSession(path: string): boolean;
  /** What is known of what it deletes by itself. */
  retention: 'claude-code' | 'gemini-cli' | 'none';
}

/**
 * Where the tools keep their transcripts, by their own documentation and source: Claude Code 2.1.330 (CLAUDE_CONFIG_DIR), Codex 0.169
 * (CODEX_HOME), Gemini CLI 0.61 (GEMINI_CLI_HOME), opencode 1.18 (XDG_DATA_HOME), Qwen Code 0.24 (QWEN_HOME, QWEN_RUNTIME_DIR),
 * Copilot CLI 1.0 (COPILOT_HOME), pi 0.73 (PI_CODING_AGENT_DIR). On Windows they all lie in the user's folder too.
 */
export function transcriptStores({ environment, home, platform }: Machine): TranscriptStore[] {
  const at = (variable: string, ...fallback: string[]): string => environment[variable] || join(home, ...fallback);
  const claude = [
    ...new Set([
      at('CLAUDE_CONFIG_DIR', '.claude'),
      join(home, '.claude'),
      join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'claude'),
    ]),
  ];
  const codex = at('CODEX_HOME', '.codex');
  const gemini = join(environment['GEMINI_CLI_HOME'] || home, '.gemini');
  const qwen = [...new Set([at('QWEN_RUNTIME_DIR', '.qwen'), at('QWEN_HOME', '.qwen')])];
  const opencode = [
    ...new Set([
      join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'opencode'),
      ...(platform === 'win32' ? [join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'opencode')] : []),
      ...(platform === 'darwin' ? [join(home, 'Library', 'Application Support', 'opencode')] : []),
    ]),
  ];

  return [
    ...claude.map((folder) => claudeStore(join(folder, 'projects'))),
    lines('codex', 'Codex', join(codex, 'sessions'), /(^|\/)rollout-[^/]*\.jsonl(\.zst)?$/),
    lines('codex', 'Codex', join(codex, 'archived_sessions'), /(^|\/)rollout-[^/]*\.jsonl(\.zst)?$/),
    {
      ...lines('gemini-cli', 'Gemini CLI', join(gemini, 'tmp'), /(^|\/)chats\/.*\.jsonl?$/),
      isSession: (path) => /(^|\/)chats\/[^/]+\.jsonl?$/.test(path),
      retention: 'gemini-cli',
    },
    ...opencode.map((folder): TranscriptStore => ({
      source: 'opencode',
      title: 'opencode',
      root: folder,
      kind: 'database',
      keeps: (path) => path === 'opencode.db',
      isSession: () => false,
      retention: 'none',
    })),
    ...opencode.map((folder): TranscriptStore => ({
      source: 'opencode',
      title: 'opencode',
      root: join(folder, 'storage'),
      kind: 'files',
      keeps: (path) => /^(session|message|part)\/.*\.json$/.test(path),
      isSession: (path) => /^session\/(?!message\/|part\/).*\.json$/.test(path),
      retention: 'none',
    })),
    ...qwen.flatMap((folder) => [
      lines('qwen-code', 'Qwen Code', join(folder, 'projects'), /(^|\/)chats\/.*\.jsonl$/),
      lines('qwen-code', 'Qwen Code', join(folder, 'tmp'), /(^|\/)chats\/.*\.jsonl$/),
    ]),
    lines('copilot-cli', 'Copilot CLI', join(at('COPILOT_HOME', '.copilot'), 'session-state'), /(^|\/)events\.jsonl$|^[^/]+\.jsonl$/),
    lines('pi', 'pi', join(at('PI_CODING_AGENT_DIR', '.pi', 'agent'), 'sessions'), /\.jsonl$/),
    {
      ...lines('cursor', 'Cursor', join(home, '.cursor', 'projects'), /(^|\/)agent-transcripts\/.*\.(jsonl|txt)$/),
      isSession: (path) => !path.includes('/subagents/'),
    },
    {
      source: 'cursor',
      title: 'Cursor',
      root: join(editorData(environment, home, platform), 'Cursor', 'User', 'globalStorage'),
      kind: 'database',
      keeps: (path) => path === 'state.vscdb',
      isSession: () => false,
      retention: 'none',
    },
  ];
}

/** Where editors that are made of VS Code keep their users' state: https://code.visualstudio.com/docs/setup/uninstall#_clean-uninstall */
function editorData(environment: Machine['environment'], home: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return environment['APPDATA'] || join(home, 'AppData', 'Roaming');
  return environment['XDG_CONFIG_HOME'] || join(home, '.config');
}

function claudeStore(root: string): TranscriptStore {
  return {
    ...lines('claude-code', 'Claude Code', root, /\.jsonl$|\/tool-results\/|\/subagents\//),
    isSession: (path) => /^[^/]+\/[^/]+\.jsonl$/.test(path) && !/(^|\/)agent-[^/]*$/.test(path),
    retention: 'claude-code',
  };
}

function lines(source: SourceName, title: string, root: string, pattern: RegExp): TranscriptStore {
  return {
    source,
    title,
    root,
    kind: 'lines',
    keeps: (path) => pattern.test(path),
    isSession: (path) => pattern.test(path),
    retention: 'none',
  };
}
