import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
} from '@ai-sdk/provider';
import { asFunction, flatName } from '../../dialects/plain-tools.ts';
import { parseObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, ImagePart, Part, ToolResultPart } from '../../exchange/part.ts';
import type { Message, Request, ToolChoice } from '../../exchange/request.ts';

type User = LanguageModelV4TextPart | LanguageModelV4FilePart;
type Assistant = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type Result = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];

/** A neutral request as an AI SDK model takes it. The SDK's own provider says in its warnings what it can't pass on. */
export function callOptions(request: Request, abortSignal: AbortSignal): LanguageModelV4CallOptions {
  const { sampling, output, reasoning } = request;
  const tools = request.tools.flatMap((tool) => (tool.type === 'server' ? [] : [asFunction(tool)]));
  return {
    prompt: prompt(request),
    abortSignal,
    ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { topP: sampling.topP }),
    ...(sampling.topK !== undefined && { topK: sampling.topK }),
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
    ...(sampling.presencePenalty !== undefined && { presencePenalty: sampling.presencePenalty }),
    ...(sampling.frequencyPenalty !== undefined && { frequencyPenalty: sampling.frequencyPenalty }),
    ...(request.stop.length > 0 && { stopSequences: request.stop }),
    ...(output.type === 'json' && { responseFormat: { type: 'json' as const } }),
    ...(output.type === 'json-schema' && {
      responseFormat: {
        type: 'json' as const,
        schema: output.schema,
        name: output.name,
        ...(output.description !== undefined && { description: output.description }),
      },
    }),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({
        type: 'function' as const,
        name: tool.name,
        ...(tool.description !== undefined && { description: tool.description }),
        inputSchema: tool.parameters,
        ...(tool.strict !== undefined && { strict: tool.strict }),
      })),
      ...(request.toolChoice && { toolChoice: toolChoice(request.toolChoice) }),
    }),
    ...(reasoning?.effort !== undefined && { reasoning: reasoning.effort }),
  };
}

function toolChoice(choice: ToolChoice): NonNullable<LanguageModelV4CallOptions['toolChoice']> {
  return choice.type === 'tool' ? { type: 'tool', toolName: flatName(choice) } : { type: choice.type };
}

function prompt(request: Request): LanguageModelV4Message[] {
  const names = new Map<string, string>();
  const messages: LanguageModelV4Message[] = [];
  const system = request.system.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
  if (system !== '') messages.push({ role: 'system', content: system });
  for (const message of request.messages) messages.push(...spoken(message, names));
  return messages;
}

function spoken(message: Message, names: Map<string, string>): LanguageModelV4Message[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n') }];
    case 'assistant': {
      const content = message.parts.flatMap((part) => assistantPart(part, names));
      return content.length > 0 ? [{ role: 'assistant', content }] : [];
    }
    case 'user': {
      const results = message.parts.flatMap((part) => (part.type === 'tool-result' ? [resultPart(part, names)] : []));
      const content = message.parts.flatMap(userPart);
      return [
        ...(results.length > 0 ? [{ role: 'tool' as const, content: results }] : []),
        ...(content.length > 0 ? [{ role: 'user' as const, content }] : []),
      ];
    }
  }
}

/** Reasoning stays with its maker, and what only one dialect knows stays there too. */
function assistantPart(part: Part, names: Map<string, string>): Assistant[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'tool-call': {
      const toolName = flatName(part);
      names.set(part.id, toolName);
      return [
        { type: 'tool-call', toolCallId: part.id, toolName, input: parseObject(part.arguments || '{}') ?? { arguments: part.arguments } },
      ];
    }
    default:
      return [];
  }
}

function userPart(part: Part): User[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
    case 'document':
    case 'audio':
      return file(part);
    default:
      return [];
  }
}

/** Media types for sources that do not say theirs: the SDK takes the kind alone. */
const KINDS = { image: 'image/*', document: 'application/pdf', audio: 'audio/*' } as const;

function file(part: ImagePart | DocumentPart | AudioPart): User[] {
  const { source } = part;
  const filename = part.type === 'document' && part.title !== undefined ? { filename: part.title } : {};
  switch (source.type) {
    case 'base64':
      return [{ type: 'file', mediaType: source.mediaType, data: { type: 'data', data: source.data }, ...filename }];
    case 'url':
      return [{ type: 'file', mediaType: KINDS[part.type], data: { type: 'url', url: new URL(source.url) }, ...filename }];
    case 'text':
      return [{ type: 'text', text: source.text }];
    case 'file':
      return [];
  }
}

function resultPart(part: ToolResultPart, names: ReadonlyMap<string, string>): Result {
  const text = part.content.flatMap((inner) => (inner.type === 'text' ? [inner.text] : [])).join('\n');
  const files = part.content.flatMap((inner) => (inner.type === 'image' || inner.type === 'document' ? file(inner) : []));
  const head = { type: 'tool-result' as const, toolCallId: part.callId, toolName: names.get(part.callId) ?? part.callId };
  if (part.isError) return { ...head, output: { type: 'error-text', value: text } };
  if (files.length === 0) return { ...head, output: { type: 'text', value: text } };
  const value = [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...files];
  return { ...head, output: { type: 'content', value } };
}
