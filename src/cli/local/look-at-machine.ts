import type { Loaded } from '../../config/load.ts';
import { dataPath } from '../../config/paths.ts';
import { worldOf } from '../../config/world.ts';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { createCall } from '../../providers/http-call.ts';
import { localAsker } from '../../providers/local/ask.ts';
import { identify } from '../../providers/local/identify.ts';
import { localPlaces } from '../../providers/local/places.ts';
import { serveEmbedded, withEmbedded } from '../../server/local/serve-embedded.ts';
import { foundHere } from '../../server/local/found.ts';
import { localReport, type LocalReport } from '../../server/local/report.ts';
import type { Surroundings } from '../deps.ts';

/** One look at this machine, where no server runs that would know it: services, their models, and which routes would lead to them. The error says what to write. */
export async function lookAtMachine(loaded: Loaded, surroundings: Surroundings, clock: Clock): Promise<Result<LocalReport, string>> {
  const { settings, resolved } = loaded;
  const places = localPlaces(settings.local, surroundings.environment);
  if (!places.ok) return err(places.error);
  const http = createCall({ environment: {}, connection: () => undefined });
  try {
    const ask = localAsker(http.call, clock);
    const looks = await Promise.all(places.value.map((place) => identify(place, ask, new Map())));
    const view = {
      lookedAt: clock.now(),
      services: looks.flatMap((look) => (look.type === 'service' ? look.service : [])),
      strangers: looks.flatMap((look) => (look.type === 'stranger' ? look.stranger : [])),
    };
    const embedded = serveEmbedded(dataPath(settings.data, surroundings), clock, surroundings);
    await embedded.apply(settings.local.embedded);
    const here = foundHere(view.services, resolved.providers, settings.local, surroundings);
    const found = withEmbedded(here, embedded, resolved.providers);
    const world = worldOf(settings, resolved, new Map(), { surroundings, found });
    return ok(
      localReport({
        off: places.value.length === 0 ? 'local.find is off' : undefined,
        places: places.value.map(({ baseUrl }) => baseUrl),
        view,
        world,
        configured: resolved.providers,
        embedded: embedded.service(),
      }),
    );
  } finally {
    await http.close();
  }
}
