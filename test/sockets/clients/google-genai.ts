import { ApiError, type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { callsTools, PROMPTS, thinks, TOOLS } from '../../matrix/question.ts';
import { type Asking, MAX_TOKENS, raised, SCHEMA, schemaOf, THINKING_BUDGET, type View } from './view.ts';

/** Asks with `@google/genai`. Never rejects. */
export async function askGoogle(asking: Asking): Promise<View> {
  const { address, key, headers, fetch, model, content, stream, signal } = asking;
  const client = new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions: { baseUrl: address, headers, fetch } });
  const schema = schemaOf(content);
  const question = {
    model,
    contents: PROMPTS[content],
    config: {
      abortSignal: signal,
      maxOutputTokens: MAX_TOKENS,
      ...(callsTools(content) && {
        tools: [{ functionDeclarations: TOOLS.map((name) => ({ name, description: `Tool ${name}`, parametersJsonSchema: SCHEMA })) }],
      }),
      ...(thinks(content) && { thinkingConfig: { includeThoughts: true, thinkingBudget: THINKING_BUDGET } }),
      ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
    },
  };
  const view: View = { type: 'answer', text: '', calls: [], stop: undefined };
  try {
    if (stream) for await (const chunk of await client.models.generateContentStream(question)) add(view, chunk);
    else add(view, await client.models.generateContent(question));
    return view;
  } catch (error) {
    return raised(error, error instanceof ApiError);
  }
}

function add(view: Extract<View, { type: 'answer' }>, { candidates, promptFeedback }: GenerateContentResponse): void {
  const candidate = candidates?.[0];
  for (const { text, thought, functionCall } of candidate?.content?.parts ?? []) {
    if (functionCall)
      view.calls.push({ id: functionCall.id, name: functionCall.name ?? '', arguments: JSON.stringify(functionCall.args ?? {}) });
    else if (thought !== true) view.text += text ?? '';
  }
  view.stop = candidate?.finishReason ?? promptFeedback?.blockReason ?? view.stop;
}
