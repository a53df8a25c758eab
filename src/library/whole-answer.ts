import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4ResponseMetadata,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';

/** A stream's parts put together, as `doGenerate` tells them. Rejects with the error that the stream tells of. */
export async function wholeAnswer(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  headers: Record<string, string>,
): Promise<LanguageModelV4GenerateResult> {
  const content: LanguageModelV4Content[] = [];
  /** Texts and reasoning that have begun, by kind and id. */
  const open = new Map<string, Extract<LanguageModelV4Content, { type: 'text' | 'reasoning' }>>();
  const warnings: SharedV4Warning[] = [];
  const response: LanguageModelV4ResponseMetadata = {};
  let finish: Extract<LanguageModelV4StreamPart, { type: 'finish' }> | undefined;

  function note(key: string, providerMetadata: SharedV4ProviderMetadata | undefined): void {
    const part = open.get(key);
    if (part && providerMetadata) part.providerMetadata = providerMetadata;
  }

  for await (const part of stream) {
    switch (part.type) {
      case 'stream-start':
        warnings.push(...part.warnings);
        break;
      case 'response-metadata': {
        const { type: _, ...metadata } = part;
        Object.assign(response, metadata);
        break;
      }
      case 'text-start':
      case 'reasoning-start': {
        const type = part.type === 'text-start' ? 'text' : 'reasoning';
        const begun = { type, text: '' } as const;
        content.push({ ...begun });
        open.set(`${type} ${part.id}`, content.at(-1) as typeof begun & { text: string });
        note(`${type} ${part.id}`, part.providerMetadata);
        break;
      }
      case 'text-delta':
      case 'reasoning-delta': {
        const key = `${part.type === 'text-delta' ? 'text' : 'reasoning'} ${part.id}`;
        const begun = open.get(key);
        if (begun) begun.text += part.delta;
        note(key, part.providerMetadata);
        break;
      }
      case 'text-end': {
        const begun = open.get(`text ${part.id}`);
        if (begun?.type === 'text' && part.citations) begun.citations = part.citations;
        note(`text ${part.id}`, part.providerMetadata);
        break;
      }
      case 'reasoning-end':
        note(`reasoning ${part.id}`, part.providerMetadata);
        break;
      case 'finish':
        finish = part;
        break;
      case 'error':
        throw part.error;
      case 'tool-input-start':
      case 'tool-input-delta':
      case 'tool-input-end':
      case 'ping':
      case 'raw':
        break;
      case 'tool-call':
      case 'tool-result':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'source':
      case 'custom':
        content.push(part);
        break;
    }
  }
  if (!finish) throw new Error('the answer ended without a finish');
  const { finishReason, usage, providerMetadata } = finish;
  return { content, finishReason, usage, warnings, response: { ...response, headers }, ...(providerMetadata && { providerMetadata }) };
}
