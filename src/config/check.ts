import { isIP } from 'node:net';
import { findPreset } from '../providers/catalogue.ts';
import { DESK } from '../providers/desk.ts';
import { EMBEDDED } from '../providers/embedded/settings.ts';
import { HERE } from '../failover/route.ts';
import { isLoopback } from '../providers/proxy-choice.ts';
import { nearest, presetLike } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';
import type { Settings } from './settings.ts';
import type { Source } from './source.ts';

/** What only shows when the settings are seen together: routes and the providers that they name, host and token. */
export function check(settings: Settings, source: Source): ConfigProblem[] {
  return [...routeProblems(settings, source), ...serverProblems(settings, source), ...accountProblems(settings, source)];
}

function routeProblems(settings: Settings, source: Source): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const names = Object.keys(settings.providers);
  for (const [pattern, route] of Object.entries(settings.routes)) {
    const short = Array.isArray((source.value as { routes?: Record<string, unknown> }).routes?.[pattern]);
    const target = (index: number): PropertyKey[] => ['routes', pattern, ...(short ? [] : ['targets']), index];
    const leads: string[] = [];
    route.targets.forEach((text, index) => {
      if (text === HERE) return;
      const provider = text.slice(0, text.indexOf('/'));
      if (provider === 'sim') {
        problems.push(
          source.problem(
            target(index),
            `«${text}» is a simulated assistant and never part of a real route`,
            'take it out; clients can ask for sim/… by name at any time',
          ),
        );
      } else if (provider === EMBEDDED && !names.includes(EMBEDDED)) {
        const model = text.slice(EMBEDDED.length + 1);
        if (Object.hasOwn(settings.local.embedded.models, model)) return void leads.push(provider);
        problems.push(
          source.problem(
            target(index),
            `«${text}» is no model of the embedded engine`,
            `understudy local install FILE.gguf --name ${model}, and then name it here`,
          ),
        );
      } else if (!names.includes(provider) && text !== OFFLINE_DESK) {
        problems.push(
          source.problem(target(index), `«${text}» leads to a provider that is not there: ${provider}`, unknownProvider(provider, names)),
        );
      } else if (names.includes(provider)) leads.push(provider);
    });
    for (const list of ['allow', 'never'] as const) {
      route[list]?.forEach((provider, index) => {
        if (names.includes(provider) || findPreset(provider) || FOUND_AT_PORT.test(provider) || provider === DESK || provider === EMBEDDED)
          return;
        problems.push(
          source.problem(['routes', pattern, list, index], `there is no provider «${provider}»`, unknownProvider(provider, names)),
        );
      });
    }
    const allowed = leads.filter((provider) => !route.never.includes(provider) && route.allow?.includes(provider) !== false);
    if (leads.length > 0 && allowed.length === 0 && !route.targets.includes(HERE)) {
      problems.push(
        source.problem(['routes', pattern], 'leads nowhere: allow and never leave it no target', 'change allow, never or targets', true),
      );
    }
  }
  return problems;
}

/** The offline desk, the last target of a route that has it. */
const OFFLINE_DESK = `${DESK}/desk`;

/** What a service on this machine is called that is at none of the usual ports. */
const FOUND_AT_PORT = /^local-\d+$/;

/** Accounts of one person that nobody else may use: terms of their vendors. */
function accountProblems({ server, providers }: Settings, source: Source): ConfigProblem[] {
  if (isLoopback(server.host.replace(/^\[|\]$/g, ''))) return [];
  return Object.entries(providers).flatMap(([name, { preset = name, subscription }]) => {
    const personal = findPreset(preset)?.signIn !== undefined;
    if (!personal && subscription === undefined) return [];
    const message = `${personal ? 'your own sign-in' : 'a plan’s login'} is for you alone, and this server listens on «${server.host}»`;
    const path: PropertyKey[] = ['providers', name, ...(personal ? [] : ['subscription'])];
    return [source.problem(path, message, 'set server.host to 127.0.0.1, or take this out', true)];
  });
}

function unknownProvider(name: string, names: readonly string[]): string {
  if (findPreset(name)) return `add it: providers: { ${name}: {} }`;
  const meant = nearest(name, names);
  const preset = presetLike(name);
  if (meant === undefined && preset !== undefined) return `did you mean «${preset}»? Then add it: providers: { ${preset}: {} }`;
  return meant === undefined ? `configured are: ${names.length === 0 ? 'none' : names.join(', ')}` : `did you mean «${meant}»?`;
}

function serverProblems(settings: Settings, source: Source): ConfigProblem[] {
  const { host, token } = settings.server;
  const bare = host.replace(/^\[|\]$/g, '');
  if (isLoopback(bare) || token !== undefined) return [];
  const reach = isIP(bare) === 0 || bare === '0.0.0.0' || bare === '::' ? 'others on the network' : `whoever reaches ${bare}`;
  return [
    source.problem(
      ['server', 'host'],
      `«${host}» would let ${reach} use your keys`,
      'set server.token (openssl rand -hex 24), or bind to 127.0.0.1',
    ),
  ];
}
