import { resolve } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { setTimeout as wait } from 'node:timers/promises';
import { began, chosenStores } from '../../archive/protect/choose.ts';
import { openLedger, type Ledger } from '../../archive/protect/ledger.ts';
import { overviewOf, type StoreOverview } from '../../archive/protect/overview.ts';
import { protectionOf } from '../../archive/protect/pass.ts';
import { findKept, restoreFile, type Wanted } from '../../archive/protect/restore.ts';
import { LONG, raiseRetention, undoRetention } from '../../archive/protect/retention.ts';
import type { TranscriptStore } from '../../archive/protect/stores.ts';
import { watchStores } from '../../archive/protect/watch.ts';
import { whoHolds } from '../../journal/lock.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive, type OpenedArchive } from './open-archive.ts';
import { progressBar } from './progress-bar.ts';
import { keptLines, overviewLines, passLines } from './protect-view.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { wrapped } from '../wrap.ts';

export const protectCommand: Command = {
  name: 'protect',
  summary: 'Copies the sessions of coding CLIs before they are deleted.',
  args: {
    ...CONFIG_ARGS,
    what: { type: 'positional', valueHint: 'status | restore FILE', required: false, description: 'What else to do; see below.' },
    once: { type: 'boolean', description: 'Copy what is new and end; a server does not take it up from then on.' },
    watch: { type: 'boolean', alias: 'w', description: 'Keep watching here until Ctrl-C.' },
    'raise-retention': { type: 'boolean', description: `Also set the tools' own retention to ${LONG} days; their settings are backed up.` },
    'undo-retention': { type: 'boolean', description: 'Put the settings back that --raise-retention has changed.' },
    session: { type: 'string', valueHint: 'ID', description: 'restore: all files of this session.' },
    generation: { type: 'string', valueHint: 'N', description: 'restore: an earlier state of a file that began anew.' },
    to: { type: 'string', valueHint: 'PATH', description: 'restore: where to; default: where it was.' },
    json: { type: 'boolean', description: 'Print the result as JSON.' },
  },
  takesMany: true,
  examples: [
    ['understudy protect', 'what is there, what will be deleted; copies all of it at once'],
    ['understudy protect --raise-retention', 'the same, and tells the tools to keep their sessions'],
    ['understudy protect status', 'what is kept, and what is kept here alone'],
    ['understudy protect restore --session 6a8f1008-… --to ~/back', 'the files of a session, byte for byte'],
  ],
  page: 'protect.md',
  more: [
    'Copies lie in the data folder, archive/transcripts/, byte for byte; nothing in them is ever written over. What was said is in the archive too: understudy search.',
    'From the first run on a running server keeps them up to date (protect.watch in the configuration). The tools are not disturbed: their files are only read.',
    'Exit code 0: all is kept. 1: something could not be. 2: wrong arguments. 130: stopped by Ctrl-C; what was copied stays.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [what, ...names] = flags.words;
    if (what !== undefined && what !== 'status' && what !== 'restore') {
      terminal.note(`There is no \`understudy protect ${what}\`; there are: status, restore FILE. See understudy protect --help.`);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'write');
    if (!opened.ok) return opened.error;
    try {
      if (what === 'restore') return restore(names, opened.value, context);
      if (what === 'status') return status(opened.value, context);
      if (flags.on('undo-retention')) return undo(opened.value, context);
      return await protect(opened.value, context);
    } catch (error) {
      terminal.note(`It could not go on: ${error instanceof Error ? error.message : String(error)}. What is kept already stays.`);
      return EXIT.failed;
    } finally {
      opened.value.archive.close();
    }
  },
};

async function protect({ archive, data, settings }: OpenedArchive, context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const json = flags.on('json');
  const ledger = openLedger(archive);
  const stores = chosenStores(deps.surroundings, settings.protect);
  const found = overviewOf(stores, deps.surroundings, deps.clock.now());
  if (!json) for (const line of overviewLines(found, deps.clock.now(), terminal)) terminal.out(line);
  if (found.length === 0) {
    if (json) terminal.out(JSON.stringify({ stores: [], report: undefined }));
    return EXIT.done;
  }

  const stop = new AbortController();
  const release = [deps.surroundings.onSignal('SIGINT', () => stop.abort()), deps.surroundings.onSignal('SIGTERM', () => stop.abort())];
  const bar = progressBar(terminal, deps.clock, { isQuiet: json });
  try {
    // Once it is there it may be watched; what is in the middle of this pass is waited for.
    if (!flags.on('once')) began(ledger, deps.clock.now());
    const report = await protectionOf(archive).pass(stores, {
      now: () => deps.clock.now(),
      signal: stop.signal,
      progress: ({ stage, done, of, path }) => bar.show(done, of, `${stage} ${path}`),
    });
    bar.clear();
    const raised = stop.signal.aborted ? [] : await maybeRaise(found, stores, ledger, context);
    if (json) terminal.out(JSON.stringify({ stores: found, report, raised }, null, 2));
    else {
      for (const line of passLines(report, terminal)) terminal.out(line);
      const running = whoHolds(data).held;
      const next = flags.on('once')
        ? undefined
        : running
          ? 'The running server keeps them up to date from now on.'
          : 'A server keeps them up to date while it runs (understudy start); without one: understudy protect --watch.';
      if (next !== undefined && !flags.on('watch')) for (const line of wrapped(next, terminal.width)) terminal.out(line);
    }
    if (stop.signal.aborted) return EXIT.interrupted;
    if (flags.on('watch')) {
      terminal.out('Watching; Ctrl-C ends it.');
      await watchStores(archive, stores, {
        now: () => deps.clock.now(),
        wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
        signal: stop.signal,
        told: (news, first) => {
          if (!first || news.troubles.length > 0) for (const line of passLines(news, terminal)) terminal.out(line);
        },
      });
      return EXIT.done;
    }
    return report.troubles.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    bar.clear();
    for (const each of release) each();
  }
}

/** Offers it where something is about to be deleted and there is someone to ask; does it unasked only when told to. */
async function maybeRaise(
  found: readonly StoreOverview[],
  stores: readonly TranscriptStore[],
  ledger: Ledger,
  { flags, terminal, deps }: Context,
): Promise<string[]> {
  const short = found.filter(({ retention }) => retention.setting !== undefined && retention.days !== undefined && retention.days < LONG);
  const files = new Map(short.map((store) => [store.retention.setting!.file, store]));
  const raised: string[] = [];
  for (const { title, retention } of files.values()) {
    const setting = retention.setting!;
    let wanted = flags.on('raise-retention');
    if (!wanted && terminal.canAsk && !flags.on('json')) {
      const answer = await confirm({
        message: `${title} deletes sessions after ${Math.round(retention.days ?? 0)} days. Set ${setting.path.join('.')} to ${LONG} days in ${setting.file}?`,
        initialValue: false,
      });
      if (isCancel(answer)) return raised;
      wanted = answer;
    }
    if (!wanted) continue;
    const done = raiseRetention(ledger, retention, deps.clock.now());
    if (done.ok) raised.push(setting.file);
    const said = done.ok
      ? `${title} now keeps its sessions for ${LONG} days (${done.value.file}${done.value.backup === undefined ? '' : `; as it was: ${done.value.backup}`}). Back: understudy protect --undo-retention`
      : `${title}'s retention was not changed: ${done.error}`;
    terminal.note(said);
  }
  if (stores.length > 0 && flags.on('raise-retention') && files.size === 0)
    terminal.note('No tool that was found deletes its sessions by a setting that could be raised.');
  return raised;
}

function undo({ archive, settings }: OpenedArchive, { terminal, deps }: Context): number {
  const ledger = openLedger(archive);
  const machine = deps.surroundings;
  const seen = new Set<string>();
  let count = 0;
  for (const { retention, title } of overviewOf(chosenStores(machine, settings.protect), machine, deps.clock.now())) {
    if (retention.setting === undefined || seen.has(retention.setting.file)) continue;
    seen.add(retention.setting.file);
    const done = undoRetention(ledger, retention);
    if (!done.ok) continue;
    count += 1;
    terminal.out(
      `${title}: ${retention.setting.file} ${done.value === 'put back' ? 'is as it was' : 'has its own value again; other changes in it stay'}.`,
    );
  }
  if (count === 0) terminal.out('No setting of a tool was changed by Understudy.');
  return EXIT.done;
}

function status({ archive }: OpenedArchive, { flags, terminal, deps }: Context): number {
  const files = openLedger(archive).all();
  if (flags.on('json')) terminal.out(JSON.stringify({ files }, null, 2));
  else for (const line of keptLines(files, deps.clock.now(), terminal)) terminal.out(line);
  return EXIT.done;
}

function restore(names: readonly string[], { archive }: OpenedArchive, { flags, terminal, deps }: Context): number {
  const session = flags.text('session');
  const generation = flags.text('generation');
  const { workingFolder } = deps.surroundings;
  if ((session === undefined) === (names.length === 0)) {
    terminal.note('Say what to put back: understudy protect restore FILE, or --session ID. understudy protect status lists what is kept.');
    return EXIT.usage;
  }
  if (generation !== undefined && !/^[1-9]\d*$/.test(generation)) {
    terminal.note(`--generation ${generation} is no number from 1.`);
    return EXIT.usage;
  }
  const ledger = openLedger(archive);
  const wanted: Wanted[] =
    session === undefined
      ? names.map((path) => ({ type: 'file', path, ...(generation === undefined ? {} : { generation: Number(generation) }) }))
      : [{ type: 'session', id: session }];
  let failed = 0;
  for (const each of wanted) {
    const asked = each.type === 'file' ? findKept(ledger, { ...each, path: resolve(workingFolder, each.path) }) : findKept(ledger, each);
    // What was typed may be the end of a path on another machine.
    const kept = asked.ok || each.type === 'session' ? asked : findKept(ledger, each);
    if (!kept.ok) {
      terminal.note(kept.error);
      failed += 1;
      continue;
    }
    const to = flags.text('to');
    for (const file of kept.value) {
      const done = restoreFile(archive, file, to === undefined ? undefined : resolve(workingFolder, to), kept.value.length);
      if (done.ok) terminal.out(`Put back: ${done.value}`);
      else {
        terminal.note(done.error);
        failed += 1;
      }
    }
  }
  return failed > 0 ? EXIT.failed : EXIT.done;
}
