import { checkQuery, readinessAnswer, spanOf } from '../../server/watch/schemas.ts';
import type { Readiness, RouteReadiness } from '../../watch/check/readiness.ts';
import { parseProductKey, type ProductKey } from '../../watch/product.ts';
import { productNamed } from '../../watch/registry/known.ts';
import { announced } from '../announced.ts';
import type { Command, Context } from '../command.ts';
import { durationText } from '../duration-text.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { askServer, placeOf } from './ask-server.ts';
import { incidentLines } from './board-view.ts';
import { lookHere, ONE_LOOK } from './look-here.ts';

const PAINTS: Record<Readiness['answer'], keyof Paint> = { yes: 'good', 'with-backup': 'warn', no: 'bad', unknown: 'dim' };
const STATES: Record<RouteReadiness['targets'][number]['state'], keyof Paint> = { ready: 'good', doubtful: 'warn', out: 'bad' };

export const checkCommand: Command = {
  name: 'check',
  summary: 'Says whether critical work can start now.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    for: { type: 'string', valueHint: 'TIME', description: 'How long the work would last: 30m, 2h (the default), 8h.' },
    json: { type: 'boolean', description: 'Print what GET /api/check says, as it is.' },
    quiet: { type: 'boolean', alias: 'q', description: 'Only the answer, in a line.' },
  },
  takesMany: true,
  examples: [
    ['understudy check', 'what your routes begin with, for the next two hours'],
    ['understudy check --for 8h claude.ai', 'one product, with the planned work of the day'],
    ['understudy check --quiet && make release', 'in a script'],
  ],
  page: 'watch.md',
  more: [
    'Looks at verdicts, open incidents, planned work in that time, and at who would carry on: keys, quota, caps.',
    'Where no Understudy runs, it goes by one look at the status pages, and says so.',
    'Exit code 0: it can, if need be with a backup. 1: better not, or nobody can say. 2: not understood. 3: nothing runs at --url.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    const asked = new URLSearchParams();
    const span = flags.text('for');
    if (span !== undefined) asked.set('for', span);
    if (flags.words.length > 0) asked.set('products', flags.words.join(','));
    const got = await askServer(place, `/api/check?${asked.toString()}`, readinessAnswer);
    if (!got.ok) {
      if (got.error.type === 'not-running' && flags.text('url') === undefined) {
        const looked = await checkHere(context);
        if (looked !== undefined) return looked;
      }
      terminal.note(got.error.message);
      if (got.error.type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
      return got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
    }
    return tell(got.value.value as Readiness, got.value.given, context);
  },
};

function tell(found: Readiness, given: unknown, { flags, terminal }: Context): number {
  if (flags.on('json')) terminal.out(JSON.stringify(given, null, 2));
  else for (const line of flags.on('quiet') ? [found.summary] : readinessLines(found, terminal)) terminal.out(line);
  return found.answer === 'yes' || found.answer === 'with-backup' ? EXIT.done : EXIT.failed;
}

/** By status pages alone. `undefined`: the configuration can't be read. */
async function checkHere(context: Context): Promise<number | undefined> {
  const { flags, terminal } = context;
  const query = checkQuery.safeParse({ for: flags.text('for') });
  if (!query.success) {
    terminal.note(`--for ${flags.text('for')} ${query.error.issues[0]?.message}.`);
    return EXIT.usage;
  }
  const products: ProductKey[] = [];
  for (const text of flags.words) {
    const named = productNamed(text);
    if (!named.ok) {
      const near = named.error.length > 0 ? ` Did you mean ${named.error.join(' or ')}?` : '';
      terminal.note(`There is no product ${text}.${near} Name it as people do (claude.ai, chatgpt), or as provider/product.`);
      return EXIT.usage;
    }
    const { provider, product } = named.value;
    const model = parseProductKey(text)?.model;
    products.push({ provider, product, ...(model !== undefined && { model }) });
  }
  const look = await lookHere(context, products);
  if (!look) return undefined;
  if (look.board.pages.length > 0) terminal.note(ONE_LOOK);
  else
    terminal.note(
      'No Understudy runs here, and there is no status page to read: watch.enabled is off, no provider is configured, or it has none.',
    );
  for (const { url, state, problem } of look.board.pages) if (state === 'unknown') terminal.note(`${url} could not be read: ${problem}.`);
  const found = look.ready(spanOf(query.data.for));
  return tell(found, found, context);
}

export function readinessLines(found: Readiness, { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  const lines = wrapped(found.summary, width, '  ').map(paint[PAINTS[found.answer]]);
  lines.push(paint.dim(`For the next ${durationText(found.until - found.at)}.`));
  for (const { title, verdict, summary, incidents, planned } of found.products) {
    if (verdict !== 'operational') lines.push('', ...wrapped(`${title}: ${summary}`, width, '  '));
    for (const incident of [...incidents, ...planned]) lines.push(...incidentLines(incident, found.at, { paint, width }));
  }
  if (found.routes.length > 0) lines.push('', paint.bold('Who would answer'));
  for (const { pattern, targets } of found.routes) {
    lines.push(`  ${pattern}`);
    for (const { target, state, why } of targets)
      lines.push(...wrapped(`    ${paint[STATES[state]](state)} ${target}: ${why}`, width, '      '));
  }
  return lines;
}
