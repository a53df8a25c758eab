import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import { memberAt } from './edit-json.ts';
import { readToml } from './edit-toml.ts';
import { readInstructions, type Instructions } from './instructions.ts';
import type { McpServer } from './mcp-server.ts';
import { readServer } from './read-servers.ts';
import type { SetupWorld, ServerPlace, Tool } from './tool.ts';

/** What a tool is set up with. */
export interface Setup {
  tool: Tool;
  instructions: Instructions[];
  servers: McpServer[];
  /** What is there and can't be read, in sentences. */
  troubles: string[];
}

/** Reads files only. */
export function readSetup(tool: Tool, world: SetupWorld): Setup {
  const servers: McpServer[] = [];
  const troubles: string[] = [];
  // A file may hold servers of two scopes.
  const trouble = (sentence: string): void => void (troubles.includes(sentence) || troubles.push(sentence));
  for (const place of tool.servers(world)) {
    const text = world.read(place.path);
    if (text === undefined && world.has(place.path))
      trouble(`${place.path} can't be read: it is no text, is too large, or lies out of your home.`);
    if (text === undefined || text.trim() === '') continue;
    const settings = readSettings(text, place);
    if (settings === undefined) {
      trouble(`${place.path} can't be read as ${place.format.toUpperCase()}: what it says is not known here.`);
      continue;
    }
    const found = memberAt(settings, place.at);
    if (!isObject(found)) continue;
    for (const [name, entry] of Object.entries(found)) {
      const server = readServer(name, entry, place, tool);
      if (typeof server === 'string') troubles.push(`${place.path}: ${server}; it is left as it is.`);
      // Of a name that is there twice, the one that beats the other.
      else if (!servers.some((each) => each.name === name)) servers.push(server);
    }
  }
  return { tool, instructions: tool.instructions(world).map((places) => readInstructions(places, world, tool.imports)), servers, troubles };
}

function readSettings(text: string, { format }: ServerPlace): JsonObject | undefined {
  if (format === 'toml') return readToml(text);
  return parseObject(text) ?? parseObject(withoutComments(text.replace(/^\uFEFF/, '')));
}

/** Takes comments and trailing commas out, not those within strings: several of the tools allow them. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string: string | undefined) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_all, string: string | undefined) => string ?? '');
}
