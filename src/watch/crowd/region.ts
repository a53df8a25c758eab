/** What a country can be told by. */
export interface Place {
  /** `watch.hub.region`: `auto`, `none` or a country. */
  setting: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** IANA: `Europe/Berlin`. */
  timeZone: string;
}

/** The country for a report: two letters, or `none` where it is not to be said or can't be told. Never asked of anybody outside. */
export function regionOf({ setting, environment, timeZone }: Place): string {
  if (setting !== 'auto') return setting;
  const spoken = localeCountry(environment);
  const countries = countriesOf(timeZone);
  // People use an English system everywhere: the clock knows better than the language where they are.
  if (countries.length === 1) return countries[0]!;
  return spoken !== undefined && countries.includes(spoken) ? spoken : 'none';
}

/** `de_DE.UTF-8` → `DE`, in the order of POSIX. */
function localeCountry(environment: Place['environment']): string | undefined {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^[a-z]{2,3}_([A-Z]{2})(?=$|[.@])/.exec(locale)?.[1];
}

/** Countries that keep a time zone; none for UTC and the like. CLDR lists zones by country, not the other way round. */
function countriesOf(timeZone: string): string[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters.flatMap((first) => letters.map((second) => first + second)).filter((country) => zonesOf(country).includes(timeZone));
}

function zonesOf(country: string): readonly string[] {
  // Node has it; TypeScript's own declarations of es2024 do not.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getTimeZones(): string[] | undefined };
  // Countries that are no more (DD) are asked for under the name of what they are now.
  return locale.region === country ? (locale.getTimeZones() ?? []) : [];
}
