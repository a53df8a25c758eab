import { spawn } from 'node:child_process';
import { findProgram } from '../../watch/alerts/find-program.ts';

/** Programs that put their input on the clipboard, as their systems have them. */
const WRITERS: readonly [program: string, ...args: string[]][] = [
  ['pbcopy'],
  ['wl-copy'],
  ['xclip', '-selection', 'clipboard'],
  ['xsel', '--clipboard', '--input'],
  ['clip.exe'],
  ['termux-clipboard-set'],
];

/** Puts a text on the clipboard. False: this machine has no program for it, or it did not work. */
export async function toClipboard(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Promise<boolean> {
  for (const [name, ...args] of WRITERS) {
    const program = findProgram([platform === 'win32' ? name.replace(/\.exe$/, '') : name], environment, platform);
    if (program === undefined) continue;
    const done = await new Promise<boolean>((resolve) => {
      const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], env: environment });
      child.once('error', () => resolve(false));
      child.stdin.on('error', () => resolve(false));
      child.once('exit', (code) => resolve(code === 0));
      // Windows' clip reads UTF-16.
      child.stdin.end(name === 'clip.exe' ? Buffer.from(`\uFEFF${text}`, 'utf16le') : text);
    });
    if (done) return true;
  }
  return false;
}
