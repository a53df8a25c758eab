import { isObject, parseObject, type Json, type JsonObject } from '../../src/exchange/json.ts';

/** What each CLI's own output says that the assistant has said. All write a JSON object a line. */

function events(stdout: string): JsonObject[] {
  return stdout.split('\n').flatMap((line): JsonObject[] => {
    const event = parseObject(line);
    return event === undefined ? [] : [event];
  });
}

function at(value: Json | undefined, ...path: string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => (isObject(inner) ? inner[step] : undefined), value);
}

function textOf(content: Json | undefined): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content.filter(isObject).flatMap((part) => (part['type'] === 'text' && typeof part['text'] === 'string' ? [part['text']] : []));
}

/** Claude Code and Qwen Code: `--output-format stream-json`. */
export function assistantTexts(stdout: string): string[] {
  const all = events(stdout);
  const said = all.filter(({ type }) => type === 'assistant').flatMap((event) => textOf(at(event, 'message', 'content')));
  const result = all.findLast(({ type }) => type === 'result');
  // Its last word is given twice: as a message, and as the result.
  const consistent = result?.['is_error'] === false && result['result'] === said.at(-1);
  return consistent ? said : [...said, `result: ${JSON.stringify(result?.['result'] ?? null)}`];
}

/** Codex: `exec --json`. */
export function codexTexts(stdout: string): string[] {
  return events(stdout).flatMap((event) => {
    const text = at(event, 'item', 'text');
    return event['type'] === 'item.completed' && at(event, 'item', 'type') === 'agent_message' && typeof text === 'string' ? [text] : [];
  });
}

/** Gemini CLI: `-o stream-json`. A message comes in pieces until something else does. */
export function geminiTexts(stdout: string): string[] {
  const said: string[] = [];
  let open = false;
  for (const event of events(stdout)) {
    const piece = event['type'] === 'message' && event['role'] === 'assistant' ? event['content'] : undefined;
    if (typeof piece === 'string') {
      if (open && event['delta'] === true) said.push((said.pop() ?? '') + piece);
      else said.push(piece);
    }
    open = typeof piece === 'string';
  }
  return said;
}

/** opencode: `run --format json`. */
export function opencodeTexts(stdout: string): string[] {
  return events(stdout).flatMap((event) => {
    const text = at(event, 'part', 'text');
    return event['type'] === 'text' && typeof text === 'string' ? [text] : [];
  });
}

/** Copilot CLI: `--output-format json`. */
export function copilotTexts(stdout: string): string[] {
  return events(stdout).flatMap((event) => {
    const text = at(event, 'data', 'content');
    return event['type'] === 'assistant.message' && typeof text === 'string' && text !== '' ? [text] : [];
  });
}

/** pi: `--mode json`. */
export function piTexts(stdout: string): string[] {
  return events(stdout).flatMap((event) =>
    event['type'] === 'message_end' && at(event, 'message', 'role') === 'assistant'
      ? textOf(at(event, 'message', 'content')).filter((text) => text !== '')
      : [],
  );
}
