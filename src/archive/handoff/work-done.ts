import type { ArchivedCall, ArchivedMessage, ArchivedResult } from '../conversation.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';

export interface TouchedFile {
  path: string;
  /** How often it was written, edited or patched. */
  changes: number;
  /** The last change has no result that says it worked. */
  uncertain: boolean;
}

export interface Step {
  text: string;
  state: 'done' | 'doing' | 'open';
}

/** What an agent has done, as far as its tool calls tell. */
export interface WorkDone {
  /** In order of their last change. */
  files: TouchedFile[];
  /** The agent's own list of steps, as last written. */
  steps: Step[];
  /** Calls since the last question that nothing answers: they may or may not have been run. */
  pending: ArchivedCall[];
}

/** Names under which CLIs' tools take a path: Claude Code, Codex, Gemini CLI and Qwen Code, opencode, Copilot CLI, pi. */
const PATHS = ['file_path', 'filePath', 'notebook_path', 'absolute_path', 'path', 'filename'];
const WRITES = /write|edit|replace|create|patch|insert|update_file|save/i;
/** Codex' patch language: https://github.com/openai/codex, apply_patch instructions. */
const PATCHED = /^\*\*\* (?:Update|Add|Delete) File: (.+)$/gm;
/** Lists of steps: TodoWrite, todowrite, write_todos (`todos`), update_plan (`plan`). */
const STEP_LISTS = ['todos', 'plan'];

/** `messages`: the branch that is handed over, in order. */
export function workDone(messages: readonly ArchivedMessage[]): WorkDone {
  const files = new Map<string, TouchedFile>();
  const results = new Map<string, ArchivedResult>();
  for (const part of messages.flatMap(({ parts }) => parts)) if (part.type === 'tool-result') results.set(part.callId, part);
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-call'));
  let steps: Step[] = [];

  for (const call of calls) {
    const given = parseObject(call.arguments);
    steps = (given && stepsIn(given)) ?? steps;
    for (const path of changedBy(call, given)) {
      const result = results.get(call.id);
      if (result?.isError) continue;
      const before = files.get(path);
      // Anew, so that the order is that of the last change.
      files.delete(path);
      files.set(path, { path, changes: (before?.changes ?? 0) + 1, uncertain: result === undefined });
    }
  }
  const lastQuestion = messages.findLastIndex(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'text'));
  const newest = new Set(messages.slice(Math.max(lastQuestion, 0)).flatMap(({ parts }) => parts));
  return { files: [...files.values()], steps, pending: calls.filter((call) => newest.has(call) && !results.has(call.id)) };
}

/** A call in one line: what was to be run or touched. */
export function callInShort(call: ArchivedCall): string {
  const given = parseObject(call.arguments);
  const said = given && (commandIn(given) ?? changedBy(call, given)[0] ?? pathIn(given) ?? firstText(given));
  const line = (said ?? call.arguments).replace(/\s+/g, ' ').trim();
  return line === '' ? call.name : `${call.name}: ${line.length > 200 ? `${line.slice(0, 199)}…` : line}`;
}

function changedBy(call: ArchivedCall, given: JsonObject | undefined): string[] {
  const said = (given && (commandIn(given) ?? firstText(given))) ?? call.arguments;
  // As a tool of its own, or in a shell command.
  const patched = said.includes('*** Begin Patch') ? [...said.matchAll(PATCHED)].map(([, path]) => path!.trim()) : [];
  if (patched.length > 0) return patched;
  if (!given || !WRITES.test(call.name) || STEP_LISTS.some((name) => name in given)) return [];
  const path = pathIn(given);
  return path === undefined ? [] : [path];
}

function pathIn(given: JsonObject): string | undefined {
  for (const name of PATHS) if (typeof given[name] === 'string') return given[name];
  return undefined;
}

function commandIn(given: JsonObject): string | undefined {
  const command = given['command'] ?? given['cmd'];
  if (typeof command === 'string') return command;
  return Array.isArray(command) && command.every((word) => typeof word === 'string') ? command.join(' ') : undefined;
}

function firstText(given: JsonObject): string | undefined {
  return Object.values(given).find((value) => typeof value === 'string');
}

function stepsIn(given: JsonObject): Step[] | undefined {
  const list = STEP_LISTS.map((name) => given[name]).find((value) => Array.isArray(value));
  return list?.flatMap(stepOf);
}

function stepOf(value: Json): Step[] {
  if (!isObject(value)) return [];
  const text = [value['content'], value['step'], value['description'], value['title']].find((each) => typeof each === 'string');
  if (text === undefined) return [];
  const status = String(value['status']);
  return [{ text, state: /complete|done/.test(status) ? 'done' : /progress|doing|active/.test(status) ? 'doing' : 'open' }];
}
