import { spawn } from 'node:child_process';
import type { Clock } from '../../exchange/clock.ts';

/** A fenced piece of code in an answer. */
export interface Snippet {
  language: string;
  code: string;
}

/** Whether code parses: nothing of it is ever run. `undefined`: nobody here can tell. */
export type CheckCode = (snippet: Snippet) => Promise<boolean | undefined>;

const SCRIPT = new Set(['js', 'javascript', 'mjs', 'cjs', 'ts', 'typescript', 'mts', 'cts']);
const PYTHON = new Set(['py', 'python', 'python3']);
/** Milliseconds. An interpreter that takes longer is not there for this. */
const PATIENCE = 5000;
/** Characters; what is longer is no snippet. */
const LONGEST = 100_000;
/** Exit status of those who could not read it. */
const NO_CODE = 3;

export function snippetsIn(text: string): Snippet[] {
  return [...text.matchAll(/^```([\w+#.-]+)[^\n]*\n([\s\S]*?)^```\s*$/gm)].map(([, language, code]) => ({
    language: language!.toLowerCase(),
    code: code!,
  }));
}

/** JSON, JavaScript and TypeScript by Node itself; Python where it is installed. In processes of their own: streams go first. */
export function codeChecker(clock: Clock): CheckCode {
  /** Asked for once: most machines have it, and those that have not are not searched again. */
  let hasPython: boolean | undefined;
  return async ({ language, code }) => {
    if (code.length > LONGEST) return undefined;
    if (language === 'json') return isJson(code);
    if (SCRIPT.has(language)) {
      return isForNode(code)
        ? parses(clock, process.execPath, ['--no-warnings', '--input-type=module', '-e', READ_SCRIPT], code)
        : undefined;
    }
    if (!PYTHON.has(language) || hasPython === false) return undefined;
    const parsed = await parses(clock, 'python3', ['-I', '-c', READ_PYTHON], code);
    hasPython = parsed !== undefined;
    return parsed;
  };
}

function isJson(code: string): boolean {
  try {
    JSON.parse(code);
    return true;
  } catch {
    return false;
  }
}

/** Types are taken away by what Node runs sources with: it reads JavaScript as well, and refuses what is neither. Enums only `transform` can do. */
const READ_SCRIPT = `import { stripTypeScriptTypes } from 'node:module';
let code = '';
for await (const piece of process.stdin) code += piece;
try { stripTypeScriptTypes(code, { mode: 'strip' }); } catch (error) { process.exit(error.code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' ? ${NO_CODE} : 0); }`;
const READ_PYTHON = `import ast,sys
try:
 ast.parse(sys.stdin.read())
except SyntaxError:
 sys.exit(${NO_CODE})`;

/** Ellipses stand for the rest of a file, and JSX is no JavaScript. */
function isForNode(code: string): boolean {
  return !/^\s*(?:\/\/ ?)?\.\.\.\s*$/m.test(code) && !/<\/[A-Za-z]|\/>/.test(code);
}

/** `undefined`: there is no such program here, or it did not answer. The text comes by its standard input and is parsed, not run. */
function parses(clock: Clock, program: string, options: readonly string[], code: string): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, options, { stdio: ['pipe', 'ignore', 'ignore'] });
    const stop = clock.after(PATIENCE, () => child.kill('SIGKILL'));
    child.on('error', () => {
      stop();
      resolve(undefined);
    });
    child.on('exit', (status) => {
      stop();
      resolve(status === 0 ? true : status === NO_CODE ? false : undefined);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(code);
  });
}
