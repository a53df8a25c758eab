import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { applyMirror, type Applied } from '../../drill/setup/apply-mirror.ts';
import type { BackupSetup, Wanted } from '../../drill/setup/compare.ts';
import { isThere, setupWorld, writableRoots } from '../../drill/setup/machine-setup.ts';
import { machineParity } from '../../drill/setup/machine-parity.ts';
import { openJournal, type MirrorJournal } from '../../drill/setup/mirror-journal.ts';
import { planMirror, type MirrorPlan } from '../../drill/setup/plan-mirror.ts';
import { setupSummary } from '../../drill/setup/summary.ts';
import type { SetupWorld, Tool } from '../../drill/setup/tool.ts';
import { TOOLS } from '../../drill/setup/tools.ts';
import { undoMirror } from '../../drill/setup/undo-mirror.ts';
import { nearest } from '../../config/nearest.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { counted } from '../counted.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { wrapped } from '../wrap.ts';
import { claudeProjects } from './claude-projects.ts';
import { backupLines, planLines, projectLines, refusalLines, undoneLines, type Places } from './parity-view.ts';

const NAMES = TOOLS.map(({ name }) => name);

export const parityCommand: Command = {
  name: 'parity',
  summary: 'What backup tools lack of your rules and MCP servers.',
  args: {
    from: { type: 'string', valueHint: 'TOOL', description: `The lead: ${NAMES.join(', ')}; default: claude-code.` },
    to: { type: 'string', valueHint: 'TOOL,…', description: 'The backups; default: all others that are on this machine.' },
    mirror: { type: 'boolean', description: 'Bring over what is lacking; shows each file first, and asks.' },
    undo: { type: 'boolean', description: 'Take back all that was mirrored.' },
    yes: { type: 'boolean', description: 'Without being asked; needed where nobody can be.' },
    json: { type: 'boolean', description: 'Print the result as JSON.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy parity', 'what each backup lacks; changes nothing'],
    ['understudy parity --to codex --mirror', 'brings it over, after showing each file'],
    ['understudy parity --undo', 'takes all of that back'],
  ],
  page: 'parity.md',
  more: [
    'Nothing that is there is written over: what says something else is named and left. A copy of rules is kept up to date by the next --mirror until you edit it.',
    'Files from before, and a journal of what was added, lie in the data folder, parity/, for you alone to read.',
    'Exit code 0: done, whatever is lacking. 1: a file had to be left as it is, or the lead is not on this machine. 2: wrong arguments. 130: not agreed to.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const tools = chosen(context);
    if (!tools.ok) {
      terminal.note(tools.error);
      return EXIT.usage;
    }
    const loaded = readConfigAnyway(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const data = loaded.value.loaded.settings.data!;
    const world = setupWorld(deps.surroundings, deps.surroundings.workingFolder);
    const journal = openJournal(join(data, 'parity'));
    if (!journal.ok) {
      terminal.note(`${journal.error}.`);
      return EXIT.failed;
    }
    if (flags.on('undo')) return undo(journal.value, world, context);
    return compare({ ...tools.value, data, world, journal: journal.value }, context);
  },
};

interface Chosen {
  lead: Tool;
  /** As named; absent: whichever there are. */
  backups?: Tool[];
}

function chosen({ flags }: Context): Result<Chosen, string> {
  const named = (name: string): Result<Tool, string> => {
    const tool = TOOLS.find((each) => each.name === name);
    if (tool) return ok(tool);
    const near = nearest(name, NAMES);
    return err(`There is no tool ${name} here.${near === undefined ? '' : ` Did you mean ${near}?`} There are: ${NAMES.join(', ')}.`);
  };
  if (flags.on('mirror') && flags.on('undo')) return err('Either --mirror or --undo.');
  const lead = named(flags.text('from') ?? 'claude-code');
  if (!lead.ok) return lead;
  const to = flags.text('to');
  if (to === undefined) return ok({ lead: lead.value });
  const backups: Tool[] = [];
  for (const name of to.split(',').map((each) => each.trim())) {
    const backup = named(name);
    if (!backup.ok) return backup;
    if (backup.value === lead.value) return err(`${name} is the lead; name others with --to.`);
    backups.push(backup.value);
  }
  return ok({ lead: lead.value, backups });
}

interface Comparing extends Chosen {
  data: string;
  world: SetupWorld;
  journal: MirrorJournal;
}

async function compare({ lead, backups, data, world, journal }: Comparing, context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const places = placesOf(world);
  const others = (backups ?? TOOLS).filter((tool) => tool !== lead);
  const parity = machineParity(lead, others, world);
  if (parity === undefined) {
    const found = TOOLS.filter((tool) => isThere(tool, world)).map(({ name }) => name);
    terminal.note(
      `${lead.title} is not on this machine.${found.length > 0 ? ` There are: ${found.join(', ')}; name one with --from.` : ''}`,
    );
    return EXIT.failed;
  }
  const { lead: setup, compared } = parity;
  const missing = backups === undefined ? [] : others.filter(({ name }) => !compared.some(({ found }) => found.tool === name));
  const projects = claudeProjects(data);
  const result = {
    from: lead.name,
    ...(world.project !== undefined && { project: world.project }),
    backups: compared.map(({ found }) => ({ ...found, summary: setupSummary(found) ?? null })),
    absent: missing.map(({ name }) => name),
    troubles: setup.troubles,
    projects: projects === 'locked' ? null : projects,
  };
  if (flags.on('json') && !flags.on('mirror')) {
    terminal.out(JSON.stringify(result, null, 2));
    return EXIT.done;
  }
  if (!flags.on('json')) {
    const told = `${lead.title} has ${counted(ruleCount(setup.instructions), 'file')} of rules and ${counted(setup.servers.length, 'MCP server')}${world.project === undefined ? '' : `, with those of ${world.project}`}.`;
    for (const line of wrapped(told, terminal.width)) terminal.out(line);
    for (const trouble of setup.troubles) terminal.note(`! ${trouble}`);
    for (const { found } of compared) for (const line of ['', ...backupLines(found, places, terminal)]) terminal.out(line);
    for (const { title } of missing) terminal.out(`\n${title} is not on this machine: nothing is compared, nothing is written.`);
    if (compared.length === 0 && missing.length === 0)
      terminal.out('There is no other coding tool on this machine that it could be compared with.');
    const pasted = projectLines(projects, terminal);
    if (pasted.length > 0) for (const line of ['', ...pasted]) terminal.out(line);
  }
  if (!flags.on('mirror')) {
    const lacking = compared
      .flatMap(({ found }) => [...found.instructions, ...found.servers])
      .some(({ state }) => state === 'lacks' || state === 'outdated');
    if (lacking) terminal.out('\nunderstudy parity --mirror brings over what is marked ✗, after showing each file; --undo takes it back.');
    return EXIT.done;
  }

  const id = randomBytes(4).toString('hex');
  const plan = planMirror(
    compared.map(({ wanted }) => wanted),
    world,
    id,
    writableRoots(world),
  );
  const agreed = await consent(plan, places, compared, context);
  if (agreed !== true) return agreed;
  const applied = applyMirror(plan.changes, { id, at: deps.clock.now(), from: lead.name }, journal);
  return told(applied, plan, result, context);
}

/** Shows what would be done, and asks. A number is the exit code of one who is not to go on. */
async function consent(
  { changes, refusals }: MirrorPlan,
  places: Places,
  compared: readonly { found: BackupSetup; wanted: Wanted }[],
  { flags, terminal }: Context,
): Promise<true | number> {
  if (flags.on('json')) {
    if (flags.on('yes') || changes.length === 0) return true;
    terminal.note('Nothing was written. With --yes it is.');
    return EXIT.usage;
  }
  terminal.out('');
  for (const line of refusalLines(refusals, places, terminal)) terminal.out(line);
  if (changes.length === 0) {
    terminal.out('There is nothing to write.');
    return refusals.length > 0 ? EXIT.failed : EXIT.done;
  }
  terminal.out('Would be written:');
  for (const line of planLines(changes, places, terminal)) terminal.out(line);
  const inProject = changes.some(({ path }) => places.project !== undefined && path.startsWith(places.project));
  if (inProject) for (const line of wrapped('Files of the project are seen by all who share it.', terminal.width)) terminal.out(line);
  const notes = compared.flatMap(({ found, wanted }) => {
    const note = TOOLS.find(({ name }) => name === found.tool)?.projectNote;
    return note !== undefined && wanted.servers.some(({ place }) => place.scope === 'project') ? [note] : [];
  });
  for (const note of new Set(notes)) for (const line of wrapped(note, terminal.width)) terminal.out(line);
  if (flags.on('yes')) return true;
  if (!terminal.canAsk) {
    terminal.note('Nothing was written. With --yes it is.');
    return EXIT.usage;
  }
  const agreed = await confirm({ message: `Write ${counted(changes.length, 'file')}? (y/n)`, initialValue: false });
  if (!isCancel(agreed) && agreed) return true;
  terminal.note('Nothing was written.');
  return EXIT.interrupted;
}

function told({ written, left }: Applied, { refusals }: MirrorPlan, result: object, { flags, terminal }: Context): number {
  if (flags.on('json')) {
    const mirror = {
      written: written.map(({ path, what, isSecret }) => ({ path, what, isSecret })),
      left: [...left, ...refusals.map(({ path, why, snippet }) => ({ path, why, snippet }))],
    };
    terminal.out(JSON.stringify({ ...result, mirror }, null, 2));
  } else {
    for (const { path, why } of left) terminal.note(`${path} is left as it is: ${why}.`);
    const line = `${counted(written.length, 'file')} written. understudy parity --undo takes ${written.length === 1 ? 'it' : 'them'} back.`;
    for (const each of wrapped(line, terminal.width)) terminal.out(each);
  }
  return left.length + refusals.length > 0 ? EXIT.failed : EXIT.done;
}

function undo(journal: MirrorJournal, world: SetupWorld, { flags, terminal }: Context): number {
  // A mirror may have been made in another project than the one that is worked in now.
  const folders = journal.runs.flatMap(({ changes }) => changes.map(({ real }) => real));
  const undone = undoMirror(journal, [...writableRoots(world), ...folders]);
  if (flags.on('json')) terminal.out(JSON.stringify({ undone }, null, 2));
  else for (const line of undoneLines(undone, placesOf(world), terminal)) terminal.out(line);
  return undone.some(({ result }) => result === 'left') ? EXIT.failed : EXIT.done;
}

function placesOf({ home, project }: SetupWorld): Places {
  return { home, ...(project !== undefined && { project }) };
}

function ruleCount(instructions: readonly { files: readonly unknown[] }[]): number {
  return instructions.reduce((sum, { files }) => sum + files.length, 0);
}
