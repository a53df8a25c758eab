import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import { understand, type Asked, type OfferedTool, type SimDialect, type Understood } from './asked.ts';
import type { Answer, AnswerPart, Stop } from './answer.ts';
import { carryOn, namedBehaviour, type Behaviour } from './continuation.ts';
import { readDirectives, spokenQuestion, type Directives } from './directives.ts';
import { exampleOf } from './schema-example.ts';
import { hash, seeded, vendorId } from './seeded.ts';
import { CLOSING, ponder, speak, tokens } from './speech.ts';
import { ownSignature } from './signature.ts';

export interface AssistantOptions {
  /** What it does when asked to carry on, where the model's name does not say; `anchor`. */
  behaviour?: Behaviour;
  /** Words of an answer, where the prompt does not say; 120. */
  words?: number;
  /** Tool calls that it makes as soon as tools are offered, where the prompt does not say; 0. */
  tools?: number;
}

/**
 * What the simulated assistant says to a request. The words depend on the question only; `seed` (one per call) makes the ids
 * of two answers differ, as a vendor's do.
 */
export function answer(asked: Asked, seed: string, options: AssistantOptions = {}): Answer {
  const understood = understand(asked.turns);
  const directives = readDirectives(understood.question);
  if (options.words !== undefined && !/\bwords=/.test(understood.question)) directives.words = options.words;
  if (directives.tools === 0 && options.tools !== undefined) directives.tools = options.tools;
  const parts: AnswerPart[] = [];
  if (asked.thinking || directives.thinking) parts.push(thinking(understood, asked));
  let stop: Stop = directives.stop === undefined || directives.stop === 'length' ? 'stop' : directives.stop;
  let stopSequence: string | undefined;
  const calls = toolCalls(asked, understood, directives, seed);
  if (directives.refuse) {
    stop = 'refusal';
    parts.push({ type: 'refusal', pieces: tokens('This is a simulated refusal: I was told to decline this request.') });
  } else if (calls.length > 0) {
    stop = 'tool-calls';
    const said = directives.preamble ? respond(preamble(calls.length), asked, understood, options) : '';
    if (said !== '') parts.push({ type: 'text', pieces: tokens(said) });
    parts.push(...calls);
  } else {
    const said = respond(fullAnswer(asked, understood, directives), asked, understood, options);
    const cut = limit(said, asked, directives);
    if (cut.pieces.length > 0) parts.push({ type: 'text', pieces: cut.pieces });
    if (cut.stop !== undefined) stop = cut.stop;
    stopSequence = cut.stopSequence;
  }
  return {
    seed,
    model: asked.model,
    parts,
    stop,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    usage: usage(asked, parts),
    ...(directives.pace === undefined ? {} : { pace: directives.pace }),
  };
}

/** The whole text that a simulated assistant gives to a question, for comparison with what arrived. */
export function wholeText(question: string, defaultWords?: number): string {
  const directives = readDirectives(question);
  if (defaultWords !== undefined && !/\bwords=/.test(question)) directives.words = defaultWords;
  return speak(spokenQuestion(question), directives);
}

/** The words of this answer: all of them, or what is left of them where a cut answer is to be carried on. */
function respond(whole: string, asked: Asked, understood: Understood, options: AssistantOptions): string {
  const behaviour = namedBehaviour(asked.model) ?? options.behaviour ?? 'anchor';
  if (understood.kind === 'continuation') return carryOn(behaviour, whole, understood.partial, understood.fragment);
  if (understood.kind === 'prefill' && behaviour === 'prefill') {
    return carryOn('plain', whole, understood.partial, understood.partial.slice(-40));
  }
  return whole;
}

function fullAnswer(asked: Asked, understood: Understood, directives: Directives): string {
  if (asked.schema || directives.json) return JSON.stringify(structured(asked, understood));
  if (understood.results.length > 0) {
    const quotes = understood.results.map((result) => `"${result.text.trim().slice(0, 200)}"`).join(' and ');
    return `This is a simulated answer; no model was asked. The tool said ${quotes}. ${CLOSING}`;
  }
  return speak(spokenQuestion(understood.question), directives);
}

/** A demanded JSON answer. Claude Code asks for a conversation's title that way. */
function structured(asked: Asked, understood: Understood): Json {
  const schema = asked.schema ?? {};
  if (Object.keys(schema).length === 0) return { simulated: true, question: spokenQuestion(understood.question).slice(0, 80) };
  return exampleOf(schema, '');
}

function thinking(understood: Understood, asked: Asked): AnswerPart {
  const text = ponder(spokenQuestion(understood.question));
  return {
    type: 'reasoning',
    pieces: tokens(text),
    signature: ownSignature(asked.dialect, `${asked.model} ${text}`),
    hidden: asked.thinkingHidden,
  };
}

function preamble(calls: number): string {
  return `This is a simulated answer. I will use ${calls === 1 ? 'a tool' : `${calls} tools`} first.`;
}

function toolCalls(asked: Asked, understood: Understood, directives: Directives, seed: string): AnswerPart[] {
  if (asked.tools.length === 0 || asked.toolChoice === 'none') return [];
  const forced = typeof asked.toolChoice === 'object' ? asked.toolChoice.name : undefined;
  const wanted = forced !== undefined || asked.toolChoice === 'required' ? Math.max(1, directives.tools) : directives.tools;
  const bash = directives.bash === undefined ? undefined : asked.tools.find((tool) => SHELLS.includes(tool.name));
  const answered = understood.rounds >= directives.rounds && forced === undefined && asked.toolChoice !== 'required';
  if (answered || (wanted === 0 && !bash)) return [];
  const id = (ordinal: number): string => vendorId(...CALL_IDS[asked.dialect], `${seed} ${ordinal}`);
  const call = ({ name, namespace, freeText }: OfferedTool, input: Json, ordinal: number): AnswerPart => ({
    type: 'tool-call',
    id: id(ordinal),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(freeText === true ? { freeText, pieces: tokens(exampleText(ordinal)) } : { pieces: argumentPieces(JSON.stringify(input)) }),
  });
  if (bash) return [call(bash, shellArguments(bash.schema, directives.bash!.replaceAll('{round}', String(understood.rounds + 1))), 0)];
  const offered = forced === undefined ? asked.tools : asked.tools.filter((tool) => tool.name === forced);
  const count = asked.parallel ? wanted : 1;
  if (offered.length === 0) return [];
  return Array.from({ length: count }, (_, ordinal) => {
    const tool = offered[ordinal % offered.length]!;
    return call(tool, exampleOf(tool.schema, ordinal === 0 ? '' : String(ordinal + 1)), ordinal);
  });
}

/** The tools by which agents run commands: of Claude Code, opencode, Codex, Gemini CLI. */
const SHELLS = ['Bash', 'bash', 'shell_command', 'exec_command', 'shell', 'run_shell_command'];

/** The command where the tool takes it: as a text or, as Codex had it, as a list of words. */
function shellArguments(schema: JsonObject, command: string): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const name = ['command', 'cmd'].find((each) => isObject(properties[each])) ?? 'command';
  const taken = properties[name];
  const words: Json = isObject(taken) && taken.type === 'array' ? ['bash', '-lc', command] : command;
  const filled = exampleOf(schema, '');
  return {
    ...(isObject(filled) ? filled : {}),
    [name]: words,
    ...(isObject(properties.description) ? { description: 'Simulated command' } : {}),
  };
}

/** Free text for a tool that takes it: the same that `exampleOf` would give to a function's `input`. */
function exampleText(ordinal: number): string {
  return `simulated input${ordinal === 0 ? '' : ` ${ordinal + 1}`}`;
}

/** Prefix and length of each vendor's ids of tool calls. */
const CALL_IDS: Record<SimDialect, [prefix: string, length: number]> = {
  'anthropic-messages': ['toolu_01', 22],
  'openai-chat': ['call_', 22],
  'openai-responses': ['call_', 24],
  gemini: ['', 8],
};

/** Arguments come in pieces too; the first cut is early, so that even `{"a":1}` has an inside. */
function argumentPieces(json: string): string[] {
  return json.length <= 2 ? [json] : [json.slice(0, 2), ...tokens(json.slice(2))];
}

interface Cut {
  pieces: string[];
  stop?: Stop;
  stopSequence?: string;
}

/** Applies stop sequences, the token limit (a piece counts as a token) and `stop=length`. */
function limit(text: string, asked: Asked, directives: Directives): Cut {
  let said = text;
  let stopSequence: string | undefined;
  for (const sequence of asked.stop) {
    const at = sequence === '' ? -1 : said.indexOf(sequence);
    if (at < 0) continue;
    said = said.slice(0, at);
    stopSequence = sequence;
  }
  const pieces = tokens(said);
  const most = Math.min(asked.maxTokens ?? Infinity, directives.stop === 'length' ? Math.ceil(pieces.length / 2) : Infinity);
  if (pieces.length > most) return { pieces: pieces.slice(0, most), stop: 'length' };
  return stopSequence === undefined ? { pieces } : { pieces, stop: 'stop-sequence', stopSequence };
}

function usage(asked: Asked, parts: readonly AnswerPart[]): Answer['usage'] {
  const input = Math.max(1, Math.ceil(asked.size / 4));
  const cacheRead = asked.cached ? Math.floor(input / 2) : 0;
  const count = (kind: AnswerPart['type']): number => parts.reduce((sum, part) => sum + (part.type === kind ? part.pieces.length : 0), 0);
  const reasoning = count('reasoning');
  return {
    input,
    output: Math.max(1, reasoning + count('text') + count('tool-call') + count('refusal')),
    cacheRead,
    cacheWrite: asked.cached ? Math.floor(seeded(hash(asked.model))() * (input - cacheRead)) : 0,
    reasoning,
  };
}
