import type { IncomingHttpHeaders } from 'node:http';
import type { StatusReport } from './ports.ts';

/** What there is, for people: shown on `GET /` and to who asks for what is not there. */
export const PLACES: readonly { methods: string; path: string; what: string }[] = [
  { methods: 'POST', path: '/v1/messages', what: 'Anthropic Messages' },
  { methods: 'POST', path: '/v1/messages/count_tokens', what: 'Anthropic token counting' },
  { methods: 'POST', path: '/v1/chat/completions', what: 'OpenAI Chat Completions' },
  { methods: 'POST', path: '/v1/responses', what: 'OpenAI Responses' },
  { methods: 'GET', path: '/v1/responses/{id}', what: 'one of them, also while it is under way; POST …/cancel' },
  { methods: 'GET', path: '/v1/responses/{id}/input_items', what: 'what was asked' },
  { methods: 'POST', path: '/v1/responses/input_tokens', what: 'OpenAI token counting' },
  { methods: 'POST', path: '/v1beta/models/{model}:generateContent', what: 'Gemini; also :streamGenerateContent, :countTokens and /v1' },
  { methods: 'GET', path: '/v1/models', what: 'models, in the shape of the dialect that asks; also /v1beta' },
  { methods: 'GET', path: '/api/status', what: 'how things stand' },
  { methods: 'GET', path: '/api/exchanges', what: 'what was asked and answered' },
  { methods: 'GET', path: '/api/exchanges/{id}', what: 'one of them: attempts, outcome, text' },
  { methods: 'GET', path: '/api/exchanges/{id}/events', what: 'its events, as they happen' },
  { methods: 'GET', path: '/api/exchanges/{id}/answer', what: 'its answer, as the one who asked got it' },
  { methods: 'POST', path: '/api/exchanges/{id}/run', what: 'asks again what nobody could answer' },
  { methods: 'POST', path: '/api/exchanges/{id}/cancel', what: 'gives it up' },
  { methods: 'GET', path: '/api/queue', what: 'requests that wait for somebody to answer' },
  { methods: 'POST', path: '/api/queue', what: 'keeps one of a file of requests' },
  { methods: 'GET', path: '/api/queue/{id}', what: 'one of them, and its place in the line' },
  { methods: 'POST', path: '/api/queue/{id}', what: 'another priority or deadline for it' },
  { methods: 'POST', path: '/api/queue/{id}/cancel', what: 'gives it up' },
  { methods: 'POST', path: '/api/queue/wake', what: 'asks what waits without its pause' },
  { methods: 'GET', path: '/api/conversations', what: 'the archive: conversations, last changed first' },
  { methods: 'GET', path: '/api/conversations/{id}', what: 'one of them, with all that was said' },
  { methods: 'GET', path: '/api/search', what: 'full text over the archive' },
  { methods: 'GET', path: '/api/offline', what: 'what lies on this machine for a question: ?q=…' },
  { methods: 'GET', path: '/api/drills', what: 'drills on your own routes' },
  { methods: 'POST', path: '/api/drills/plan', what: 'what one would ask of whom, and what it may cost' },
  { methods: 'POST', path: '/api/drills', what: 'starts one' },
  { methods: 'GET', path: '/api/drills/{id}', what: 'what came out' },
  { methods: 'GET', path: '/api/drills/{id}/report', what: 'the same as a page' },
  { methods: 'POST', path: '/api/drills/{id}/stop', what: 'stops one' },
  { methods: 'POST', path: '/api/local/look', what: 'looks for model services on this machine' },
  { methods: 'GET', path: '/api/runbooks', what: 'what to do when something is down' },
  { methods: 'GET', path: '/api/runbooks/{name}', what: 'one of them, with its ticks' },
  { methods: 'POST', path: '/api/runbooks/{name}/tick', what: 'ticks an item: {"item": 1}' },
  { methods: 'GET', path: '/api/board', what: 'how each product stands, and why that is thought' },
  { methods: 'GET', path: '/api/check', what: 'can critical work start now?' },
  { methods: 'GET', path: '/api/grades', what: 'how early and honest each status page was' },
  { methods: 'POST', path: '/api/reports', what: 'what you have to say of a product: {"product", "symptom"}' },
  { methods: 'GET', path: '/api/alerts', what: 'who was told of what, and what was sent where' },
  { methods: 'POST', path: '/api/alerts/test', what: 'a test of a channel: {"channel"}' },
  { methods: 'POST', path: '/api/alerts/answer', what: 'is it failing for you? {"id", "failing"}' },
  { methods: 'GET', path: '/api/incidents', what: 'incidents and planned work, newest first' },
  { methods: 'POST', path: '/api/incidents', what: 'one that you write: {"title", "products", "text"}' },
  { methods: 'GET', path: '/api/incidents/{id}', what: 'one of them, with its updates' },
  { methods: 'POST', path: '/api/incidents/{id}/updates', what: 'another update: {"text", "phase"}' },
  { methods: 'GET', path: '/api/local', what: 'model services on this machine; POST …/look looks now' },
  { methods: 'GET', path: '/api/events', what: 'what happens, as it happens' },
  { methods: 'GET', path: '/api/config', what: 'the settings in force, secrets hidden' },
  { methods: 'GET', path: '/api/openapi.json', what: 'the control API, described' },
  { methods: 'POST', path: '/mcp', what: 'the archive for assistants, by the Model Context Protocol' },
  { methods: 'GET', path: '/report', what: 'a button for «it fails for me»; shows first what would be sent' },
  { methods: 'GET', path: '/status/', what: 'a status page for people; with feeds, badges and Statuspage’s JSON' },
  { methods: 'GET', path: '/metrics', what: 'figures for Prometheus' },
  { methods: 'GET', path: '/healthz', what: 'whether the server is up' },
];

/** `GET /`: what this is and what to point at it; as a page for browsers, else as text. */
export function welcome(headers: IncomingHttpHeaders, status: StatusReport): { contentType: string; body: string } {
  const text = welcomeText(status);
  if (!headers.accept?.includes('text/html')) return { contentType: 'text/plain; charset=utf-8', body: text };
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Understudy</title>
<style>:root{color-scheme:light dark}body{margin:3rem auto;max-width:46rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}pre{white-space:pre-wrap;font:0.95rem/1.5 ui-monospace,monospace}</style>
<h1>Understudy</h1>
<pre>${escapeHtml(text)}</pre>
</html>
`;
  return { contentType: 'text/html; charset=utf-8', body: page };
}

function welcomeText(status: StatusReport): string {
  const lines = [
    `Understudy ${status.version}: when your AI assistant can't go on, another one finishes the line.`,
    '',
    'Point your clients at it:',
    `  Claude Code, Anthropic SDKs   ANTHROPIC_BASE_URL=${status.address}`,
    `  OpenAI SDKs                   OPENAI_BASE_URL=${status.address}/v1`,
    `  Gemini CLI, Google's SDKs     GOOGLE_GEMINI_BASE_URL=${status.address}`,
    '',
    'What is here:',
    ...PLACES.map(({ methods, path, what }) => `  ${methods.padEnd(5)} ${path.padEnd(38)} ${what}`),
    '',
    `Journal: ${status.journal.type === 'saving' ? `saving to ${status.data}` : `degraded, ${status.journal.reason}. ${status.journal.action}`}`,
    `Answers under way: ${status.running}`,
    ...status.notices.map((notice) => `Note: ${notice}`),
  ];
  return `${lines.join('\n')}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
