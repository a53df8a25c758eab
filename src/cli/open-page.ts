import { spawn } from 'node:child_process';

/** Opens a page in the user's browser, where there is one. Nothing is said of a failure: the address is printed in any case. */
export function openPage(url: string, platform: NodeJS.Platform): void {
  const [program, ...args] = opener(url, platform);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function opener(url: string, platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open', url];
  // `start` would read the & of an address as the end of a command.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}
