import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/** Another tool's settings file. One that is not there is empty; one with comments can't be changed without losing them, and is left alone. */
export function readToolSettings(file: string): Result<JsonObject, string> {
  if (!existsSync(file)) return ok({});
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    return isObject(value) ? ok(value) : err(`${file} holds no object`);
  } catch {
    return err(`${file} can't be read as plain JSON (comments?): what it says is not known here`);
  }
}

/** As it is written to such a file; `like`: what is there now, for its indent. */
export function toolSettingsText(settings: JsonObject, like: string | undefined): string {
  return `${JSON.stringify(settings, null, /^[ \t]+(?=")/m.exec(like ?? '')?.[0] ?? '  ')}\n`;
}

/** The file is whole at every moment, keeps its mode, and a link stays one. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600;
  const place = existsSync(file) ? realpathSync(file) : file;
  const draft = `${place}.${process.pid}.new`;
  writeFileSync(draft, content, { mode });
  chmodSync(draft, mode);
  renameSync(draft, place);
}
