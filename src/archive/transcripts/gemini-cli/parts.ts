import type { ArchivedPart, ArchivedResult, FilePart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json } from '../../../exchange/json.ts';
import type { PendingFile } from '../book.ts';
import { fieldIn, known, objectIn, textIn } from '../fields.ts';

const PRODUCER = { dialect: 'gemini', vendor: 'google' } as const;

/** Gemini's `PartListUnion`: a string, a part, or a list of both. Qwen Code writes the same. */
export function readParts(content: Json | undefined): { parts: ArchivedPart[]; files: PendingFile[] } {
  const read: { parts: ArchivedPart[]; files: PendingFile[] } = { parts: [], files: [] };
  for (const part of Array.isArray(content) ? content : content === undefined || content === null ? [] : [content]) {
    const text = typeof part === 'string' ? part : textIn(part, 'text');
    const call = objectIn(part, 'functionCall');
    const answered = objectIn(part, 'functionResponse');
    const data = textIn(part, 'inlineData', 'data');
    const url = textIn(part, 'fileData', 'fileUri');
    if (text !== undefined) {
      if (text === '') continue;
      const signature = textIn(part, 'thoughtSignature');
      const isThought = isObject(part) && part['thought'] === true;
      read.parts.push(
        isThought ? { type: 'reasoning', text, ...known('signature', signature), producer: PRODUCER } : { type: 'text', text },
      );
    } else if (call) {
      const args = fieldIn(call, 'args');
      const name = textIn(call, 'name') ?? '';
      read.parts.push({
        type: 'tool-call',
        id: textIn(call, 'id') ?? name,
        name,
        arguments: args === undefined ? '' : JSON.stringify(args),
      });
    } else if (answered) read.parts.push(resultOf(answered));
    else if (data !== undefined) {
      const mediaType = textIn(part, 'inlineData', 'mimeType');
      const file: FilePart = {
        type: 'file',
        ...known('mediaType', mediaType),
        content: { type: 'missing', reason: 'its bytes were not kept' },
      };
      read.parts.push(file);
      read.files.push({ part: file, bytes: Buffer.from(data, 'base64'), ...known('mediaType', mediaType) });
    } else if (url !== undefined)
      read.parts.push({ type: 'file', ...known('mediaType', textIn(part, 'fileData', 'mimeType')), content: { type: 'link', url } });
    else read.parts.push({ type: 'opaque', producer: PRODUCER, value: part });
  }
  return read;
}

function resultOf(answered: Json): ArchivedResult {
  const response = objectIn(answered, 'response') ?? {};
  const output = fieldIn(response, 'output') ?? fieldIn(response, 'error');
  const content: ArchivedResult['content'] =
    typeof output === 'string' ? [{ type: 'text', text: output }] : [{ type: 'opaque', producer: PRODUCER, value: output ?? response }];
  return {
    type: 'tool-result',
    callId: textIn(answered, 'id') ?? textIn(answered, 'name') ?? '',
    content,
    isError: 'error' in response && !('output' in response),
  };
}

/** What a tool's result list holds, for a call by its id. */
export function readResults(result: Json | undefined, callId: string, failed: boolean): ArchivedResult[] {
  if (result === undefined || result === null) return [];
  const { parts } = readParts(typeof result === 'object' ? result : String(result));
  const results = parts.filter((part) => part.type === 'tool-result').map((part) => ({ ...part, callId, isError: part.isError || failed }));
  if (results.length > 0) return results;
  const content = parts.filter((part): part is ArchivedResult['content'][number] => ['text', 'file', 'opaque'].includes(part.type));
  return [{ type: 'tool-result', callId, content, isError: failed }];
}
