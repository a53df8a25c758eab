import { isObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { presets } from '../../providers/catalogue.ts';
import type { Preset } from '../../providers/catalogue/preset.ts';

/** Where a service on this machine is looked for. */
export interface LocalPlace {
  provider: string;
  title: string;
  baseUrl: string;
  /** Absent: it is at its usual port. Else its further dialects, which are then elsewhere too. */
  elsewhere?: Record<string, string>;
}

/** A service on this machine that answers, and what it has. */
export interface LocalService extends LocalPlace {
  models: string[];
}

/** Says where they are where they are elsewhere: `ollama=http://127.0.0.1:9000/v1,lmstudio=…`; `off`: nobody is looked for. */
const LOCAL_VARIABLE = 'UNDERSTUDY_LOCAL';
/** Milliseconds. Nobody there is known at once; a machine that is busy with models is slow to say which it has. */
const PATIENCE = 2000;

/** Where local services are looked for: at their usual ports, or only where the environment says. The error says what to write. */
export function localPlaces(environment: Readonly<Record<string, string | undefined>>): Result<LocalPlace[], string> {
  const local = presets.filter((preset) => preset.local);
  const given = environment[LOCAL_VARIABLE]?.trim();
  if (given === undefined || given === '') return ok(local.map(({ name, title, baseUrl }) => ({ provider: name, title, baseUrl })));
  if (given === 'off') return ok([]);
  const places: LocalPlace[] = [];
  for (const word of given.split(',')) {
    const [, name = '', baseUrl = ''] = /^\s*([\w-]+)\s*=\s*(\S+)\s*$/.exec(word) ?? [];
    const preset = local.find((each) => each.name === name);
    if (!preset || !URL.canParse(baseUrl) || !/^https?:/.test(baseUrl))
      return err(
        `${LOCAL_VARIABLE} is \`${given}\`; it has to be \`off\`, or NAME=URL with a comma between several. NAME is one of: ${local.map((each) => each.name).join(', ')}.`,
      );
    const url = baseUrl.replace(/\/+$/, '');
    places.push({ provider: name, title: preset.title, baseUrl: url, elsewhere: furtherDialects(preset, url) });
  }
  return ok(places);
}

/** What a preset documents beside its base URL, moved with it: `http://127.0.0.1:9000` for Messages beside `http://127.0.0.1:9000/v1`. */
function furtherDialects({ baseUrl, also = {} }: Preset, moved: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(also).flatMap(([dialect, its]) => {
      const rest = baseUrl.startsWith(its.baseUrl) ? baseUrl.slice(its.baseUrl.length) : undefined;
      return rest !== undefined && moved.endsWith(rest) ? [[dialect, moved.slice(0, moved.length - rest.length)]] : [];
    }),
  );
}

/** Which of them answer now: each is asked for its list of models. */
export async function localServices(ask: typeof fetch, places: readonly LocalPlace[]): Promise<LocalService[]> {
  const found = await Promise.all(places.map((place) => look(place, ask)));
  return found.filter((service) => service !== undefined);
}

async function look(place: LocalPlace, ask: typeof fetch): Promise<LocalService | undefined> {
  try {
    const response = await ask(`${place.baseUrl}/models`, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' });
    const list = response.ok ? parseObject(await response.text())?.['data'] : undefined;
    if (!Array.isArray(list)) return undefined;
    const models = list.flatMap((model) => (isObject(model) && typeof model['id'] === 'string' ? [model['id']] : []));
    return models.length === 0 ? undefined : { ...place, models };
  } catch {
    return undefined;
  }
}
