import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { McpServer, Transport } from './mcp-server.ts';
import { readTemplate, type Template } from './template.ts';
import type { ServerForm, ServerPlace, Tool } from './tool.ts';

/** A server as a tool has it; an error says why it can't be told. */
export function readServer(name: string, entry: Json | undefined, place: ServerPlace, tool: Tool): McpServer | string {
  if (!isObject(entry)) return `${name} is no object`;
  const transport = readers[tool.form](entry, (text) => readTemplate(text, tool.variables));
  if (typeof transport === 'string') return `${name}: ${transport}`;
  const own = Object.keys(entry).filter((key) => !UNDERSTOOD.has(key));
  return { name, scope: place.scope, place, off: entry['enabled'] === false || entry['disabled'] === true, transport, own };
}

/** Members that are carried over, or that say nothing beside those. `tools`: Copilot's, all of them by default. */
const UNDERSTOOD = new Set(
  'type command args env cwd url httpUrl headers enabled disabled environment env_vars bearer_token_env_var http_headers env_http_headers tools'.split(
    ' ',
  ),
);

type Take = (text: string) => Template;
type Reader = (entry: JsonObject, take: Take) => Transport | string;

const readers: Record<ServerForm, Reader> = {
  claude: (entry, take) => usual(entry, take, 'http'),
  copilot: (entry, take) => usual(entry, take, 'http'),
  // Tries HTTP first where no type is given (0.61); Qwen Code 0.24 takes that for SSE.
  gemini: (entry, take) => usual(entry, take, 'http'),
  qwen: (entry, take) => usual(entry, take, 'sse'),
  opencode(entry, take) {
    if (entry['type'] === 'remote' || typeof entry['url'] === 'string') return remote(entry, 'http', entry['url'], take);
    const command = texts(entry['command']);
    if (command === undefined || command.length === 0) return 'its command is no list of words';
    const env = record(entry['environment'], take);
    if (env === undefined) return 'its environment is no list of texts';
    const [program, ...args] = command;
    return { type: 'stdio', command: take(program!), args: args.map(take), env, ...folder(entry, take) };
  },
  codex(entry, take) {
    if (typeof entry['url'] === 'string') {
      const headers = record(entry['http_headers'], take);
      const fromVariables = record(entry['env_http_headers'], (variable) => [{ variable }]);
      if (headers === undefined || fromVariables === undefined) return 'its headers are no list of texts';
      const bearer = entry['bearer_token_env_var'];
      const authorization: Record<string, Template> =
        typeof bearer === 'string' ? { Authorization: ['Bearer ', { variable: bearer }] } : {};
      return { type: 'http', url: take(entry['url']), headers: { ...headers, ...fromVariables, ...authorization } };
    }
    const passed = texts(entry['env_vars']);
    if (passed === undefined) return 'its env_vars is no list of names';
    const started = local(entry, take);
    if (typeof started === 'string' || started.type !== 'stdio') return started;
    return { ...started, env: { ...Object.fromEntries(passed.map((variable) => [variable, [{ variable }]])), ...started.env } };
  },
};

/** Claude Code, Gemini CLI, Qwen Code and Copilot CLI: a command, `httpUrl`, or `url` with a type. */
function usual(entry: JsonObject, take: Take, untyped: 'http' | 'sse'): Transport | string {
  const { type, httpUrl, url } = entry;
  if (typeof httpUrl === 'string') return remote(entry, 'http', httpUrl, take);
  if (typeof url === 'string') {
    if (type === undefined || type === 'sse') return remote(entry, type ?? untyped, url, take);
    return type === 'http' || type === 'streamable-http'
      ? remote(entry, 'http', url, take)
      : `its type ${JSON.stringify(type)} is not known`;
  }
  return local(entry, take);
}

function local(entry: JsonObject, take: Take): Transport | string {
  if (typeof entry['command'] !== 'string') return 'it has no command and no address';
  const args = texts(entry['args']);
  const env = record(entry['env'], take);
  if (args === undefined || env === undefined) return 'its args or env are no texts';
  return { type: 'stdio', command: take(entry['command']), args: args.map(take), env, ...folder(entry, take) };
}

function remote(entry: JsonObject, type: 'http' | 'sse', url: Json | undefined, take: Take): Transport | string {
  if (typeof url !== 'string') return 'it has no url';
  const headers = record(entry['headers'], take);
  return headers === undefined ? 'its headers are no texts' : { type, url: take(url), headers };
}

function folder(entry: JsonObject, take: Take): { cwd?: Template } {
  return typeof entry['cwd'] === 'string' ? { cwd: take(entry['cwd']) } : {};
}

function texts(value: Json | undefined): string[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}

function record(value: Json | undefined, take: Take): Record<string, Template> | undefined {
  if (value === undefined) return {};
  if (!isObject(value)) return undefined;
  const taken: [string, Template][] = [];
  for (const [name, each] of Object.entries(value)) {
    if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean') return undefined;
    taken.push([name, take(String(each))]);
  }
  return Object.fromEntries(taken);
}
