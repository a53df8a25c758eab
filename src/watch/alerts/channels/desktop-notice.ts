import { spawn } from 'node:child_process';
import { findProgram } from '../find-program.ts';

/** Shows a short message on the desktop, where there is a way to; quietly does nothing elsewhere. */
export type DesktopNotice = (title: string, text: string) => void;

export function desktopNotice(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): DesktopNotice {
  const command = desktopNotifier(environment, platform);
  return (title, text) => {
    if (!command) return;
    const [program, ...args] = command(title, text);
    const child = spawn(program!, args, { stdio: 'ignore', detached: true, windowsHide: true });
    child.on('error', () => undefined);
    child.unref();
  };
}

/** The program to start and its arguments. `more`: further options, for those that have any (`notify-send`). */
export type DesktopNotifier = (title: string, text: string, more?: readonly string[]) => string[];

/** `undefined`: there is no desktop here, or no way to reach it. */
export function desktopNotifier(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): DesktopNotifier | undefined {
  const found = (name: string): string | undefined => findProgram([name], environment, platform);
  if (platform === 'darwin') {
    const osascript = found('osascript');
    // The words are arguments of the script, never part of it.
    const script = 'on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run';
    return osascript === undefined ? undefined : (title, text) => [osascript, '-e', script, title, text];
  }
  if (platform === 'win32') {
    const powershell = found('powershell');
    return powershell === undefined
      ? undefined
      : (title, text) => [powershell, '-NoProfile', '-NonInteractive', '-Command', toast(title, text)];
  }
  const send = found('notify-send');
  // Without a session to show it in, notify-send only waits for one.
  const desktop = environment['DBUS_SESSION_BUS_ADDRESS'] ?? environment['WAYLAND_DISPLAY'] ?? environment['DISPLAY'];
  return send === undefined || desktop === undefined
    ? undefined
    : (title, text, more = []) => [send, '--app-name=Understudy', ...more, '--', title, text];
}

/** Windows' own toast, through WinRT: https://learn.microsoft.com/windows/apps/design/shell/tiles-and-notifications/toast-xml-schema */
function toast(title: string, text: string): string {
  const quoted = (words: string): string => `'${words.replaceAll("'", "''")}'`;
  return [
    '$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]',
    '$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)',
    "$lines = $xml.GetElementsByTagName('text')",
    `$null = $lines.Item(0).AppendChild($xml.CreateTextNode(${quoted(title)}))`,
    `$null = $lines.Item(1).AppendChild($xml.CreateTextNode(${quoted(text)}))`,
    "$id = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'",
    '[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($id).Show([Windows.UI.Notifications.ToastNotification]::new($xml))',
  ].join('; ');
}
