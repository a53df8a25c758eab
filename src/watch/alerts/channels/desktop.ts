import { spawn } from 'node:child_process';
import { err, ok, type Result } from '../../../exchange/result.ts';
import type { Channel, SendProblem } from '../channel.ts';
import { oneLine, shortened } from '../words.ts';
import { desktopNotifier } from './desktop-notice.ts';

/** Characters; desktops cut what is longer. */
const TITLE = 120;
const TEXT = 500;

/**
 * Shows a notice on this desktop. `notify-send` (libnotify 0.8 and newer) replaces the one of before; older ones, macOS and Windows show a new one.
 */
export function desktopChannel(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Channel {
  return {
    quiet: 'none',
    async send({ title, lines }, handle, signal) {
      // Looked up each time: a session may begin after Understudy has.
      const notifier = desktopNotifier(environment, platform);
      if (!notifier) return err({ message: 'there is no desktop to show it on (no notify-send, or no session)', passing: false });
      const text = lines.map(oneLine).join('\n');
      // notify-send reads a part of HTML in its text.
      const words = [
        shortened(oneLine(title), TITLE),
        platform === 'linux' ? escaped(shortened(text, TEXT)) : shortened(text, TEXT),
      ] as const;
      const isLibnotify = platform !== 'darwin' && platform !== 'win32';
      if (isLibnotify) {
        const replaces = handle === undefined ? [] : [`--replace-id=${handle}`];
        const shown = await started(notifier(...words, ['--print-id', ...replaces]), signal);
        const id = shown.ok ? /^\d+/.exec(shown.value.trim())?.[0] : undefined;
        if (shown.ok) return ok(id === undefined ? {} : { handle: id });
        if (!/option/i.test(shown.error.message)) return shown;
      }
      const shown = await started(notifier(...words), signal);
      return shown.ok ? ok({}) : shown;
    },
  };
}

function started([program = '', ...args]: string[], signal: AbortSignal): Promise<Result<string, SendProblem>> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, signal });
    let out = '';
    let said = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString('utf8').slice(0, 100)));
    child.stderr.on('data', (piece: Buffer) => (said = shortened(said + piece.toString('utf8'), 500)));
    child.on('error', ({ message }) => resolve(err({ message: `${program} could not be started: ${message}`, passing: true })));
    child.on('close', (code) => {
      resolve(code === 0 ? ok(out) : err({ message: `${program} ended with exit code ${code}: ${oneLine(said)}`, passing: true }));
    });
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
