import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineChild } from './engine-process.ts';
import type { FromEngine } from './messages.ts';

/** Bytes of the process's last words that are kept. */
const LAST_WORDS = 4096;
/** Milliseconds for it to go by itself. */
const GRACE = 2000;
/** What a process needs to find its libraries and to know its place. Keys and the like are nothing to it. */
const PASSED_ON = /^(PATH|HOME|USERPROFILE|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|LD_LIBRARY_PATH|CUDA_.*|VK_.*|GGML_.*)$/i;

/**
 * Its hundred packages may read files and load llama.cpp, and neither write nor, from Node 25 on, reach the network (nodejs.org/api/permissions.html). The
 * package tries its binary in a process of its own first, which is confined in the same way.
 */
const CONFINED = ['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-child-process', '--no-warnings'];

/** What some ends mean. */
const HINTS: Readonly<Record<string, string>> = {
  SIGILL: ': this processor lacks instructions that the engine was built for',
  SIGKILL: ': by hand, or because the machine ran out of memory',
};

/** Starts the engine's process beside this one. It ends with this one, however that ends. */
export function startChild(
  environment: Readonly<Record<string, string | undefined>>,
  said: (message: FromEngine) => void,
  ended: (why: string) => void,
): EngineChild {
  const source = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name)));
  const child = fork(source, [], { env, execArgv: CONFINED, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let words = '';
  let over = false;
  let killing: NodeJS.Timeout | undefined;
  const end = (why: string): void => {
    if (over) return;
    over = true;
    clearTimeout(killing);
    const last = words.trim().split('\n').at(-1)?.trim();
    ended(last === undefined || last === '' ? why : `${why}: ${last}`);
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void (words = (words + text).slice(-LAST_WORDS)));
  child.on('message', (message) => said(message as FromEngine));
  child.on('error', (error) => end(`it could not be started (${error.message})`));
  // Its last words may come behind its end.
  child.on('close', (code, signal) => end(`its process ended (${signal ?? `exit code ${code}`}${HINTS[signal ?? ''] ?? ''})`));
  return {
    post(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    kill() {
      if (over || killing) return;
      child.kill('SIGTERM');
      killing = setTimeout(() => child.kill('SIGKILL'), GRACE);
    },
  };
}
