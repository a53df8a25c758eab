import type { JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Transport } from './mcp-server.ts';
import { writeTemplate, type Template } from './template.ts';
import type { Tool } from './tool.ts';

/** A server as the tool's own `mcp add` writes it; an error says why the tool can't have it so. */
export function writeServer(transport: Transport, tool: Tool): Result<JsonObject, string> {
  if (transport.type === 'sse' && !tool.sse) return err(`It speaks SSE, which ${tool.title} does not.`);
  const lost: string[] = [];
  const say = (template: Template, what: string): string => {
    const text = writeTemplate(template, tool.variables);
    if (text === undefined) lost.push(what);
    return text ?? '';
  };
  const all = (values: Readonly<Record<string, Template>>): JsonObject =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, say(value, name)]));
  const entry = tool.form === 'codex' ? forCodex(transport, say, all) : usualEntry(transport, tool, say, all);
  return lost.length === 0 ? ok(entry) : err(`It takes variables for ${lost.join(', ')} that ${tool.title} can’t fill in.`);
}

type Say = (template: Template, what: string) => string;
type All = (values: Readonly<Record<string, Template>>) => JsonObject;

function usualEntry(transport: Transport, { form }: Tool, say: Say, all: All): JsonObject {
  if (transport.type !== 'stdio') {
    const { type } = transport;
    const url = say(transport.url, 'url');
    const given = some('headers', all(transport.headers));
    if (form === 'opencode') return { type: 'remote', url, ...given, enabled: true };
    if (form === 'copilot') return { type, url, ...given, tools: ['*'] };
    if (form === 'qwen') return { ...(type === 'http' ? { httpUrl: url } : { url }), ...given };
    return { type, url, ...given };
  }
  const command = say(transport.command, 'command');
  const args = transport.args.map((each) => say(each, 'args'));
  const env = all(transport.env);
  const cwd = transport.cwd === undefined ? {} : { cwd: say(transport.cwd, 'cwd') };
  if (form === 'opencode') return { type: 'local', command: [command, ...args], ...some('environment', env), ...cwd, enabled: true };
  const started = { command, args, ...some('env', env), ...cwd };
  if (form === 'copilot') return { type: 'local', ...started, tools: ['*'] };
  return form === 'claude' ? { type: 'stdio', ...started } : started;
}

/** Codex fills nothing in: a variable is passed on under its own name, a header is one variable, and a bearer's token is one. */
function forCodex(transport: Transport, say: Say, all: All): JsonObject {
  if (transport.type !== 'stdio') {
    const entry: JsonObject = { url: say(transport.url, 'url') };
    const fromVariables: Record<string, string> = {};
    const written: Record<string, Template> = {};
    for (const [name, value] of Object.entries(transport.headers)) {
      const [first, second, ...more] = value;
      const bearer = name.toLowerCase() === 'authorization' && typeof first === 'string' && /^Bearer $/i.test(first);
      if (bearer && more.length === 0 && isPlain(second)) entry['bearer_token_env_var'] = second.variable;
      else if (value.length === 1 && isPlain(first)) fromVariables[name] = first.variable;
      else written[name] = value;
    }
    return { ...entry, ...some('http_headers', all(written)), ...some('env_http_headers', fromVariables) };
  }
  const passed: string[] = [];
  const written: Record<string, Template> = {};
  for (const [name, value] of Object.entries(transport.env)) {
    const [only] = value;
    if (value.length === 1 && isPlain(only) && only.variable === name) passed.push(name);
    else written[name] = value;
  }
  return {
    command: say(transport.command, 'command'),
    args: transport.args.map((each) => say(each, 'args')),
    ...(transport.cwd === undefined ? {} : { cwd: say(transport.cwd, 'cwd') }),
    ...(passed.length > 0 && { env_vars: passed }),
    ...some('env', all(written)),
  };
}

function isPlain(part: Template[number] | undefined): part is { variable: string } {
  return typeof part === 'object' && part.fallback === undefined;
}

function some(name: string, values: JsonObject): JsonObject {
  return Object.keys(values).length === 0 ? {} : { [name]: values };
}
