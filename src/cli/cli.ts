import type { ArgsDef } from 'citty';
import { parseArgs } from 'citty';
import { nearest } from '../config/nearest.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Command, Flags } from './command.ts';
import { archiveCommand } from './archive/archive-command.ts';
import { alertsCommand } from './watch/alerts-command.ts';
import { boardCommand } from './watch/board-command.ts';
import { incidentsCommand } from './watch/incidents-command.ts';
import { gradesCommand } from './watch/grades-command.ts';
import { checkCommand } from './watch/check-command.ts';
import { publishCommand } from './watch/publish-command.ts';
import { hooksCommand } from './hooks/hooks-command.ts';
import { backupCommand } from './archive/backup-command.ts';
import { configCommand } from './config-command.ts';
import { conversationsCommand } from './archive/conversations-command.ts';
import type { CliDeps } from './deps.ts';
import { deleteCommand } from './archive/delete-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { drillCommand } from './drill-command.ts';
import { encryptionCommand } from './encryption/encryption-command.ts';
import { EXIT } from './exit-code.ts';
import { exportCommand } from './archive/export-command.ts';
import { overview, page } from './help.ts';
import { handoffCommand } from './archive/handoff-command.ts';
import { importCommand } from './archive/import-command.ts';
import { localCommand } from './local/local-command.ts';
import { loginCommand, logoutCommand } from './login-command.ts';
import { mcpCommand } from './archive/mcp-command.ts';
import { mirrorCommand } from './archive/mirror-command.ts';
import { outputsCommand } from './archive/outputs-command.ts';
import { hubCommand } from './watch/hub-command.ts';
import { reportCommand } from './watch/report-command.ts';
import { rescueCommand } from './rescue/rescue-command.ts';
import { offlineCommand } from './offline/offline-command.ts';
import { runbookCommand } from './offline/runbook-command.ts';
import { redactCommand } from './archive/redact-command.ts';
import { parityCommand } from './parity/parity-command.ts';
import { protectCommand } from './archive/protect-command.ts';
import { queueCommand } from './queue/queue-command.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run/run-command.ts';
import { searchCommand } from './archive/search-command.ts';
import { startCommand } from './start-command.ts';
import { statusCommand } from './status/status-command.ts';
import { statuslineCommand } from './status/statusline-command.ts';
import { terminal as makeTerminal } from './terminal.ts';

const COMMANDS: readonly Command[] = [
  startCommand,
  runCommand,
  rescueCommand,
  drillCommand,
  replayCommand,
  statusCommand,
  queueCommand,
  boardCommand,
  incidentsCommand,
  gradesCommand,
  checkCommand,
  reportCommand,
  alertsCommand,
  publishCommand,
  offlineCommand,
  runbookCommand,
  hooksCommand,
  doctorCommand,
  localCommand,
  parityCommand,
  protectCommand,
  conversationsCommand,
  searchCommand,
  importCommand,
  handoffCommand,
  exportCommand,
  outputsCommand,
  mirrorCommand,
  backupCommand,
  archiveCommand,
  deleteCommand,
  redactCommand,
  encryptionCommand,
  mcpCommand,
  hubCommand,
  configCommand,
  loginCommand,
  logoutCommand,
  statuslineCommand,
];

/** Runs one command line (without node and script). Returns the exit code; never throws for what a user typed. */
export async function runCli(argv: string[], deps: CliDeps): Promise<number> {
  const terminal = makeTerminal(deps.surroundings.streams, deps.surroundings.environment, deps.surroundings.called);
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-v') {
    terminal.out(deps.version);
    return EXIT.done;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = COMMANDS.find((each) => each.name === rest[0]);
    for (const line of about ? await page(about, terminal) : overview(COMMANDS, deps.version, terminal)) terminal.out(line);
    return EXIT.done;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    terminal.note(
      `There is no command \`${name}\`.${meant(
        name,
        COMMANDS.map((each) => each.name),
      )} There are: ${COMMANDS.map((each) => each.name).join(', ')}. See understudy --help.`,
    );
    return EXIT.usage;
  }
  const [own, passed] = command.handsOver ? splitAtName(rest, command.args) : [rest, []];
  if (own.includes('--help') || own.includes('-h')) {
    for (const line of await page(command, terminal)) terminal.out(line);
    return EXIT.done;
  }
  const flags = readFlags(own, command.args, command.takesMany === true);
  if (!flags.ok) {
    terminal.note(`${flags.error} See understudy ${command.name} --help.`);
    return EXIT.usage;
  }
  return command.run({ flags: { ...flags.value, words: [...flags.value.words, ...passed] }, terminal, deps });
}

/** Our own options and the name that follows them; what comes after the name is not ours to read. */
function splitAtName(typed: readonly string[], definitions: ArgsDef): [own: string[], passed: string[]] {
  const takesValue = new Set(
    Object.entries(definitions).flatMap(([name, definition]) =>
      definition.type === 'string' ? [`--${name}`, ...[definition.alias ?? []].flat().map((alias) => `-${alias}`)] : [],
    ),
  );
  let index = 0;
  while (index < typed.length && typed[index]!.startsWith('-')) index += takesValue.has(typed[index]!) ? 2 : 1;
  return [typed.slice(0, index + 1), typed.slice(index + 1)];
}

function meant(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

/** citty takes any flag; a mistyped one must not be passed over in silence. */
function readFlags(typed: string[], definitions: ArgsDef, many: boolean): Result<Flags, string> {
  const known = new Map<string, ArgsDef[string]>();
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type === 'positional') continue;
    known.set(`--${name}`, definition);
    if (definition.type === 'boolean') known.set(`--no-${name}`, definition);
    for (const alias of 'alias' in definition ? [definition.alias ?? []].flat() : []) known.set(`-${alias}`, definition);
  }
  const rest = [...typed];
  for (let word = rest.shift(); word !== undefined && word !== '--'; word = rest.shift()) {
    if (!word.startsWith('-') || word === '-') continue;
    const [flag, value] = word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, undefined];
    const definition = known.get(flag!);
    if (!definition) return err(`There is no option ${flag}.${meant(flag!, [...known.keys()])}`);
    if (definition.type === 'boolean') {
      if (value !== undefined) return err(`${flag} takes no value.`);
    } else if (value === undefined && (rest.shift() ?? '-').startsWith('-')) {
      return err(`${flag} needs a value${definition.valueHint ? `: ${flag} ${definition.valueHint}` : ''}.`);
    }
  }
  try {
    const parsed: Record<string, unknown> = parseArgs(typed, definitions);
    const words = Array.isArray(parsed['_']) ? parsed['_'].map(String) : [];
    const places = Object.values(definitions).filter((definition) => definition.type === 'positional').length;
    if (words.length > places && !many) return err(`\`${words[places]}\` is one word too many.`);
    return ok({
      text: (name) => (typeof parsed[name] === 'string' ? parsed[name] : undefined),
      on: (name) => parsed[name] === true,
      words,
    });
  } catch (error) {
    return err(`${error instanceof Error ? error.message : String(error)}.`);
  }
}
