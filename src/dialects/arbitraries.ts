/** What the property tests of the dialects are fed with: neutral requests and answers, in words that each test chooses. */
import fc from 'fast-check';
import type { AnswerEvent, Delta, FinishReason, PartHead } from '../exchange/event.ts';
import type { JsonObject } from '../exchange/json.ts';
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  ReasoningPart,
  ResultContent,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../exchange/part.ts';
import type { FunctionTool, Message, OutputFormat, Reasoning, Request, Sampling, ToolChoice } from '../exchange/request.ts';
import type { Usage } from '../exchange/usage.ts';

/** Never empty, never only white space (which Anthropic refuses), any script, no lone surrogates (UTF-8 can't carry them). */
export const text: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('a', 'é', '漢', '😀', '"', '\\', '<'), fc.string({ unit: 'binary', maxLength: 12 }))
  .map(([first, rest]) => first + rest);

export const textPart: fc.Arbitrary<TextPart> = text.map((value) => ({ type: 'text', text: value }));

export const toolName: fc.Arbitrary<string> = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,10}$/);

/** Legal everywhere: letters, digits, `_` and `-`. */
export const callId: fc.Arbitrary<string> = fc.stringMatching(/^call_[a-zA-Z0-9_-]{1,12}$/);

export const base64: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));

export const image: fc.Arbitrary<ImagePart> = fc
  .oneof(
    base64.map((data) => ({ type: 'base64' as const, mediaType: 'image/png', data })),
    fc.constant({ type: 'url' as const, url: 'https://example.com/a.png' }),
  )
  .map((source) => ({ type: 'image', source }));

export const pdf: fc.Arbitrary<DocumentPart> = fc.record({
  type: fc.constant('document' as const),
  source: base64.map((data) => ({ type: 'base64' as const, mediaType: 'application/pdf', data })),
  title: text,
});

/** The text of a JSON object, spaced as a model might. */
export const argumentsText: fc.Arbitrary<string> = fc
  .tuple(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }), fc.constantFrom(undefined, 1))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

export const schema: fc.Arbitrary<JsonObject> = fc
  .array(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 3 })
  .map((names) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) }));

export const functionTool: fc.Arbitrary<FunctionTool> = fc.record(
  { type: fc.constant('function' as const), name: toolName, description: text, parameters: schema, strict: fc.boolean() },
  { requiredKeys: ['type', 'name', 'parameters'] },
);

/** What a dialect can say in a request; what is left out is never generated. */
export interface RequestWords {
  attachment?: fc.Arbitrary<ImagePart | DocumentPart | AudioPart>;
  resultContent: fc.Arbitrary<ResultContent>;
  /** Whether a tool result can be marked as an error. */
  resultErrors: boolean;
  /** Text of a tool call's arguments; a dialect that carries objects can only give back `JSON.stringify`'s spacing. */
  callArguments: fc.Arbitrary<string>;
  /** Reasoning of earlier answers. */
  reasoningPart?: fc.Arbitrary<ReasoningPart>;
  tool: fc.Arbitrary<FunctionTool>;
  output: fc.Arbitrary<OutputFormat>;
  sampling: fc.Arbitrary<Sampling>;
  reasoning?: fc.Arbitrary<Reasoning>;
  maxOutputTokens: fc.Arbitrary<number | undefined>;
  /** An instruction between turns. */
  systemInside: boolean;
}

/** A user's turn, and an assistant's answer that may call tools, whose results then open the next turn. */
function round(words: RequestWords): fc.Arbitrary<Message[]> {
  const content: fc.Arbitrary<TextPart | ImagePart | DocumentPart | AudioPart> = words.attachment
    ? fc.oneof({ weight: 3, arbitrary: textPart }, { weight: 1, arbitrary: words.attachment })
    : textPart;
  const call: fc.Arbitrary<ToolCallPart> = fc.record({
    type: fc.constant('tool-call' as const),
    id: callId,
    name: toolName,
    arguments: words.callArguments,
  });
  const result = fc.record({
    content: fc.array(words.resultContent, { minLength: 1, maxLength: 2 }),
    isError: words.resultErrors ? fc.boolean() : fc.constant(false),
  });
  return fc
    .record({
      instruction: words.systemInside ? fc.option(textPart) : fc.constant(null),
      asked: fc.array(content, { minLength: 1, maxLength: 3 }),
      thought: words.reasoningPart ? fc.option(words.reasoningPart) : fc.constant(null),
      said: textPart,
      calls: fc.uniqueArray(fc.tuple(call, result), { maxLength: 3, selector: ([{ id }]) => id }),
      after: fc.option(textPart),
      end: textPart,
    })
    .map(({ instruction, asked, thought, said, calls, after, end }) => {
      const user: Message = { role: 'user', parts: asked };
      const assistant: Message = { role: 'assistant', parts: [...(thought ? [thought] : []), said, ...calls.map(([part]) => part)] };
      const messages: Message[] = instruction ? [user, { role: 'system', parts: [instruction] }, assistant] : [user, assistant];
      if (calls.length === 0) return messages;
      const results: ToolResultPart[] = calls.map(([part, { content: parts, isError }]) => ({
        type: 'tool-result',
        callId: part.id,
        content: parts,
        isError,
      }));
      return [...messages, { role: 'user', parts: [...results, ...(after ? [after] : [])] }, { role: 'assistant', parts: [end] }];
    });
}

/** No id comes twice in a conversation: Anthropic refuses that. */
function distinct(messages: Message[], round: number): Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.type === 'tool-call') return { ...part, id: `${part.id}${round}` };
      return part.type === 'tool-result' ? { ...part, callId: `${part.callId}${round}` } : part;
    }),
  }));
}

/** Whole conversations that end with the user's turn, in the normal form that every decoder gives. */
export function requests(words: RequestWords): fc.Arbitrary<Request> {
  const choice: fc.Arbitrary<ToolChoice | undefined> = fc.oneof(
    fc.constantFrom(undefined, { type: 'auto' as const }, { type: 'none' as const }, { type: 'required' as const }),
    toolName.map((name) => ({ type: 'tool' as const, name })),
  );
  return fc
    .record({
      model: fc.stringMatching(/^[a-z0-9.-]{1,12}$/),
      stream: fc.boolean(),
      system: fc.array(textPart, { maxLength: 2 }),
      rounds: fc.array(round(words), { maxLength: 2 }),
      last: textPart,
      tools: fc.uniqueArray(words.tool, { maxLength: 3, selector: ({ name }) => name }),
      toolChoice: choice,
      parallelToolCalls: fc.constantFrom(undefined, true, false),
      output: words.output,
      sampling: words.sampling,
      reasoning: words.reasoning ? fc.option(words.reasoning) : fc.constant(null),
      maxOutputTokens: words.maxOutputTokens,
      stop: fc.array(text, { maxLength: 2 }),
      user: fc.option(text),
    })
    .map(({ rounds, last, toolChoice, parallelToolCalls, reasoning, maxOutputTokens, user, tools, ...rest }) => ({
      ...rest,
      tools,
      messages: [...rounds.flatMap(distinct), { role: 'user', parts: [last] }],
      ...(tools.length > 0 && toolChoice && { toolChoice }),
      ...(tools.length > 0 && toolChoice && toolChoice.type !== 'none' && parallelToolCalls !== undefined && { parallelToolCalls }),
      ...(reasoning && { reasoning }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(user !== null && { user }),
    }));
}

/** A part of an answer without its index. */
export interface ScriptedPart {
  head: PartHead;
  deltas: Delta[];
}

/** What a dialect can say in an answer. */
export interface AnswerWords {
  /** Parts that stand before text and tool calls. */
  reasoning?: fc.Arbitrary<ScriptedPart>;
  /** How many text parts one after another: chat has one, Anthropic any number. */
  maxTexts: number;
  callArguments: fc.Arbitrary<string>;
  /** Whether deltas of parallel tool calls may take turns. */
  interleaved: boolean;
  finish: fc.Arbitrary<FinishReason>;
  usage: fc.Arbitrary<Usage>;
  id: fc.Arbitrary<string>;
  created?: fc.Arbitrary<number>;
}

/** Cuts a text in pieces, none of them empty, none inside a surrogate pair. */
export function pieces(whole: string): fc.Arbitrary<string[]> {
  const characters = Array.from(whole);
  return fc.uniqueArray(fc.nat(Math.max(0, characters.length)), { maxLength: 4 }).map((cuts) => {
    const edges = [0, ...cuts.toSorted((one, other) => one - other), characters.length];
    return edges
      .slice(1)
      .map((edge, index) => characters.slice(edges[index], edge).join(''))
      .filter((piece) => piece !== '');
  });
}

export const scriptedText: fc.Arbitrary<ScriptedPart> = text
  .chain(pieces)
  .map((parts) => ({ head: { type: 'text' }, deltas: parts.map((piece) => ({ type: 'text', text: piece })) }));

function scriptedCall(words: AnswerWords): fc.Arbitrary<ScriptedPart & { head: { type: 'tool-call' } }> {
  return fc.record({ id: callId, name: toolName, json: words.callArguments.chain(pieces) }).map(({ id, name, json }) => ({
    head: { type: 'tool-call', id, name },
    deltas: json.map((piece) => ({ type: 'arguments', json: piece })),
  }));
}

/** Complete answers: start, parts, finish, usage. */
export function answers(words: AnswerWords): fc.Arbitrary<AnswerEvent[]> {
  return fc
    .record({
      id: words.id,
      model: fc.stringMatching(/^[a-z0-9.-]{1,12}$/),
      created: words.created ? fc.option(words.created) : fc.constant(null),
      thoughts: words.reasoning ? fc.array(words.reasoning, { maxLength: 1 }) : fc.constant<ScriptedPart[]>([]),
      texts: fc.array(scriptedText, { maxLength: words.maxTexts }),
      calls: fc.uniqueArray(scriptedCall(words), { maxLength: 3, selector: ({ head }) => head.id }),
      turns: words.interleaved ? fc.array(fc.nat(2), { maxLength: 12 }) : fc.constant<number[]>([]),
      finish: words.finish,
      usage: words.usage,
    })
    .map(({ id, model, created, thoughts, texts, calls, turns, finish, usage }) => {
      const events: AnswerEvent[] = [{ type: 'start', id, model, ...(created !== null && { created }) }];
      const plain = [...thoughts, ...texts];
      plain.forEach((part, index) => events.push(...scripted(part, index)));
      events.push(
        ...interleave(
          calls.map((part, index) => scripted(part, plain.length + index)),
          turns,
        ),
      );
      events.push({ type: 'finish', reason: calls.length > 0 && finish === 'stop' ? 'tool-calls' : finish }, { type: 'usage', usage });
      return events;
    });
}

function scripted(part: ScriptedPart, index: number): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: part.head },
    ...part.deltas.map((delta): AnswerEvent => ({ type: 'part-delta', index, delta })),
    { type: 'part-end', index },
  ];
}

/** Merges lists, keeping the order inside each and the order of their first elements: part indexes count up. */
function interleave(lists: AnswerEvent[][], turns: number[]): AnswerEvent[] {
  const merged: AnswerEvent[] = [];
  const waiting = lists.map((list) => [...list]);
  let begun = 0;
  for (const turn of turns) {
    const chosen = Math.min(turn, begun, waiting.length - 1);
    const next = waiting[chosen]?.shift();
    if (!next) continue;
    if (next.type === 'part-start') begun++;
    merged.push(next);
  }
  return [...merged, ...waiting.flat()];
}
