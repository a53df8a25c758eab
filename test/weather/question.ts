/** What every contender asks: a streamed message of Anthropic's dialect. */
export function questionFor(model: string, prompt: string): { path: string; headers: [string, string][]; body: Buffer } {
  const body = { model, max_tokens: 4000, stream: true, messages: [{ role: 'user', content: prompt }] };
  return {
    path: '/v1/messages',
    headers: [
      ['content-type', 'application/json'],
      ['anthropic-version', '2023-06-01'],
      ['x-api-key', 'k'],
    ],
    body: Buffer.from(JSON.stringify(body)),
  };
}
