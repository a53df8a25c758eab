import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseObject } from '../../exchange/json.ts';
import { failureText } from './failure-text.ts';

/** What Claude Code tells a hook (2.1.330), as far as it is used here. */
export interface HookEvent {
  name: string;
  session: string;
  /** Of `StopFailure`. */
  error: string;
}

export interface HookPorts {
  /** UTC ms. */
  now: number;
  /** Where a failed turn is remembered for the next prompt. */
  failed: string;
  /** How this program is called. */
  call: string;
  /** What is known of Claude Code now, in a sentence; `undefined`: nothing. `trouble`: only if it does not work. */
  known(trouble: boolean): Promise<string | undefined>;
  notify(title: string, text: string): void;
}

/** A message this old is about something else. */
const LASTS = 30 * 60_000;

/** `undefined`: it is no event of Claude Code. */
export function hookEvent(text: string): HookEvent | undefined {
  const given = parseObject(text);
  const { hook_event_name: name, session_id: session, error } = given ?? {};
  if (typeof name !== 'string' || typeof session !== 'string') return undefined;
  return { name, session, error: typeof error === 'string' ? error : 'unknown' };
}

/** Does what an event asks for; the answer is what Claude Code is to show (`systemMessage`), if anything. */
export async function onHookEvent({ name, session, error }: HookEvent, ports: HookPorts): Promise<string | undefined> {
  switch (name) {
    case 'StopFailure': {
      const text = failureText(error, await ports.known(false), ports.call);
      if (text === undefined) return undefined;
      mkdirSync(dirname(ports.failed), { recursive: true, mode: 0o700 });
      writeFileSync(ports.failed, JSON.stringify({ session, at: ports.now, text }), { mode: 0o600 });
      ports.notify('Claude Code could not answer', text);
      return undefined;
    }
    case 'UserPromptSubmit':
      return remembered(session, ports);
    case 'SessionStart':
      return ports.known(true);
    default:
      return undefined;
  }
}

/** Of this session, once. */
function remembered(session: string, { failed, now }: HookPorts): string | undefined {
  let text: string;
  try {
    text = readFileSync(failed, 'utf8');
  } catch {
    return undefined;
  }
  const kept = parseObject(text) ?? {};
  const isOld = typeof kept['at'] !== 'number' || now - kept['at'] > LASTS;
  // Another session that is open at the same time shows its own.
  if (!isOld && kept['session'] !== session) return undefined;
  rmSync(failed, { force: true });
  return isOld || typeof kept['text'] !== 'string' ? undefined : kept['text'];
}
