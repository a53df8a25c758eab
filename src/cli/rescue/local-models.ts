import { isObject, parseObject } from '../../exchange/json.ts';
import { presets } from '../../providers/catalogue.ts';

/** A service on this machine that answers, and what it has. */
export interface LocalService {
  provider: string;
  title: string;
  models: string[];
}

/** Milliseconds. Loopback answers at once, or nobody is there. */
const PATIENCE = 700;

/** Which of the known local services answer now: each is asked for its list of models, at its usual port. */
export async function localServices(ask: typeof fetch, known: typeof presets = presets): Promise<LocalService[]> {
  const found = await Promise.all(known.filter(({ local }) => local).map((preset) => look(preset.name, preset.title, preset.baseUrl, ask)));
  return found.filter((service) => service !== undefined);
}

async function look(provider: string, title: string, baseUrl: string, ask: typeof fetch): Promise<LocalService | undefined> {
  try {
    const response = await ask(`${baseUrl}/models`, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' });
    const list = response.ok ? parseObject(await response.text())?.['data'] : undefined;
    if (!Array.isArray(list)) return undefined;
    const models = list.flatMap((model) => (isObject(model) && typeof model['id'] === 'string' ? [model['id']] : []));
    return models.length === 0 ? undefined : { provider, title, models };
  } catch {
    return undefined;
  }
}
