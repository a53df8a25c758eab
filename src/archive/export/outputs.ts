import type { ArchivedMessage } from '../conversation.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';

/** A file or a block of code that a conversation has brought forth. */
export interface Output {
  /** A relative path with slashes, safe to write below any folder; different for each output. */
  path: string;
  content: { type: 'text'; text: string } | { type: 'stored'; sha256: string };
  /** Key of the message that it is out of. */
  message: string;
  from: 'code' | 'tool' | 'attachment';
}

/** Names that people and models use for languages, and what files of them end in. */
const ENDINGS: Record<string, string> = {
  bash: 'sh',
  sh: 'sh',
  shell: 'sh',
  zsh: 'sh',
  powershell: 'ps1',
  c: 'c',
  'c++': 'cpp',
  cpp: 'cpp',
  csharp: 'cs',
  cs: 'cs',
  css: 'css',
  csv: 'csv',
  diff: 'diff',
  dockerfile: 'Dockerfile',
  go: 'go',
  html: 'html',
  java: 'java',
  javascript: 'js',
  js: 'js',
  json: 'json',
  jsonl: 'jsonl',
  jsx: 'jsx',
  kotlin: 'kt',
  latex: 'tex',
  lua: 'lua',
  makefile: 'mk',
  markdown: 'md',
  md: 'md',
  mermaid: 'mmd',
  php: 'php',
  perl: 'pl',
  python: 'py',
  py: 'py',
  r: 'r',
  ruby: 'rb',
  rb: 'rb',
  rust: 'rs',
  rs: 'rs',
  scala: 'scala',
  sql: 'sql',
  svg: 'svg',
  swift: 'swift',
  toml: 'toml',
  tsx: 'tsx',
  typescript: 'ts',
  ts: 'ts',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
};
/** A fence at the beginning of a line (up to three blanks before it, CommonMark 4.5), its info string, its content. */
const FENCED = /^( {0,3})(`{3,}|~{3,})([^\n`]*)\n([\s\S]*?)(?:^ {0,3}\2[`~]*[ \t]*$|(?![\s\S]))/gm;
/** A name before a block: `src/a.ts`, **a.py**, `# a.py` in its first line, or in the info string (`ts title="a.ts"`, `ts:a.ts`). */
const NAME = /[\w@][\w@.-]*(?:\/[\w@.-]+)*\.[A-Za-z][\w]{0,9}/;

/** Files that were attached or written by tools, and code blocks of answers, each with a name of its own. Later ones of a name come after. */
export function outputsOf(messages: readonly ArchivedMessage[]): Output[] {
  const outputs: Output[] = [];
  const taken = new Map<string, number>();
  const add = (name: string, content: Output['content'], message: ArchivedMessage, from: Output['from']): void => {
    const path = unlike(safePath(name), taken);
    outputs.push({ path, content, message: message.key, from });
  };

  for (const message of messages) {
    if (message.hidden) continue;
    for (const part of message.parts) {
      if (part.type === 'text' && message.role === 'assistant') {
        for (const { name, text } of codeIn(part.text)) add(name, { type: 'text', text }, message, 'code');
      } else if (part.type === 'tool-call') {
        const written = writtenBy(parseObject(part.arguments));
        if (written) add(written.name, { type: 'text', text: written.text }, message, 'tool');
      }
      const files = part.type === 'file' ? [part] : part.type === 'tool-result' ? part.content.filter((each) => each.type === 'file') : [];
      for (const { name, mediaType, content } of files) {
        const called = name ?? `file.${mediaType?.split('/')[1]?.replace(/\W.*/, '') ?? 'bin'}`;
        if (content.type === 'stored') add(called, { type: 'stored', sha256: content.sha256 }, message, 'attachment');
        else if (content.type === 'text') add(called, { type: 'text', text: content.text }, message, 'attachment');
      }
    }
  }
  return outputs;
}

function codeIn(text: string): { name: string; text: string }[] {
  const found: { name: string; text: string }[] = [];
  for (const match of text.matchAll(FENCED)) {
    const [, indent = '', , info = '', body = ''] = match;
    const code = indent === '' ? body : body.replaceAll(new RegExp(`^ {0,${indent.length}}`, 'gm'), '');
    if (code.trim() === '') continue;
    const before = text.slice(0, match.index).trimEnd();
    const line = before.slice(before.lastIndexOf('\n') + 1);
    found.push({ name: nameOf(info.trim(), line, code), text: code });
  }
  return found;
}

function nameOf(info: string, before: string, code: string): string {
  const [language = '', ...rest] = info.split(/[\s:{]+/);
  const ending = ENDINGS[language.toLowerCase()];
  const firstLine = code.slice(0, code.indexOf('\n') + 1 || undefined);
  const comment = /^\s*(?:\/\/|#|--|;|<!--|\/\*)\s*(?:file(?:name)?:\s*)?(\S+)\s*(?:-->|\*\/)?\s*$/i.exec(firstLine)?.[1];
  const marked = /(?:`([^`]+)`|\*\*([^*]+)\*\*)\s*:?\s*$/.exec(before);
  for (const said of [rest.join(' '), comment, marked?.[1] ?? marked?.[2]]) {
    const name = said === undefined ? undefined : NAME.exec(said)?.[0];
    if (name !== undefined) return name;
  }
  return ending === undefined ? 'code.txt' : ending === 'Dockerfile' ? ending : `code.${ending}`;
}

/** Tools that write a whole file: a path, and its content. */
function writtenBy(given: JsonObject | undefined): { name: string; text: string } | undefined {
  if (!isObject(given)) return undefined;
  const path = ['file_path', 'filePath', 'path', 'filename'].map((name) => given[name]).find((value) => typeof value === 'string');
  const text = ['content', 'file_text', 'contents'].map((name) => given[name]).find((value) => typeof value === 'string');
  return path === undefined || text === undefined ? undefined : { name: path, text };
}

/** Names that Windows keeps for itself: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Below any folder, on any system: no drive, no `..`, no characters that a file system refuses. */
function safePath(name: string): string {
  const steps = name
    .replace(/^[A-Za-z]:/, '')
    .split(/[/\\]+/)
    .map((step) =>
      step
        // eslint-disable-next-line no-control-regex -- they are what is to be kept out
        .replace(/[\u0000-\u001f<>:"|?*]/g, '_')
        .replace(/[. ]+$/, '')
        .slice(0, 120),
    )
    .filter((step) => step !== '' && step !== '.' && step !== '..')
    .map((step) => (RESERVED.test(step) ? `_${step}` : step));
  return steps.slice(-8).join('/') || 'file';
}

/** `a.ts`, `a-2.ts`, `a-3.ts`: also apart for file systems that do not tell upper from lower case. */
function unlike(path: string, taken: Map<string, number>): string {
  const folded = path.toLowerCase();
  const count = (taken.get(folded) ?? 0) + 1;
  taken.set(folded, count);
  if (count === 1) return path;
  const dot = path.lastIndexOf('.');
  const slash = path.lastIndexOf('/');
  const next = dot > slash + 1 ? `${path.slice(0, dot)}-${count}${path.slice(dot)}` : `${path}-${count}`;
  return unlike(next, taken);
}
