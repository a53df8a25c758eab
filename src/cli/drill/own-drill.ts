import { confirm, isCancel } from '@clack/prompts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readinessHtml } from '../../drill/readiness/html.ts';
import { readinessMarkdown } from '../../drill/readiness/markdown.ts';
import type { ReadinessPlan, ReadinessReport } from '../../drill/readiness/report.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { duration } from '../../journal/units.ts';
import { drillBegun, drillDetail, drillPlan } from '../../server/drills/schemas.ts';
import type { Context } from '../command.ts';
import { readStatus } from '../control-api.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfig } from '../read-config.ts';
import { askServer, type Place, placeOf } from '../watch/ask-server.ts';
import { toolSetupLines } from '../parity/tool-setup-lines.ts';
import { planLines, reportLines } from './own-drill-view.ts';

/** Milliseconds: a plan reads the last thirty days. */
const PATIENCE = 60_000;
const LOOK_EVERY = 300;

/** A drill on one's own routes against the real backups: shown first, consented to, done by the running server, or by one of its own. */
export async function ownDrill(context: Context): Promise<number> {
  const { terminal, flags } = context;
  const wish = wishOf(context);
  if (!wish.ok) {
    terminal.note(wish.error);
    return EXIT.usage;
  }
  const stage = await stageOf(context);
  if (!stage.ok) {
    for (const line of stage.error.lines) terminal.note(line);
    return stage.error.code;
  }
  const { place, close } = stage.value;
  try {
    const plan = await askServer(place, '/api/drills/plan', drillPlan, wish.value, PATIENCE);
    if (!plan.ok) return failed(context, plan.error.message);
    const shown: ReadinessPlan = plan.value.given as unknown as ReadinessPlan;
    if (flags.on('dry-run') && flags.on('json')) terminal.out(JSON.stringify(shown, null, 2));
    else if (!flags.on('json')) for (const line of planLines(shown, terminal)) terminal.out(line);
    if (flags.on('dry-run')) return EXIT.done;
    const agreed = await consent(shown, context);
    if (agreed !== undefined) return agreed;
    const begun = await askServer(place, '/api/drills', drillBegun, { ...wish.value, consent: true }, PATIENCE);
    if (!begun.ok) return failed(context, begun.error.message);
    return await follow(place, begun.value.value.drill, context);
  } finally {
    await close();
  }
}

function wishOf({ flags }: Context): Result<JsonObject, string> {
  const [sample, budget] = [flags.text('sample'), flags.text('budget')].map((text) => (text === undefined ? undefined : Number(text)));
  if (sample !== undefined && !(Number.isInteger(sample) && sample >= 0 && sample <= 200))
    return err('--sample takes a whole number up to 200.');
  if (budget !== undefined && !(budget >= 0)) return err('--budget takes dollars, such as 0.50.');
  const time = duration.safeParse(flags.text('time') ?? '5m');
  if (!time.success) return err(`--time ${flags.text('time')} is no time; give one such as 5m.`);
  const [lead, judge] = [flags.text('lead'), flags.text('judge')];
  return ok({
    on: flags.text('on') ?? 'my-routes',
    time: time.data,
    ...(sample !== undefined && { sample }),
    ...(budget !== undefined && { budget }),
    ...(lead !== undefined && { lead }),
    ...(judge !== undefined && { judge }),
  });
}

interface OwnStage {
  place: Place;
  close(): Promise<void>;
}

/** The server that runs, else one for as long as the drill takes: with the same configuration and past, on a free port. */
async function stageOf(context: Context): Promise<Result<OwnStage, { lines: string[]; code: number }>> {
  const place = placeOf(context);
  if (!place) return err({ lines: [], code: EXIT.usage });
  const status = await readStatus(place.address, place.token);
  if (status.ok) return ok({ place, close: async () => {} });
  if (status.error.type === 'failed' || context.flags.text('url') !== undefined)
    return err({ lines: [status.error.message], code: status.error.type === 'failed' ? EXIT.failed : EXIT.notRunning });
  const loaded = readConfig(context);
  if (!loaded.ok) return err({ lines: loaded.error, code: EXIT.usage });
  const { settings } = loaded.value;
  const key = await unlocked(settings.data!, context);
  if (!key.ok) return err({ lines: [key.error], code: EXIT.failed });
  const alone = { ...settings, server: { ...settings.server, port: 0 }, watch: { ...settings.watch, enabled: false } };
  const app = await context.deps.build(alone, key.value);
  if (!app.ok) return err({ lines: app.error.map(({ message, advice }) => `${message}: ${advice}`), code: EXIT.failed });
  return ok({ place: { address: app.value.address, token: settings.server.token }, close: () => app.value.close() });
}

/** An exit code where nobody has agreed. */
async function consent(plan: ReadinessPlan, { flags, terminal }: Context): Promise<number | undefined> {
  if (flags.on('yes')) return undefined;
  if (!terminal.canAsk) {
    terminal.note('Nobody was asked: there is no one to agree to it here. With --yes it is done; --dry-run shows what it would be.');
    return EXIT.usage;
  }
  const agreed = await confirm({ message: `Send these ${plan.requests} requests? (y/n)`, initialValue: false });
  if (!isCancel(agreed) && agreed) return undefined;
  terminal.note('Nobody was asked.');
  return EXIT.interrupted;
}

async function follow(place: Place, id: string, context: Context): Promise<number> {
  const { terminal, deps, flags } = context;
  const ignore = deps.surroundings.onSignal('SIGINT', () => {
    void askServer(place, `/api/drills/${id}/stop`, drillBegun, {});
    terminal.note('Ending: what is under way is given up, and the report written.');
  });
  let said = '';
  try {
    for (;;) {
      const detail = await askServer(place, `/api/drills/${id}`, drillDetail);
      if (!detail.ok) return failed(context, detail.error.message);
      const { running } = detail.value.value;
      if (detail.value.given['report'] !== undefined) return told(detail.value.given['report'] as unknown as ReadinessReport, context);
      if (running && running.text !== said && !flags.on('json')) {
        said = running.text;
        terminal.note(`  ${String(Math.round(100 * running.share)).padStart(3)} %  ${said}`);
      }
      await new Promise<void>((resolved) => deps.clock.after(LOOK_EVERY, resolved));
    }
  } finally {
    ignore();
  }
}

function told(report: ReadinessReport, context: Context): number {
  const { terminal, flags, deps } = context;
  if (flags.on('json')) terminal.out(JSON.stringify(report, null, 2));
  else for (const line of [...reportLines(report, terminal), ...toolSetupLines(deps.surroundings, terminal)]) terminal.out(line);
  const folder = flags.text('out');
  if (folder !== undefined) {
    const written = write(resolve(deps.surroundings.workingFolder, folder), report);
    if (!written.ok) return failed(context, written.error);
    terminal.note(`The report: ${written.value}`);
  }
  if (report.ended === 'stopped') return EXIT.interrupted;
  return report.routes.every(({ targets }) => targets.some(({ score }) => score > 0)) ? EXIT.done : EXIT.failed;
}

/** The page's path. */
function write(folder: string, report: ReadinessReport): Result<string, string> {
  try {
    mkdirSync(folder, { recursive: true });
    const name = `readiness-${new Date(report.at).toISOString().slice(0, 10)}`;
    const page = join(folder, `${name}.html`);
    // Beginnings of prompts are in them: for their owner only.
    writeFileSync(page, readinessHtml(report), { mode: 0o600 });
    writeFileSync(join(folder, `${name}.md`), readinessMarkdown(report), { mode: 0o600 });
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
    return ok(page);
  } catch (error) {
    return err(`The report could not be written to ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function failed({ terminal }: Context, message: string): number {
  terminal.note(message);
  return EXIT.failed;
}
