import type { DialectName } from '../exchange/dialect-name.ts';
import type { Provider } from './provider.ts';

/** What a client shows of its own: nothing, a key that its user may use as they like, or the login of a subscription. */
export type ClientCredential = 'none' | 'key' | 'subscription';

/** Who asks, as far as it decides whether a subscription's login may go along. */
export interface AskingClient {
  credential: ClientCredential;
  /** As the client says it: `claude-cli/2.1.330 (external, cli)`. */
  userAgent?: string;
  /** The request came from this machine, and the server listens to nobody else. */
  alone: boolean;
}

/** Where the login of a Claude plan may go. */
export const CLAUDE_API = 'https://api.anthropic.com';
/** What Anthropic says about it. */
export const CLAUDE_TERMS = 'https://code.claude.com/docs/en/legal-and-compliance';

const CREDENTIALS = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']);
/** Claude's plans, also from `claude setup-token`: seen from Claude Code 2.1.330. API keys begin with `sk-ant-api`. */
export const CLAUDE_PLAN = /^sk-ant-oat/;
/** A token that says who it is for; OpenAI's API keys begin with `sk-`. */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
/** Codex and others that are signed in with ChatGPT send it beside their token. */
const CHATGPT_ACCOUNT = 'chatgpt-account-id';
/** Claude Code says of itself what started it; `sdk-ts` and `sdk-py` are programs of others that have it inside (2.1.330). */
const CLAUDE_CODE = /^claude-cli\/\d(?!.*\b(?:agent-sdk|sdk-ts|sdk-py)\b)/;

/** Shown to Understudy by a client that insists on a key where none is needed: it is nobody's, and opens nothing. */
export const STAND_IN = 'understudy';

/** Names of headers in lower case. */
export function clientCredential(headers: readonly (readonly [name: string, value: string])[]): ClientCredential {
  const shown = headers.filter(([name]) => CREDENTIALS.has(name)).map(([, value]) => value.replace(/^\s*bearer\s+/i, '').trim());
  if (shown.some((value) => CLAUDE_PLAN.test(value))) return 'subscription';
  if (headers.some(([name]) => name === CHATGPT_ACCOUNT) && shown.some((value) => JWT.test(value))) return 'subscription';
  return shown.some((value) => value !== '' && value !== STAND_IN) ? 'key' : 'none';
}

/** Why the login of a client's subscription does not go along to this provider, in words; nothing where it does. */
export function passThroughRefusal(provider: Provider, client: AskingClient, claudeApi: string): string | undefined {
  if (provider.credential.type !== 'client' || provider.credential.subscription !== 'pass-through')
    return `a subscription's login is left alone, and no key is configured for ${provider.name}`;
  const login = "a Claude plan's login goes along only";
  if (!CLAUDE_CODE.test(client.userAgent ?? '')) return `${login} with Claude Code itself, started by its user`;
  if (!client.alone) return `${login} from this machine, and only while nobody else can reach the server (server.host: 127.0.0.1)`;
  if (provider.baseUrl !== claudeApi) return `${login} to ${claudeApi}`;
  if (Object.keys(provider.headers).length > 0)
    return `${login} in requests as they came, and providers.${provider.name}.headers would add to them`;
  return undefined;
}

/** What the user of a subscription can do. */
export function subscriptionAdvice(dialect: DialectName): string {
  const claude = dialect === 'anthropic-messages';
  const [plan, key, cli, signIn] = claude
    ? ['Claude plan', 'ANTHROPIC_API_KEY', 'claude', `understudy login claude-code (shows Anthropic's terms first: ${CLAUDE_TERMS})`]
    : ['ChatGPT plan', 'OPENAI_API_KEY', 'codex', "understudy login chatgpt (OpenAI's sign-in for programs of this kind)"];
  return (
    `The client shows the login of a ${plan}, which Understudy leaves alone. Choose one: ` +
    `use an API key (export ${key}=…); start the CLI without Understudy (understudy run --direct ${cli}); or ${signIn}`
  );
}
