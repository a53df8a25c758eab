import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';
import { numberIn, textIn, fieldIn } from '../transcripts/fields.ts';
import type { Ledger } from './ledger.ts';
import type { Machine, TranscriptStore } from './stores.ts';
import { readToolSettings, replaceFile, toolSettingsText } from './tool-settings.ts';

/** When a tool deletes its transcripts by itself. */
export interface Retention {
  /** Days after a session's last change; `undefined`: it keeps them. */
  days: number | undefined;
  /** Its own settings file, and the setting in it as people write it. Absent: there is none. */
  setting?: { file: string; path: readonly string[]; shown: string; isDefault: boolean };
  /** Why it can't be said, or what else there is to know. */
  note?: string;
}

/** What a raised setting is set to: ten years. More than 99999 days, or 0, mean other things in some versions. */
export const LONG = 3650;
export const DAY = 86_400_000;

/** What a store's tool does, by its settings file. Only the user's own file is read: a project or an administrator may say something else. */
export function retentionOf(store: TranscriptStore, { environment, home }: Machine): Retention {
  if (store.retention === 'claude-code') {
    const file = join(dirname(store.root), 'settings.json');
    const settings = readToolSettings(file);
    const days = settings.ok ? numberIn(settings.value, 'cleanupPeriodDays') : undefined;
    const setting = { file, path: ['cleanupPeriodDays'], shown: `cleanupPeriodDays: ${days ?? 30}`, isDefault: days === undefined };
    return { days: days ?? 30, setting, ...(settings.ok ? {} : { note: settings.error }) };
  }
  if (store.retention === 'gemini-cli') {
    const file = join(environment['GEMINI_CLI_HOME'] || home, '.gemini', 'settings.json');
    const settings = readToolSettings(file);
    const given = settings.ok ? settings.value : {};
    const path = ['general', 'sessionRetention', 'maxAge'];
    const isOn = fieldIn(given, 'general', 'sessionRetention', 'enabled') !== false;
    const age = textIn(given, ...path);
    const most = numberIn(given, 'general', 'sessionRetention', 'maxCount');
    const setting = { file, path, shown: `general.sessionRetention.maxAge: ${age ?? '30d'}`, isDefault: age === undefined };
    const note = settings.ok
      ? isOn && most !== undefined
        ? `and it keeps only ${most} sessions of a project`
        : undefined
      : settings.error;
    return { days: isOn ? daysOf(age ?? '30d') : undefined, setting, ...(note === undefined ? {} : { note }) };
  }
  return { days: undefined };
}

/** Gemini CLI's `30d`, `24h`, `1w`, `2m` (months of 30 days). What it does not understand switches its cleaning off. */
function daysOf(age: string): number | undefined {
  const [, count, unit] = /^(\d+)([hdwm])$/.exec(age) ?? [];
  if (count === undefined || Number(count) === 0) return undefined;
  return Number(count) * { h: 1 / 24, d: 1, w: 7, m: 30 }[unit as 'h' | 'd' | 'w' | 'm'];
}

/** A setting that was raised, as it is remembered for the way back. */
interface Raised {
  file: string;
  path: readonly string[];
  /** `undefined`: it was not there. */
  before: Json | undefined;
  /** Where the file lies as it was; absent: there was none. */
  backup?: string;
  /** The file as it was written. */
  wrote: string;
}

const MARK = 'protect retention ';

/** Sets a tool's own setting to ten years. Its settings file is backed up beside it first, and the way back remembered. */
export function raiseRetention(ledger: Ledger, { setting }: Retention, now: number): Result<{ file: string; backup?: string }, string> {
  if (!setting) return err('it has no such setting');
  const { file, path } = setting;
  const settings = readToolSettings(file);
  const value = path.at(-1) === 'maxAge' ? `${LONG}d` : LONG;
  if (!settings.ok) return err(`${settings.error}. Add it by hand: ${path.join('.')}: ${JSON.stringify(value)}`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const backup = text === undefined ? undefined : `${file}.before-understudy`;
  const before = fieldIn(settings.value, ...path);
  const wrote = toolSettingsText(withValue(settings.value, path, value), text);
  // An older backup is the one to go back to.
  const remembered = ledger.mark(MARK + file);
  if (remembered === undefined || remembered === '') {
    if (backup !== undefined) writeFileSync(backup, text!, { mode: statSync(file).mode & 0o777 });
    ledger.setMark(MARK + file, JSON.stringify({ file, path, before, backup, wrote, at: now }));
  } else ledger.setMark(MARK + file, JSON.stringify({ ...(JSON.parse(remembered) as Raised), wrote }));
  replaceFile(file, wrote);
  return ok({ file, ...(backup === undefined ? {} : { backup }) });
}

/** Puts a raised setting back. A file that nobody has changed since is put back byte for byte; of another only the setting. */
export function undoRetention(ledger: Ledger, { setting }: Retention): Result<'put back' | 'setting put back', string> {
  const remembered = setting && ledger.mark(MARK + setting.file);
  if (!remembered) return err('nothing was changed by Understudy');
  const { file, path, before, backup, wrote } = JSON.parse(remembered) as Raised;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  let how: 'put back' | 'setting put back' = 'put back';
  if (text === wrote && backup === undefined) rmSync(file);
  else if (text === wrote && backup !== undefined && existsSync(backup)) replaceFile(file, readFileSync(backup));
  else if (text !== undefined) {
    const settings = readToolSettings(file);
    if (!settings.ok) return err(settings.error);
    replaceFile(file, toolSettingsText(withValue(settings.value, path, before), text));
    how = 'setting put back';
  }
  ledger.setMark(MARK + file, '');
  return ok(how);
}

function withValue(settings: JsonObject, [first = '', ...rest]: readonly string[], value: Json | undefined): JsonObject {
  if (rest.length === 0) {
    const { [first]: _, ...others } = settings;
    return value === undefined ? others : { ...settings, [first]: value };
  }
  const inner = settings[first];
  const changed = withValue(isObject(inner) ? inner : {}, rest, value);
  if (value === undefined && Object.keys(changed).length === 0) return withValue(settings, [first], undefined);
  return { ...settings, [first]: changed };
}
