import type { z } from 'zod';
import { err, ok, type Result } from '../../exchange/result.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Context } from '../command.ts';
import { type ControlProblem, getControl } from '../control-api.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { findRunning, foundText } from '../running-address.ts';

/** Where a command asks, and by which right. */
export interface Place {
  address: string;
  token: string | undefined;
}

/** The running server that a command means. `undefined`: the configuration can't be read, or `--url` is no URL, which has been said. */
export function placeOf(context: Context): Place | undefined {
  const { flags, terminal, deps } = context;
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) {
    for (const line of loaded.error) terminal.note(line);
    return undefined;
  }
  const url = flags.text('url');
  if (url !== undefined) {
    if (URL.canParse(url)) {
      const { settings } = loaded.value.loaded;
      return { address: url, token: deps.surroundings.environment['UNDERSTUDY_TOKEN'] ?? settings.server.token };
    }
    terminal.note(`--url ${url} is no URL; give one such as http://127.0.0.1:4141.`);
    return undefined;
  }
  const found = findRunning(context, loaded.value.loaded);
  for (const line of foundText(found)) terminal.note(line);
  return { address: found.address, token: found.token };
}

/** The same without a word, for what must not disturb. */
export function quietPlaceOf(context: Context): Place | undefined {
  const { environment } = context.deps.surroundings;
  const told = context.flags.text('url') ?? environment['UNDERSTUDY_URL'];
  if (told !== undefined && URL.canParse(told)) return { address: told, token: environment['UNDERSTUDY_TOKEN'] };
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) return undefined;
  const { address, token } = findRunning(context, loaded.value.loaded);
  return { address, token };
}

/** Asks a running server, and checks that it says what this version understands; `given` is as it came. */
export async function askServer<Schema extends z.ZodType>(
  { address, token }: Place,
  path: string,
  schema: Schema,
  body?: JsonObject,
  patience?: number,
): Promise<Result<{ value: z.output<Schema>; given: JsonObject }, ControlProblem>> {
  const got = await getControl(address, path, token, patience, body);
  if (!got.ok) return got;
  const checked = schema.safeParse(got.value);
  if (checked.success && isObject(got.value)) return ok({ value: checked.data, given: got.value });
  return err({ type: 'failed', message: `The Understudy at ${address} is of another version; start it again with this one.` });
}
