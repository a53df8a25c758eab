import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseConfig } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import type { DrillPorts, DrillReport, Understudy } from '../drill/run.ts';
import { castOf, runDrill } from '../drill/run.ts';
import { hasWhole, isClean } from '../drill/scoreboard.ts';
import type { Script } from '../drill/script.ts';
import { loadScript, ownScripts } from '../drill/scripts.ts';
import type { Stage } from '../drill/stage.ts';
import { raiseStage } from '../drill/stage.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { FAULTS } from '../sim/faults/catalogue.ts';
import type { Command, Context } from './command.ts';
import type { CliDeps } from './deps.ts';
import { writeDrillReport } from './drill-report.ts';
import { ownDrill } from './drill/own-drill.ts';
import { drillView, errorLines, legend, scoreboard } from './drill-view.ts';
import { EXIT } from './exit-code.ts';
import { CONFIG_ARGS, problemLines } from './read-config.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrapped } from './wrap.ts';

export const drillCommand: Command = {
  name: 'drill',
  summary: 'Rehearses an outage: simulated, or on your own routes.',
  args: {
    on: {
      type: 'string',
      valueHint: 'ROUTE',
      description: 'Your own: a route, or my-routes; its real backups are asked. Default: simulated.',
    },
    lead: {
      type: 'string',
      valueHint: 'NAME',
      description: "On your routes: who is dead, a provider or provider/model; default: each one's first.",
    },
    sample: { type: 'string', valueHint: 'N', description: 'On your routes: of your own prompts, at most so many; default 12.' },
    budget: { type: 'string', valueHint: 'DOLLARS', description: 'On your routes: most that it may cost; default 0.50.' },
    time: { type: 'string', valueHint: 'TIME', description: 'On your routes: after this nothing more is asked; default 5m.' },
    judge: { type: 'string', valueHint: 'MODEL', description: 'On your routes: provider/model that compares answers too.' },
    'dry-run': { type: 'boolean', description: 'On your routes: only show what would be asked of whom.' },
    yes: { type: 'boolean', description: 'On your routes: do it without asking; needed where nobody can be asked.' },
    out: { type: 'string', valueHint: 'DIR', description: 'On your routes: write the report there: HTML, Markdown, JSON.' },
    ...CONFIG_ARGS,
    script: {
      type: 'string',
      alias: 's',
      valueHint: 'FILE',
      description: `One of ours (${ownScripts().join(', ')}) or a file; default 2026-06-02.`,
    },
    seed: { type: 'string', valueHint: 'N', description: 'Which questions come when, and whom the faults hit; default 1.' },
    url: {
      type: 'string',
      valueHint: 'URL',
      description: 'An Understudy that runs already, instead of a private one.',
    },
    json: { type: 'boolean', description: 'Print the result as JSON and nothing else.' },
    report: { type: 'string', valueHint: 'FILE', description: 'Also write a dated report in Markdown.' },
    faults: { type: 'boolean', description: 'List the faults that a script can name.' },
  },
  examples: [
    ['understudy drill', "Claude's outage of 2 June 2026, in ninety seconds"],
    ['understudy drill --on my-routes', 'are your backups ready? shown first, and asked before anything is sent'],
    ['understudy drill --on default --lead anthropic --budget 0.20', 'one route, with all of Anthropic dead'],
    ['understudy drill --script everything-down', 'what is said when nobody is left'],
    ['understudy drill --script mine.yaml --seed 7', 'your own script; docs/drill.md explains the format'],
    ['understudy drill --json > drill.json', 'for a script'],
  ],
  page: 'drill.md',
  more: [
    'Simulated, everything happens on this machine: no key is used and no provider is asked. Exit code 0: through Understudy every question got its whole answer or a clean error. 1: at least one did not, or not one got its answer.',
    'On your routes, prompts of yours go to your backups, as they would in an outage; allow, never and save: off hold. Exit code 0: on each route somebody would answer. 1: on one, nobody would.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const on = flags.text('on') ?? 'simulated';
    if (on !== 'simulated') return ownDrill(context);
    if (flags.on('faults')) return listFaults(terminal);
    const seed = Number(flags.text('seed') ?? '1');
    const url = flags.text('url');
    if (!Number.isInteger(seed)) return usage(terminal, ['--seed takes a whole number.']);
    if (url !== undefined && !URL.canParse(url))
      return usage(terminal, [`--url ${url} is no URL; give one such as http://127.0.0.1:4141.`]);
    const script = loadScript(flags.text('script') ?? '2026-06-02', nearest);
    if (!script.ok) return usage(terminal, script.error);

    const stop = new AbortController();
    const ignore = deps.surroundings.onSignal('SIGINT', () => stop.abort());
    const report = await performDrill(script.value, context, { seed, url, quiet: flags.on('json'), signal: stop.signal });
    ignore();
    if (!report.ok) {
      terminal.note(report.error);
      return EXIT.failed;
    }
    if (flags.on('json')) {
      terminal.out(JSON.stringify(report.value, null, 2));
      if (!hasWhole(report.value.understudy)) terminal.note('Not one answer came whole through Understudy.');
    }
    const file = flags.text('report');
    if (file !== undefined) {
      const written = writeDrillReport(file, report.value, script.value, deps);
      if (!written.ok) {
        terminal.note(written.error);
        return EXIT.failed;
      }
    }
    if (report.value.ended === 'early') return EXIT.interrupted;
    const { understudy } = report.value;
    return isClean(understudy) && hasWhole(understudy) ? EXIT.done : EXIT.failed;
  },
};

export interface DrillWish {
  seed: number;
  /** An Understudy that runs already. */
  url: string | undefined;
  /** Nothing to watch: only the result counts. */
  quiet: boolean;
  signal: AbortSignal;
}

/** Plays a script before the user's eyes and shows the scoreboard. Also the first look of `understudy start`. */
export async function performDrill(
  script: Script,
  { terminal, deps }: Pick<Context, 'terminal' | 'deps'>,
  wish: DrillWish,
): Promise<Result<DrillReport, string>> {
  const view = wish.quiet ? undefined : drillView(terminal);
  if (view) for (const line of introduction(script, wish.url, terminal)) terminal.out(line);
  const { url } = wish;
  const ports: DrillPorts = {
    clock: deps.clock,
    raise: (cast, seed, fixedPorts) => raiseStage(cast, seed, fixedPorts, deps.clock),
    understudy:
      url === undefined ? (stage, cast) => privateUnderstudy(stage, cast, deps) : async () => ok({ origin: url, close: async () => {} }),
  };
  const report = await runDrill(script, ports, {
    seed: wish.seed,
    fixedPorts: url !== undefined,
    watch: (news) => view?.show(news),
    signal: wish.signal,
  });
  view?.stop();
  if (!report.ok) return report;
  if (url !== undefined && report.value.upstreamRequests === 0)
    return err([...unusedStage(script, url), ...errorLines(report.value.understudy, Number.POSITIVE_INFINITY)].join('\n'));
  if (view) {
    terminal.out('');
    for (const line of scoreboard(report.value, script, terminal.paint, terminal.width)) terminal.out(line);
  }
  return report;
}

function introduction(script: Script, url: string | undefined, terminal: Terminal): string[] {
  const { paint } = terminal;
  return [
    '',
    paint.bold(script.name),
    ...wrapped(script.about.trim(), terminal.width).map(paint.dim),
    ...wrapped(
      `The same questions go straight to the lead and through ${url ?? 'a private Understudy'}; all providers are simulated.`,
      terminal.width,
    ).map(paint.dim),
    ...legend(paint, terminal.width),
    '',
  ];
}

/** The real program on a free port, with a data folder of its own that goes away afterwards. */
async function privateUnderstudy(stage: Stage, script: Script, deps: CliDeps): Promise<Result<Understudy, string>> {
  const data = mkdtempSync(join(tmpdir(), 'understudy-drill-'));
  const remove = (): void => rmSync(data, { recursive: true, force: true });
  const text = stringify({ ...castOf(stage, script), data, server: { port: 0 }, deadlines: script.deadlines });
  const loaded = parseConfig(text, undefined, deps.surroundings);
  if (!loaded.ok) {
    remove();
    return err(problemLines(loaded.error).join('\n'));
  }
  const app = await deps.build(loaded.value.settings);
  if (!app.ok) {
    remove();
    return err(app.error.map(({ message, advice }) => `${message}. ${advice}`).join('\n'));
  }
  return ok({
    origin: app.value.address,
    async close() {
      await app.value.close();
      remove();
    },
  });
}

function unusedStage(script: Script, url: string): string[] {
  const providers = Object.entries(script.assistants).map(
    ([name, { dialect, port }]) =>
      `  ${name}: { dialect: ${dialect}, baseUrl: http://127.0.0.1:${port ?? '<port>'}${dialect === 'openai-chat' ? '/v1' : ''}, apiKey: drill-key }`,
  );
  return [
    `No question that was asked at ${url} reached the simulated providers, so this was no drill.`,
    'Give every assistant of the script a `port:` and let that Understudy use them:',
    'providers:',
    ...providers,
    `routes: ${JSON.stringify(script.routes)}`,
    'It must not want an access token (server.token): the questions come with the key drill-key.',
  ];
}

const FAULT_LEGEND =
  'Groups: A no connection; B before the headers; C refused or failed as a whole; D broken on the way; E sound in form, wrong in meaning; ' +
  'F over time. Position yes: a script may say where in the answer it strikes.';

function listFaults(terminal: Terminal): number {
  const rows = FAULTS.map((fault) => [fault.id, fault.group, fault.positioned ? 'yes' : '', fault.title]);
  for (const line of table(
    [{ title: 'fault' }, { title: 'group' }, { title: 'position' }, { title: 'what happens' }],
    rows,
    terminal.width,
  ))
    terminal.out(line);
  terminal.out('');
  for (const line of wrapped(FAULT_LEGEND, Math.min(terminal.width, 100))) terminal.out(line);
  return EXIT.done;
}

function usage(terminal: Terminal, lines: readonly string[]): number {
  for (const line of lines) terminal.note(line);
  return EXIT.usage;
}
