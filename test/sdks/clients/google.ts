import type { Content, FunctionDeclaration, GenerateContentResponse, GoogleGenAI as GoogleGenAIType } from '@google/genai';
import { type Client, MOST_ROUNDS, tooManyRounds } from './client.ts';

/** `@google/genai`, whichever major: they share this part of their API, and differ in the path that they call (`/v1`, `/v1beta`). */
export function google(GoogleGenAI: typeof GoogleGenAIType): Client {
  return async ({ address, key, model, prompt, stream, tool, schema }) => {
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: address } });
    const contents: Content[] = [{ role: 'user', parts: [{ text: prompt }] }];
    const declarations: FunctionDeclaration[] = tool
      ? [{ name: tool.name, description: tool.description, parametersJsonSchema: tool.schema }]
      : [];
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const question = {
        model,
        contents,
        config: {
          ...(tool && { tools: [{ functionDeclarations: declarations }] }),
          ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
        },
      };
      const chunks: GenerateContentResponse[] = [];
      if (stream) for await (const chunk of await client.models.generateContentStream(question)) chunks.push(chunk);
      else chunks.push(await client.models.generateContent(question));
      const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
      const calls = parts.flatMap((part) => (part.functionCall ? [part.functionCall] : []));
      if (calls.length === 0 || !tool) {
        const text = parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
        return { text, stop: chunks.at(-1)?.candidates?.[0]?.finishReason };
      }
      contents.push(
        { role: 'model', parts },
        {
          role: 'user',
          parts: calls.map(({ id, name, args }) => ({
            functionResponse: { ...(id !== undefined && { id }), name: name ?? '', response: { output: tool.run(args) } },
          })),
        },
      );
    }
    throw tooManyRounds();
  };
}
