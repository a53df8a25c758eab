import type { JsonObject } from '../../src/exchange/json.ts';
import { isObject } from '../../src/exchange/json.ts';
import type { ChatTurn } from '../../src/sim/local/script.ts';

export const CONTENT = 'An old silent pond.';
export const LAST_WORDS = 'Done: the file is written.';

/** What the agent is asked; the model below finds the path in it. */
export function taskOf(path: string): string {
  return `Write the file ${path} with the one line "${CONTENT}", and then say that you are done.`;
}

/**
 * A capable model for one task: asked with tools, it writes the file with whichever of them can; told what came of that, it says that it is done.
 * What is asked without tools (a title for the session) gets a word.
 */
export function fileWriter(path: string): (body: JsonObject) => ChatTurn {
  return (body) => {
    const { tools, messages } = body;
    if (!Array.isArray(tools) || !Array.isArray(messages)) return { text: 'A file' };
    if (messages.some((message) => isObject(message) && message['role'] === 'tool')) return { text: LAST_WORDS };
    const functions = tools.flatMap((tool): JsonObject[] => (isObject(tool) && isObject(tool['function']) ? [tool['function']] : []));
    const write = functions.find((one) => one['name'] === 'Write');
    if (write) return { text: 'I write it. ', call: { name: 'Write', arguments: { file_path: path, content: `${CONTENT}\n` } } };
    const line = `printf '%s\\n' '${CONTENT}' > '${path}'`;
    for (const { name, parameters } of functions as { name?: unknown; parameters?: unknown }[]) {
      const fields = isObject(parameters) && isObject(parameters['properties']) ? parameters['properties'] : {};
      if (typeof name !== 'string') continue;
      if ('cmd' in fields) return { call: { name, arguments: { cmd: line } } };
      if ('command' in fields) {
        const list = isObject(fields['command']) && fields['command']['type'] === 'array';
        return { call: { name, arguments: { command: list ? ['bash', '-c', line] : line } } };
      }
    }
    return { text: 'There is no tool here that could write a file.' };
  };
}
