import type { JsonObject } from '../../exchange/json.ts';
import { essence, readCopy, type Instructions } from './instructions.ts';
import { givenOtherwise, holdsSecrets, identityOf, shownTransport, unsetVariables, type McpServer } from './mcp-server.ts';
import type { Setup } from './read-setup.ts';
import type { Scope, ServerPlace, SetupWorld, ToolName } from './tool.ts';
import { writeServer } from './write-server.ts';

/**
 * `same`: it is there. `lacks`: it can be mirrored. `outdated`: an earlier copy of ours, and the original has changed. `differs`: something
 * else is there, which is never written over. `by-hand`: it can't be mirrored; the note says why.
 */
export type State = 'same' | 'lacks' | 'outdated' | 'differs' | 'by-hand';

export interface InstructionFinding {
  scope: 'user' | 'project';
  state: State;
  /** The lead's files. */
  from: string[];
  /** What the backup reads, or where a copy would lie. */
  at: string;
  note?: string;
}

export interface ServerFinding {
  name: string;
  scope: Scope;
  state: State;
  /** What it starts or asks, without values. */
  shown: string;
  /** Its name in the backup, where that is another. */
  as?: string;
  /** What a person should know, in sentences. */
  notes: string[];
}

/** What one backup lacks. Names and places only: no value of env or headers is in it. */
export interface BackupSetup {
  tool: ToolName;
  title: string;
  instructions: InstructionFinding[];
  servers: ServerFinding[];
  troubles: string[];
}

/** What a mirror would do for one backup. Holds values; is shown to nobody. */
export interface Wanted {
  copies: { path: string; from: string[]; body: string }[];
  servers: { place: ServerPlace; name: string; entry: JsonObject; isSecret: boolean }[];
}

export function compareSetups(lead: Setup, backup: Setup, world: SetupWorld): { found: BackupSetup; wanted: Wanted } {
  const wanted: Wanted = { copies: [], servers: [] };
  const instructions = lead.instructions.flatMap((own) => {
    const theirs = backup.instructions.find(({ scope }) => scope === own.scope);
    return theirs === undefined || own.files.length === 0 ? [] : compareInstructions(own, theirs, world, wanted);
  });
  const servers = lead.servers.filter(({ off }) => !off).map((server) => compareServer(server, backup, world, wanted));
  const { tool } = backup;
  return { found: { tool: tool.name, title: tool.title, instructions, servers, troubles: backup.troubles }, wanted };
}

function compareInstructions(own: Instructions, theirs: Instructions, world: SetupWorld, wanted: Wanted): InstructionFinding[] {
  const { scope } = own;
  const there = theirs.files.map(({ text }) => essence(text)).join('\n\n');
  const isThere = (file: Instructions['files'][number]): boolean => there.includes(essence(file.text));
  const findings: InstructionFinding[] = own.files
    .filter(({ isPersonal }) => isPersonal)
    .map((file) => ({
      scope,
      state: isThere(file) ? 'same' : 'by-hand',
      from: [file.path],
      at: theirs.copy,
      ...(!isThere(file) && { note: `It is yours alone, and ${theirs.copy} is for all who work in the project.` }),
    }));
  const shared = own.files.filter(({ isPersonal }) => !isPersonal);
  if (shared.length === 0) return findings;
  const from = shared.map(({ path }) => path);
  const told = (state: State, at: string, note?: string): InstructionFinding[] => [
    ...findings,
    { scope, state, from, at, ...(note !== undefined && { note }) },
  ];
  if (shared.every(isThere)) return told('same', theirs.files[0]?.path ?? theirs.copy);

  const body = `${shared.map(({ text }) => text.trim()).join('\n\n')}\n`;
  const copies = theirs.files.filter(({ path }) => readCopy(world.read(path) ?? '') !== undefined);
  const ours = copies.find(({ path }) => path === theirs.copy);
  if (ours !== undefined) {
    if (readCopy(world.read(ours.path) ?? '')?.isEdited === true)
      return told('differs', ours.path, 'It is a copy that was edited since, and is left as it is.');
    wanted.copies.push({ path: theirs.copy, from, body });
    return told('outdated', ours.path);
  }
  const other = theirs.files.find(({ path }) => !from.includes(path));
  if (other !== undefined) return told('differs', other.path, 'It says something else, and is left as it is.');
  if (from.includes(theirs.copy)) return told('by-hand', theirs.copy, 'It names files with @, which are not followed there.');
  // An empty file of the user's is one that says nothing yet; whatever has a byte in it is not written over.
  if ((world.read(theirs.copy) ?? '') !== '')
    return told('by-hand', theirs.copy, 'There is a file without a word in it; take it away first.');
  wanted.copies.push({ path: theirs.copy, from, body });
  return told('lacks', theirs.copy);
}

function compareServer(server: McpServer, backup: Setup, world: SetupWorld, wanted: Wanted): ServerFinding {
  const { name, scope, transport } = server;
  const unset = unsetVariables(transport, world.environment);
  const notes = [
    ...(unset.length > 0 ? [`${unset.join(', ')} ${unset.length > 1 ? 'are' : 'is'} not set in this terminal.`] : []),
    ...(server.own.length > 0 ? [`Not carried over: ${server.own.join(', ')}.`] : []),
  ];
  const told = (state: State, further: string[] = [], as?: string): ServerFinding => ({
    name,
    scope,
    state,
    shown: shownTransport(transport),
    ...(as !== undefined && as !== name && { as }),
    notes: state === 'same' ? further : [...further, ...notes],
  });

  const alike = backup.servers.find((each) => identityOf(each.transport) === identityOf(transport));
  if (alike !== undefined) {
    const otherwise = givenOtherwise(transport, alike.transport);
    if (alike.off) return told('differs', ['It is there and switched off.'], alike.name);
    return otherwise.length === 0
      ? told('same', [], alike.name)
      : told('differs', [`It is given ${otherwise.join(', ')} otherwise there.`], alike.name);
  }
  const named = backup.servers.find((each) => each.name === name);
  if (named !== undefined) return told('differs', [`Another server has this name there: ${shownTransport(named.transport)}.`]);

  const written = writeServer(transport, backup.tool);
  if (!written.ok) return told('by-hand', [written.error]);
  const isSecret = holdsSecrets(transport);
  // What only its user sees must not come into a project's files, which are shared.
  if (scope === 'local' && isSecret)
    return told('by-hand', [
      'It holds credentials, and would come into a file of the project; put them into variables, or add it by hand.',
    ]);
  const place = placeFor(backup, scope === 'user' ? 'user' : 'project', world);
  if (place === undefined) return told('by-hand', [`${backup.tool.title} has no place for it.`]);
  if (world.read(place.path) !== undefined && backup.troubles.some((each) => each.startsWith(`${place.path}: ${name}:`)))
    return told('differs', ['A server of this name is there and can’t be read.']);
  wanted.servers.push({ place, name, entry: written.value, isSecret });
  return told('lacks', isSecret ? ['Credentials are written out in it.'] : []);
}

/** Of that scope, the first file that is there, or the first. */
function placeFor({ tool }: Setup, scope: Scope, world: SetupWorld): ServerPlace | undefined {
  const places = tool.servers(world).filter((each) => each.scope === scope);
  return places.find(({ path }) => world.read(path) !== undefined) ?? places[0];
}
