import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namedPath } from '../../config/paths.ts';
import type { Settings } from '../../config/settings.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { runbookBook, type ShownRunbook, type ShownRunbooks, type TickAsked } from '../../offline/runbook/runbook-book.ts';
import { placesOf } from '../../offline/serve-offline.ts';
import { runbookDetail, runbookList } from '../../server/offline/schemas.ts';
import { board } from '../../server/watch/schemas.ts';
import type { Incident } from '../../watch/incident.ts';
import { createIncidentStore } from '../../watch/incidents/store.ts';
import { openWatchToRead } from '../../watch/store/open.ts';
import type { Context } from '../command.ts';
import type { ControlProblem } from '../control-api.ts';
import { unlocked } from '../encryption/unlock.ts';
import { askServer, type Place } from '../watch/ask-server.ts';

/** Where runbooks are read and ticked: over a running server, or here. Errors are sentences. */
export interface RunbookSource {
  list(): Promise<Result<ShownRunbooks, string>>;
  /** Names of those for what is down now. */
  fitting(): Promise<string[]>;
  change(asked: TickAsked): Promise<Result<ShownRunbook, string>>;
}

/** Milliseconds back for which an incident may be what a runbook is about, as the server looks. */
const PAST = 7 * 24 * 60 * 60_000;
const MOST_INCIDENTS = 200;

/** `not-running`: nothing is there to ask. */
export async function serverRunbooks(place: Place): Promise<Result<RunbookSource, ControlProblem>> {
  const first = await askServer(place, '/api/runbooks', runbookList);
  if (!first.ok) return first;
  return ok({
    list: () => Promise.resolve(ok(first.value.value as ShownRunbooks)),
    async fitting() {
      const got = await askServer(place, '/api/board', board);
      return got.ok ? (got.value.value.runbooks ?? []).map(({ name }) => name) : [];
    },
    async change({ name, change, incident }) {
      const body = {
        ...(change.type !== 'reset' && { item: change.item, done: change.type === 'tick' }),
        ...(incident !== undefined && { incident }),
      };
      const got = await askServer(place, `/api/runbooks/${encodeURIComponent(name)}/tick`, runbookDetail, body);
      return got.ok ? ok(got.value.value as ShownRunbook) : err(got.error.message);
    },
  });
}

/** The same files, and the incidents that the last server has seen. */
export async function runbooksHere(settings: Settings, context: Context): Promise<Result<RunbookSource, string>> {
  const { clock, surroundings } = context.deps;
  const data = settings.data!;
  const known = await incidentsHere(data, context);
  if (!known.ok) return known;
  const { runbooks } = placesOf(settings.offline, (named) => namedPath(named, surroundings));
  const book = runbookBook(data, runbooks);
  return ok({
    list: () => Promise.resolve(ok(book.list(known.value, clock.now()))),
    fitting: () => Promise.resolve([]),
    change(asked) {
      const changed = book.change(asked, known.value, clock.now());
      if (changed.ok) return Promise.resolve(changed);
      const { error } = changed;
      if (error.type === 'unknown-item') return Promise.resolve(err(`There is no such item: the checklist has ${error.items}.`));
      return Promise.resolve(
        err(error.type === 'unwritable' ? `The tick can't be kept: ${error.reason}.` : `There is no runbook ${asked.name}.`),
      );
    },
  });
}

async function incidentsHere(data: string, context: Context): Promise<Result<Incident[], string>> {
  if (!existsSync(join(data, 'watch.db'))) return ok([]);
  const key = await unlocked(data, context);
  if (!key.ok) return key;
  const opened = openWatchToRead(data, key.value);
  // Ticks can be had without them.
  if (!opened.ok) return ok([]);
  try {
    const from = context.deps.clock.now() - PAST;
    return ok(createIncidentStore(opened.value).list({ from, kind: 'incident', limit: MOST_INCIDENTS }).incidents);
  } catch {
    return ok([]);
  } finally {
    opened.value.close();
  }
}
