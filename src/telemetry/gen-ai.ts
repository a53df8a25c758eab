import type { DialectName } from '../exchange/dialect-name.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Target } from '../exchange/target.ts';

// Names and values of OpenTelemetry's GenAI conventions, as of November 2026 (status: development):
// https://github.com/open-telemetry/semantic-conventions-genai/tree/main/docs/gen-ai (until v1.41 in semantic-conventions/docs/gen-ai).

/** Seconds; the boundaries that the conventions ask for. */
export const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
export const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

/** Providers by the name of their preset. Any other is called as the configuration calls it, which the conventions allow. */
const PROVIDERS: readonly [preset: RegExp, name: string][] = [
  [/^google$/, 'gcp.gemini'],
  [/^vertex/, 'gcp.vertex_ai'],
  [/^bedrock/, 'aws.bedrock'],
  [/^azure$/, 'azure.ai.openai'],
  [/^azure-/, 'azure.ai.inference'],
  [/^chatgpt$/, 'openai'],
  [/^mistral$/, 'mistral_ai'],
  [/^moonshot$/, 'moonshot_ai'],
  [/^xai$/, 'x_ai'],
];

/** `gen_ai.provider.name`. */
export function providerName({ provider }: Pick<Target, 'provider'>): string {
  return PROVIDERS.find(([preset]) => preset.test(provider))?.[1] ?? provider;
}

/** `gen_ai.operation.name`: all dialects chat; Gemini calls it its own way, and the conventions with it. */
export function operationName(dialect: DialectName): 'chat' | 'generate_content' {
  return dialect === 'gemini' ? 'generate_content' : 'chat';
}

/** `error.type`: few different values. The status where there was one, else how it showed. */
export function errorType({ status, symptom }: Pick<Fault, 'status' | 'symptom'>): string {
  return status !== undefined && status >= 400 ? String(status) : symptom.replaceAll('-', '_');
}

/** `server.address` and `server.port` of a base URL. */
export function serverOf(baseUrl: string | undefined): { address: string; port: number } | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const { hostname, port, protocol } = new URL(baseUrl);
  return { address: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
}
