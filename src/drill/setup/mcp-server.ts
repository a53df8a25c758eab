import { secretsIn } from '../../archive/handoff/secrets.ts';
import { neededVariables, templateKey, type Template } from './template.ts';
import type { Scope, ServerPlace } from './tool.ts';

/** An MCP server, whatever tool it is set up in. */
export interface McpServer {
  name: string;
  scope: Scope;
  place: ServerPlace;
  /** It is switched off there. */
  off: boolean;
  transport: Transport;
  /** Settings of that tool for it that have no counterpart, by name. */
  own: readonly string[];
}

export type Transport =
  | { type: 'stdio'; command: Template; args: readonly Template[]; env: Readonly<Record<string, Template>>; cwd?: Template }
  | { type: 'http' | 'sse'; url: Template; headers: Readonly<Record<string, Template>> };

/** Which server it is: what is started or asked, whatever it is called and given. */
export function identityOf(transport: Transport): string {
  if (transport.type === 'stdio') return JSON.stringify(['stdio', ...[transport.command, ...transport.args].map(templateKey)]);
  return JSON.stringify(['url', templateKey(transport.url)]);
}

/** Names of what is given otherwise in the other one: variables, headers, the folder. Headers' names have no case. */
export function givenOtherwise(one: Transport, other: Transport): string[] {
  const [mine, theirs] = [givenTo(one), givenTo(other)];
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  return [...names].filter((name) => mine.get(name) !== theirs.get(name));
}

function givenTo(transport: Transport): Map<string, string> {
  if (transport.type !== 'stdio')
    return new Map(Object.entries(transport.headers).map(([name, value]) => [name.toLowerCase(), templateKey(value)]));
  return new Map([
    ...Object.entries(transport.env).map(([name, value]): [string, string] => [name, templateKey(value)]),
    ...(transport.cwd === undefined ? [] : [['cwd', templateKey(transport.cwd)] as [string, string]]),
  ]);
}

/** All of its values. */
export function valuesOf(transport: Transport): Template[] {
  if (transport.type !== 'stdio') return [transport.url, ...Object.values(transport.headers)];
  const { command, args, env, cwd } = transport;
  return [command, ...args, ...Object.values(env), ...(cwd === undefined ? [] : [cwd])];
}

/** Variables that it needs and the environment does not have. */
export function unsetVariables(transport: Transport, environment: Readonly<Record<string, string | undefined>>): string[] {
  return [...new Set(valuesOf(transport).flatMap(neededVariables))].filter((name) => (environment[name] ?? '') === '');
}

/** A value of env or headers, or another that looks like a credential, is written out in it. */
export function holdsSecrets(transport: Transport): boolean {
  const given = Object.values(transport.type === 'stdio' ? transport.env : transport.headers);
  const rest = valuesOf(transport).filter((value) => !given.includes(value));
  return (
    given.some((value) => value.some((part) => typeof part === 'string' && !isHarmless(part))) ||
    rest.some((value) => shownText(value, false) !== shownText(value, true))
  );
}

/** What stands around a variable, such as `Bearer `, and what is nobody's secret. */
function isHarmless(text: string): boolean {
  return (
    /^\s*(?:Bearer|Basic|token)?\s*$/i.test(text) || /^(?:true|false|\d{1,5}|info|debug|warn|error|production|development)$/i.test(text)
  );
}

/** A line for people, without values of env and headers and without what looks like a credential. */
export function shownTransport(transport: Transport): string {
  if (transport.type !== 'stdio') return [shownText(transport.url, true), ...masked(Object.entries(transport.headers))].join(', ');
  return [
    [transport.command, ...transport.args].map((each) => shownText(each, true)).join(' '),
    ...masked(Object.entries(transport.env)),
  ].join(', ');
}

function masked(given: readonly [string, Template][]): string[] {
  return given.map(([name, value]) => {
    const variables = value.map((part) => (typeof part === 'string' ? (isHarmless(part) ? part : '•••') : `$${part.variable}`)).join('');
    return `${name}=${variables}`;
  });
}

/** Long runs of letters and digits behind a word that says key or token, and the forms that issuers document, are left out. */
function shownText(template: Template, isMasked: boolean): string {
  const text = template.map((part) => (typeof part === 'string' ? part : `$${part.variable}`)).join('');
  if (!isMasked) return text;
  const found = secretsIn(text);
  let shown = '';
  let from = 0;
  for (const { start, end } of found) {
    shown += `${text.slice(from, start)}•••`;
    from = end;
  }
  return (shown + text.slice(from)).replace(/((?:key|token|secret|password)[\w-]*[=:])(?!\$)[^\s&,]+/gi, '$1•••');
}
