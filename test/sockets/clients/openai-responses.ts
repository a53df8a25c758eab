import OpenAI, { APIError } from 'openai';
import { callsTools, PROMPTS, thinks, TOOLS } from '../../matrix/question.ts';
import { type Asking, raised, SCHEMA, schemaOf, type View } from './view.ts';

/** Asks with `openai`, responses; they are kept, as they are by default. Never rejects. */
export async function askResponses(asking: Asking): Promise<View> {
  const { address, key, headers, fetch, model, content, stream, signal } = asking;
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0, defaultHeaders: headers, fetch });
  const schema = schemaOf(content);
  const question = {
    model,
    input: PROMPTS[content],
    ...(callsTools(content) && {
      tools: TOOLS.map((name) => ({
        type: 'function' as const,
        name,
        description: `Tool ${name}`,
        parameters: { ...SCHEMA },
        strict: false,
      })),
    }),
    ...(thinks(content) && { reasoning: { effort: 'medium' as const, summary: 'auto' as const } }),
    ...(schema && { text: { format: { type: 'json_schema' as const, name: 'sea', schema, strict: true } } }),
  };
  // The client hands a failed response on like any other event and says of the end of the connection only that it ended.
  const seen: { failed?: OpenAI.Responses.ResponseError | null } = {};
  const ask = (): Promise<OpenAI.Responses.Response> =>
    client.responses
      .stream(question, { signal })
      .on('response.failed', ({ response }) => void (seen.failed = response.error))
      .finalResponse();
  try {
    const response = stream ? await ask() : await client.responses.create(question, { signal });
    if (response.status === 'failed') return saidFailed(response.error);
    return {
      type: 'answer',
      text: response.output_text,
      calls: response.output.flatMap((item) =>
        item.type === 'function_call' ? [{ id: item.call_id, name: item.name, arguments: item.arguments }] : [],
      ),
      stop: response.incomplete_details?.reason ?? response.status,
    };
  } catch (error) {
    if (seen.failed !== undefined) return saidFailed(seen.failed);
    return raised(error, error instanceof APIError);
  }
}

function saidFailed(error: OpenAI.Responses.ResponseError | null): View {
  return { type: 'raised', kind: 'failed response', message: error?.message ?? '', known: error !== null };
}
