import type { Paint } from './terminal.ts';

/** What to type to point a client at a running Understudy. */
export function pointers(address: string, paint: Paint): string[] {
  const command = (text: string): string => paint.accent(text);
  return [
    'Point your tools at it:',
    `  Claude Code      ${command(`ANTHROPIC_BASE_URL=${address} claude`)}`,
    `  Anthropic SDKs   ${command(`export ANTHROPIC_BASE_URL=${address}`)}`,
    `  OpenAI SDKs      ${command(`export OPENAI_BASE_URL=${address}/v1`)}`,
  ];
}

/** A request that needs no key: the simulated assistants are always there. */
export function tryOut(address: string, paint: Paint): string[] {
  return [
    'Try it without a key (sim/* are simulated assistants; they say so):',
    `  ${paint.accent(`curl -N ${address}/v1/messages -H 'content-type: application/json' \\`)}`,
    `  ${paint.accent(`  -d '{"model":"sim/claude","max_tokens":500,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'`)}`,
  ];
}
