import type { PageComponent, PageIncident, PageReading } from '../page-reading.ts';

/** One reading of what the feeds of a page say, the most important feed first. */
export function mergeReadings(readings: readonly PageReading[]): PageReading {
  const components = new Map<string, PageComponent>();
  const incidents = new Map<string, PageIncident>();
  for (const reading of readings) {
    for (const component of reading.components) {
      const known = components.get(component.id);
      if (!known || (known.state === 'unknown' && component.state !== 'unknown')) components.set(component.id, component);
    }
    for (const incident of reading.incidents) {
      const key = `${incident.kind} ${incident.id}`;
      const known = incidents.get(key);
      if (!known || isLater(incident, known)) incidents.set(key, incident);
    }
  }
  const uptimes = readings.flatMap((reading) => reading.uptimes ?? []);
  return {
    components: [...components.values()],
    incidents: [...incidents.values()],
    listsAllOpen: readings.some((reading) => reading.listsAllOpen),
    ...(readings.some((reading) => reading.uptimes) && { uptimes }),
  };
}

/** Feeds of one page are cached apart: the one that knows a later update has the later state. */
function isLater(incident: PageIncident, known: PageIncident): boolean {
  const [later, earlier] = [lastUpdate(incident), lastUpdate(known)];
  return later > earlier || (later === earlier && incident.updates.length > known.updates.length);
}

function lastUpdate({ updates, startedAt }: PageIncident): number {
  return Math.max(startedAt, ...updates.map((update) => update.postedAt ?? update.at));
}
