import { presets } from '../../providers/catalogue.ts';
import type { Preset } from '../../providers/catalogue/preset.ts';
import type { LocalReport } from '../../server/local/report.ts';

/** A service on this machine that could carry a session on, and its models, best first. */
export interface StandInService {
  provider: string;
  title: string;
  baseUrl: string;
  /** Absent: it is at its usual port. Else its further dialects, which are then elsewhere too. */
  elsewhere?: Record<string, string>;
  models: string[];
}

/** Those of the known programs among what was found on this machine. */
export function standInServices({ services, routes }: Pick<LocalReport, 'services' | 'routes'>): StandInService[] {
  const order = routes.flatMap(({ targets }) => targets);
  return services.flatMap(({ provider, title, baseUrl, models }) => {
    const preset = presets.find(({ name, local }) => local && name === provider);
    if (!preset || models.length === 0) return [];
    const place = (target: string): number => (order.includes(target) ? order.indexOf(target) : order.length);
    const sorted = models.toSorted((one, other) => place(one.target) - place(other.target)).map(({ name }) => name);
    const moved = baseUrl === preset.baseUrl ? {} : { elsewhere: furtherDialects(preset, baseUrl) };
    return { provider, title, baseUrl, ...moved, models: sorted };
  });
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
