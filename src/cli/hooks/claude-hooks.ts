import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/** How the hooks are told from others' in a settings file: what they run ends like this. */
const OURS = /\bunderstudy['"]? hooks run claude\b/;

/**
 * Where Claude Code calls: when a session begins, when a turn ends in an API error (its output goes nowhere: Claude Code 2.1.330, tried), and before the
 * next prompt, where a message can be shown. `failed`: a file that is there after a failed turn; without one, no program is started for a prompt.
 * Windows' shells have no common way to look for a file, so there the notice on the desktop and the next session's beginning have to do.
 */
export function claudeHooks(call: string, failed: string, platform: NodeJS.Platform): Record<string, string> {
  const run = `${call} hooks run claude`;
  return {
    SessionStart: run,
    StopFailure: run,
    ...(platform !== 'win32' && { UserPromptSubmit: `test ! -e '${failed.replaceAll("'", "'\\''")}' || ${run}` }),
  };
}

/** Claude Code's settings with these hooks, beside those that are there; ours of before are replaced. */
export function withHooks(settings: JsonObject, hooks: Readonly<Record<string, string>>): JsonObject {
  const bare = withoutHooks(settings);
  const there = isObject(bare['hooks']) ? bare['hooks'] : {};
  const added = Object.entries(hooks).map(([event, command]): [string, Json[]] => {
    const before = Array.isArray(there[event]) ? there[event] : [];
    return [event, [...before, { hooks: [{ type: 'command', command, timeout: TIMEOUT }] }]];
  });
  return { ...bare, hooks: { ...there, ...Object.fromEntries(added) } };
}

/** Seconds: nobody waits longer for a message. */
const TIMEOUT = 10;

/** The same without ours; all else as it is. */
export function withoutHooks(settings: JsonObject): JsonObject {
  const { hooks, ...rest } = settings;
  if (!isObject(hooks)) return settings;
  const kept = Object.entries(hooks).flatMap(([event, groups = null]): [string, Json][] => {
    if (!Array.isArray(groups)) return [[event, groups]];
    const others = groups.flatMap((group) => withoutOurs(group));
    return others.length > 0 || groups.length === 0 ? [[event, others]] : [];
  });
  if (kept.length === 0 && Object.keys(hooks).length > 0) return rest;
  return { ...settings, hooks: Object.fromEntries(kept) };
}

function withoutOurs(group: Json): Json[] {
  if (!isObject(group) || !Array.isArray(group['hooks'])) return [group];
  const others = group['hooks'].filter((hook) => !isOurs(hook));
  if (others.length === group['hooks'].length) return [group];
  return others.length === 0 ? [] : [{ ...group, hooks: others }];
}

function isOurs(hook: Json): boolean {
  return isObject(hook) && typeof hook['command'] === 'string' && OURS.test(hook['command']);
}

/** Events at which ours are called, as the settings are. */
export function hookedEvents(settings: JsonObject): string[] {
  const { hooks } = settings;
  if (!isObject(hooks)) return [];
  return Object.entries(hooks).flatMap(([event, groups]) => {
    const all = Array.isArray(groups)
      ? groups.flatMap((group) => (isObject(group) && Array.isArray(group['hooks']) ? group['hooks'] : []))
      : [];
    return all.some(isOurs) ? [event] : [];
  });
}
