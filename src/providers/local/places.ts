import { err, ok, type Result } from '../../exchange/result.ts';
import { presets } from '../catalogue.ts';
import type { Environment } from '../proxy-choice.ts';
import { type LocalSettings, USUAL_PORTS } from './settings.ts';

/** Where a service on this machine is looked for. */
export interface LocalPlace {
  /** `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  /** Its name as a provider, where its user has said so. */
  provider?: string;
  /** Its user has named it: whatever speaks there as OpenAI does is meant. At a usual port it has to be one of the known programs. */
  named: boolean;
}

/** Says where they are where they are elsewhere: `ollama=http://127.0.0.1:9000/v1,lmstudio=…`; `off`: nobody is looked for. */
const LOCAL_VARIABLE = 'UNDERSTUDY_LOCAL';

/** Where to look: the usual ports and those of the settings, or only where the environment says. The error says what to write. */
export function localPlaces(settings: Pick<LocalSettings, 'find' | 'ports'>, environment: Environment): Result<LocalPlace[], string> {
  const given = environment[LOCAL_VARIABLE]?.trim();
  if (given !== undefined && given !== '') return given === 'off' ? ok([]) : givenPlaces(given);
  if (!settings.find) return ok([]);
  const further = settings.ports.filter((port) => !(USUAL_PORTS as readonly number[]).includes(port));
  return ok([
    ...USUAL_PORTS.map((port) => ({ baseUrl: here(port), named: settings.ports.includes(port) })),
    ...[...new Set(further)].map((port) => ({ baseUrl: here(port), named: true })),
  ]);
}

function here(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}

function givenPlaces(given: string): Result<LocalPlace[], string> {
  const local = presets.filter((preset) => preset.local).map(({ name }) => name);
  const places: LocalPlace[] = [];
  for (const word of given.split(',')) {
    const [, provider = '', baseUrl = ''] = /^\s*([\w-]+)\s*=\s*(\S+)\s*$/.exec(word) ?? [];
    if (!local.includes(provider) || !URL.canParse(baseUrl) || !/^https?:/.test(baseUrl))
      return err(
        `${LOCAL_VARIABLE} is \`${given}\`; it has to be \`off\`, or NAME=URL with a comma between several. NAME is one of: ${local.join(', ')}.`,
      );
    places.push({ provider, baseUrl: baseUrl.replace(/\/+$/, ''), named: true });
  }
  return ok(places);
}
