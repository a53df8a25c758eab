import OpenAI, { APIError } from 'openai';
import { callsTools, PROMPTS, thinks, TOOLS } from '../../matrix/question.ts';
import { type Asking, raised, SCHEMA, schemaOf, type View } from './view.ts';

/** Asks with `openai`, chat completions. Never rejects. */
export async function askOpenai(asking: Asking): Promise<View> {
  const { address, key, headers, fetch, model, content, stream, signal } = asking;
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0, defaultHeaders: headers, fetch });
  const schema = schemaOf(content);
  const question = {
    model,
    messages: [{ role: 'user' as const, content: PROMPTS[content] }],
    ...(callsTools(content) && {
      tools: TOOLS.map((name) => ({ type: 'function' as const, function: { name, description: `Tool ${name}`, parameters: SCHEMA } })),
    }),
    ...(thinks(content) && { reasoning_effort: 'medium' as const }),
    ...(schema && { response_format: { type: 'json_schema' as const, json_schema: { name: 'sea', schema, strict: true } } }),
  };
  let said = '';
  try {
    const completion = stream
      ? await client.chat.completions
          .stream(question, { signal })
          .on('content', (_delta, snapshot) => void (said = snapshot))
          .finalChatCompletion()
      : await client.chat.completions.create(question, { signal });
    const choice = completion.choices[0];
    return {
      type: 'answer',
      text: choice?.message.content ?? '',
      calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }] : [],
      ),
      stop: choice?.finish_reason ?? undefined,
    };
  } catch (error) {
    // An answer all the same, to its end: one that is not the JSON that was asked for.
    if (error instanceof Error && error.message.includes('invalid structured output JSON'))
      return { type: 'answer', text: said, calls: [], stop: 'unread' };
    return raised(error, error instanceof APIError);
  }
}
