import { findRoute, parseRoute } from '../../failover/route.ts';
import { turnCost } from '../../failover/cost.ts';
import { type Backup, backupsFor, candidates } from '../../providers/backups.ts';
import { findPreset } from '../../providers/catalogue.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import type { FirstConfig } from '../../config/write.ts';
import type { Loaded } from '../../config/load.ts';
import type { Client } from '../clients/client.ts';
import { CLIENTS } from '../clients/clients.ts';
import type { Surroundings } from '../deps.ts';
import { findProgram } from '../../watch/alerts/find-program.ts';
import { offeredKeys } from '../offered-keys.ts';
import type { StandInService } from './local-models.ts';

/** Someone who can answer the next turn, and what that would cost. */
export interface StandIn {
  /** `openai/gpt-5.6`. */
  target: string;
  /** Who receives the text, in words. */
  receiver: string;
  /** Dollars for one turn of this session's length, nothing cached; absent: not known. */
  dollars?: number;
}

/** A way on. In the order in which they are offered. */
export type Way =
  /** The same session in the same CLI, with Understudy in front. `config`: of a temporary one, where nothing is configured. */
  | { type: 'resume'; client: Client; standIns: StandIn[]; config?: FirstConfig }
  /** Another CLI that is installed, by itself, with a hand-over. `login`: what it answers with. */
  | { type: 'hand-over'; client: Client; login: string }
  | { type: 'chat'; to: 'chatgpt' | 'claude.ai' | 'gemini.google.com' };

export interface Scene {
  /** Of the session that is to go on; absent: its CLI is not known here. */
  client: Client | undefined;
  /** That was answering. */
  model: string | undefined;
  /** Tokens that a turn reads. */
  tokens: number;
  loaded: Loaded;
  local: readonly StandInService[];
  surroundings: Surroundings;
  read(path: string): string | undefined;
}

/** Everything that can carry on here and now, best first: the same session, another CLI, a web chat. */
export function waysOn(scene: Scene): Way[] {
  const { client, surroundings } = scene;
  const isInstalled = (each: Client): boolean => findProgram(each.programs, surroundings.environment, surroundings.platform) !== undefined;
  const resumed = client && isInstalled(client) ? resumeWay(client, scene) : undefined;
  const others = CLIENTS.filter((each) => each !== client && isInstalled(each)).flatMap((each): Way[] => {
    const login = loginOf(each, scene);
    return login === undefined ? [] : [{ type: 'hand-over', client: each, login }];
  });
  const vendor = client?.vendor;
  const chats = [
    { vendor: 'openai', to: 'chatgpt' as const },
    { vendor: 'google', to: 'gemini.google.com' as const },
    { vendor: 'anthropic', to: 'claude.ai' as const },
  ].filter((chat) => chat.vendor !== vendor);
  return [...(resumed ? [resumed] : []), ...others, ...chats.map(({ to }): Way => ({ type: 'chat', to }))];
}

function resumeWay(client: Client, scene: Scene): Way | undefined {
  const model = scene.model ?? client.usualModel;
  const { loaded, tokens } = scene;
  const { settings } = loaded;
  if (Object.keys(settings.routes).length > 0) {
    const routes = new Map(Object.entries(settings.routes).map(([name, route]) => [name, parseRoute(name, route)]));
    const providers = loaded.resolved.providers;
    const targets = findRoute(routes, model, (name) => providers.some((each) => each.name === name))?.targets ?? [];
    const standIns = targets.flatMap(({ provider: name, model: wanted }): StandIn[] => {
      const provider = providers.find((each) => each.name === name);
      const asked = wanted === '*' ? model : wanted;
      // The lead is who can't go on; its sister model, or the same one in another house, may.
      if (!provider || (provider.vendor === client.vendor && asked === model)) return [];
      return [standIn(`${name}/${asked}`, name, provider.local, provider.facts(asked).price, tokens)];
    });
    return standIns.length === 0 ? undefined : { type: 'resume', client, standIns };
  }
  return temporary(client, model, scene);
}

/** From keys in the environment and models on this machine: nobody has agreed to anything yet, so who receives what is asked first. */
function temporary(client: Client, model: string, { surroundings, local, tokens }: Scene): Way | undefined {
  const keys = offeredKeys(surroundings.environment);
  const services = Object.fromEntries([
    ...keys.map((key) => [key.provider, {}] as const),
    ...local.map((service) => [service.provider, settingsOf(service)] as const),
  ]);
  const resolved = resolveProviders(services, surroundings);
  if (!resolved.ok) return undefined;
  const choices = candidates(resolved.value.providers);
  const backups = backupsFor(model, choices);
  const isLead = ({ kind }: Backup): boolean => kind === 'lead';
  const others = backups.filter((backup) => !isLead(backup));
  if (others.length === 0) return undefined;
  const hasLeadKey = keys.some(({ provider }) => findPreset(provider)?.vendor === client.vendor);
  const targets = [...backups.filter(isLead).slice(0, hasLeadKey ? 1 : 0), ...others].map(({ target }) => target).slice(0, MOST_TARGETS);
  return {
    type: 'resume',
    client,
    standIns: others
      .slice(0, MOST_TARGETS)
      .map(({ target, provider, price }) => standIn(target, provider, isLocal(provider), price, tokens)),
    config: {
      providers: [
        ...keys.map(({ provider, title, variable }) => ({
          name: provider,
          variable,
          note: `${title}. ${findPreset(provider)?.dataUse ?? ''}`,
        })),
        ...local.map((service) => ({ name: service.provider, ...settingsOf(service), note: `${service.title}, on this machine.` })),
      ],
      routes: { default: targets },
    },
  };
}

/** As in a proposal: more than these in a row only lengthens the wait of those who get an error anyway. */
const MOST_TARGETS = 4;

function settingsOf({ baseUrl, elsewhere, models }: StandInService): { models: string[]; baseUrl?: string; also?: Record<string, string> } {
  return { models: models.slice(0, 1), ...(elsewhere && { baseUrl, also: elsewhere }) };
}

function isLocal(provider: string): boolean {
  return findPreset(provider)?.local === true;
}

function standIn(
  target: string,
  provider: string,
  local: boolean,
  price: Parameters<typeof turnCost>[0] | undefined,
  tokens: number,
): StandIn {
  const title = findPreset(provider)?.title ?? provider;
  const dollars = local ? 0 : price && turnCost(price, tokens);
  return { target, receiver: local ? `${title}, on this machine` : title, ...(dollars !== undefined && { dollars }) };
}

/** Whether a CLI has something to answer with, by the files and variables that it reads itself; nothing of them is shown or used. */
function loginOf(client: Client, { surroundings, read }: Scene): string | undefined {
  const { environment } = surroundings;
  const home = environment['HOME'] ?? surroundings.home;
  const key = client.keyVariables.find((name) => (environment[name] ?? '').trim() !== '');
  if (key !== undefined) return `your key in ${key}`;
  const signedIn = (LOGIN_FILES[client.name] ?? []).some(({ variable, path, says }) => {
    const text = read([(variable && environment[variable]) || home, ...path.slice(variable && environment[variable] ? 1 : 0)].join('/'));
    return text !== undefined && says.test(text);
  });
  return signedIn ? (client.login ?? 'its own login') : undefined;
}

/** Where CLIs note that somebody is signed in. The first step of `path` falls away where `variable` names the folder itself. */
const LOGIN_FILES: Record<string, readonly { variable?: string; path: string[]; says: RegExp }[]> = {
  claude: [
    { path: ['.claude.json'], says: /"oauthAccount"|"primaryApiKey"/ },
    { variable: 'CLAUDE_CONFIG_DIR', path: ['.claude', '.credentials.json'], says: /"accessToken"/ },
  ],
  codex: [{ variable: 'CODEX_HOME', path: ['.codex', 'auth.json'], says: /"tokens"\s*:\s*\{|"OPENAI_API_KEY"\s*:\s*"/ }],
  gemini: [
    { path: ['.gemini', 'oauth_creds.json'], says: /"refresh_token"/ },
    { path: ['.gemini', '.env'], says: /GEMINI_API_KEY=./ },
  ],
  qwen: [{ path: ['.qwen', 'oauth_creds.json'], says: /"refresh_token"|"access_token"/ }],
  opencode: [{ path: ['.local', 'share', 'opencode', 'auth.json'], says: /"(?:key|refresh)"\s*:\s*"/ }],
  copilot: [{ path: ['.copilot', 'config.json'], says: /"(?:logged_in_users|last_logged_in_user|loggedInUsers)"/ }],
  pi: [{ path: ['.pi', 'agent', 'auth.json'], says: /"type"/ }],
};
