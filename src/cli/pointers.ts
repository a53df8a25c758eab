import type { Paint } from './terminal.ts';

/** What to type to point a client at a running Understudy. `guarded`: it wants its access token, which is named here and not shown. */
export function pointers(address: string, guarded: boolean, paint: Paint): string[] {
  const set = (name: string): string => (guarded ? ` ${name}='<server.token>'` : '');
  const command = (text: string): string => paint.accent(text);
  return [
    guarded ? 'Point your tools at it, with the server.token of your configuration as their key:' : 'Point your tools at it:',
    `  Coding CLIs      ${command('understudy run claude')} (or codex, gemini, opencode, …)`,
    `  Claude Code      ${command(`ANTHROPIC_BASE_URL=${address}${set('ANTHROPIC_API_KEY')} claude`)}`,
    `  Anthropic SDKs   ${command(`export ANTHROPIC_BASE_URL=${address}${set('ANTHROPIC_API_KEY')}`)}`,
    `  OpenAI SDKs      ${command(`export OPENAI_BASE_URL=${address}/v1${set('OPENAI_API_KEY')}`)}`,
  ];
}

/** A request that needs no key: the simulated assistants are always there. */
export function tryOut(address: string, guarded: boolean, paint: Paint): string[] {
  return [
    'Try it without a key (sim/* are simulated assistants; they say so):',
    `  ${paint.accent(`curl -N ${address}/v1/messages \\`)}`,
    `  ${paint.accent(`  -H 'content-type: application/json' \\`)}`,
    ...(guarded ? [`  ${paint.accent(`  -H 'x-understudy-token: <server.token>' \\`)}`] : []),
    `  ${paint.accent(`  -d '{"model":"sim/claude","max_tokens":500,"stream":true,`)}`,
    `  ${paint.accent(`       "messages":[{"role":"user","content":"Hello"}]}'`)}`,
  ];
}
