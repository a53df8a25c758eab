import type { JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { incidentDetail } from '../../server/watch/schemas.ts';
import type { Incident } from '../../watch/incident.ts';
import { announced } from '../announced.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { notFoundText } from '../running-address.ts';
import { askServer, placeOf } from './ask-server.ts';
import { incidentDetailLines } from './incident-view.ts';

/** Options of `understudy incidents post` and `update`. */
export const HAND_ARGS = {
  title: { type: 'string', valueHint: 'TEXT', description: 'With post: what it is called.' },
  text: { type: 'string', valueHint: 'TEXT', description: 'With post, update: what people are told.' },
  models: { type: 'string', valueHint: 'NAMES', description: 'With post: only these models, with commas.' },
  severity: { type: 'string', valueHint: 'WORD', description: 'minor, major or critical.' },
  phase: {
    type: 'string',
    valueHint: 'WORD',
    description: 'investigating, identified, monitoring, resolved; planned work: scheduled, in-progress, verifying, resolved.',
  },
  from: { type: 'string', valueHint: 'TIME', description: 'When it began, or begins: 2026-12-01T06:00, in this machine’s time.' },
  to: { type: 'string', valueHint: 'TIME', description: 'Its end: it is planned work then.' },
  by: { type: 'string', valueHint: 'NAME', description: 'Who says so; shown with it.' },
} as const;

/** Posts an incident, or an update of one, to the running server. */
export async function writeIncident(word: 'post' | 'update', context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const asked = word === 'post' ? posted(context) : updated(context);
  if (!asked.ok) {
    terminal.note(asked.error);
    return EXIT.usage;
  }
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const got = await askServer(place, asked.value.path, incidentDetail, asked.value.body);
  if (!got.ok) {
    terminal.note(got.error.message);
    if (got.error.type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
    return got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
  }
  if (flags.on('json')) terminal.out(JSON.stringify(got.value.given, null, 2));
  else for (const line of incidentDetailLines(got.value.value as Incident, deps.clock.now(), terminal)) terminal.out(line);
  return EXIT.done;
}

interface Asked {
  path: string;
  body: JsonObject;
}

function posted({ flags }: Context): Result<Asked, string> {
  if (flags.words.length > 1) return err(`\`${flags.words[1]}\` is one word too many; the title goes to --title.`);
  const missing = ['title', 'product', 'text'].filter((name) => flags.text(name) === undefined);
  if (missing.length > 0)
    return err(
      `Missing: ${missing.map((name) => `--${name}`).join(', ')}. Such as: understudy incidents post --title "No answers" --product claude.ai --text "We look into it."`,
    );
  const body: JsonObject = { title: flags.text('title')!, products: names(flags.text('product')!), text: flags.text('text')! };
  const models = flags.text('models');
  if (models !== undefined) body['models'] = names(models);
  for (const name of ['from', 'to']) {
    const given = flags.text(name);
    if (given === undefined) continue;
    const at = Date.parse(given);
    if (!Number.isFinite(at)) return err(`--${name} ${given} is no time; write 2026-12-01T06:00, or 2026-12-01T06:00Z for UTC.`);
    body[name] = at;
  }
  // What is over already has an end too.
  if (body['to'] !== undefined && flags.text('phase') !== 'resolved') body['kind'] = 'maintenance';
  return ok({ path: '/api/incidents', body: { ...body, ...words(flags, ['severity', 'phase', 'by']) } });
}

function updated({ flags }: Context): Result<Asked, string> {
  const [, id, ...rest] = flags.words;
  if (id === undefined || rest.length > 0 || flags.text('text') === undefined)
    return err('Such as: understudy incidents update ID --phase resolved --text "It works again."');
  const foreign = ['title', 'product', 'models', 'from', 'to'].filter((name) => flags.text(name) !== undefined);
  if (foreign.length > 0)
    return err(`An update has no ${foreign.map((name) => `--${name}`).join(', ')}; it takes --text, --phase, --severity, --by.`);
  return ok({ path: `/api/incidents/${encodeURIComponent(id)}/updates`, body: words(flags, ['text', 'phase', 'severity', 'by']) });
}

function names(text: string): string[] {
  return text.split(',').flatMap((name) => name.trim() || []);
}

function words(flags: Context['flags'], wanted: readonly string[]): JsonObject {
  return Object.fromEntries(wanted.flatMap((name) => (flags.text(name) === undefined ? [] : [[name, flags.text(name)!]])));
}
