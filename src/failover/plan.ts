import type { RequestHead } from '../dialects/dialect.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Fault } from '../exchange/fault.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { type Target, targetName } from '../exchange/target.ts';
import { vendorOfDialect } from '../providers/catalogue.ts';
import { DESK } from '../providers/desk.ts';
import type { ModelFacts } from '../providers/model-facts.ts';
import type { Provider } from '../providers/provider.ts';
import { type AskingClient, CLAUDE_API, passThroughRefusal, subscriptionAdvice } from '../providers/subscription.ts';
import { inputTokens } from './estimate.ts';
import { findRoute, type Route, type RouteTarget } from './route.ts';
import type { DeadlineSettings, FailoverSettings } from './settings.ts';
import { isServed, targetsOf } from './stand-ins.ts';

/** One of its keys, where a provider has several: they follow each other. */
export interface PlannedTarget {
  target: Target;
  provider: Provider;
  facts: ModelFacts;
  /** What was asked for: the first of the route that can take the request. All others are backups, wherever they stand in the plan. */
  lead: boolean;
  /** Speaks the client's dialect: bytes pass through. */
  native: boolean;
  /** The login of the client's own subscription goes along: this target gets the client's bytes as they are, or nothing. */
  passThrough: boolean;
}

export interface Skipped {
  target: string;
  reason: string;
  /** It is about the request: another one might go there. */
  unfit?: true;
}

/** A route resolved for one exchange. Immutable: a reload does not touch exchanges under way. */
export interface Plan {
  route: string;
  targets: PlannedTarget[];
  /** Targets of the route that this request does not go to, with the reason. */
  skipped: Skipped[];
  save: boolean;
  strict: boolean;
  /** What comes back from the client next must not have to be changed: others' reasoning is not shown. */
  untouched: boolean;
  /** Whom the client would ask without us: the route's first target, also where this request is nothing for it, if it speaks the client's dialect. */
  home?: { vendor: string; signedCalls: boolean };
  /** What others than `home` think is not told to a client that would have to bring a proof of it back. */
  untold: boolean;
  whenClientLeaves: Route['whenClientLeaves'];
  /** `20/day`: most that the route may cost in all. */
  spend?: string;
  /** The route on whose account it is: a model that is asked for by its provider's name is on the default route's. */
  account: string;
  /** What nobody can answer is kept. */
  defer: boolean;
  /** As in `Route`. */
  waits?: number;
  deadlines: DeadlineSettings;
  failover: FailoverSettings;
}

/** Everything that planning knows; made anew by each reload. */
export interface World {
  /** The provider that answers under this name for this model (simulated ones speak a dialect per model). */
  provider(name: string, model: string): Provider | undefined;
  providerNames: string[];
  routes: ReadonlyMap<string, Route>;
  /** Models on this machine, best first: the last targets of the default route, and of each client's own vendor. */
  standIns?: readonly RouteTarget[];
  /** Without any written route: each client's own vendor, by dialect. */
  ownVendor(dialect: DialectName): Provider | undefined;
  deadlines: DeadlineSettings;
  failover: FailoverSettings;
  /** Where a Claude plan's login may go; by default Anthropic's own address. */
  claudeApi?: string;
}

export interface PlanInput {
  dialect: DialectName;
  head: RequestHead;
  client: AskingClient;
  /** `x-understudy-route`. */
  route?: string;
  /** The request as it came: how long it is, where that has to be known well. */
  body?: Buffer;
}

/** Which targets a request goes to, in order; or why it can't go anywhere, in words that help. */
export function makePlan(world: World, input: PlanInput): Result<Plan, Fault> {
  const route = input.route === undefined ? routeFor(world, input) : world.routes.get(input.route);
  if (!route) return err(noRoute(world, input));

  const targets: PlannedTarget[] = [];
  const skipped: Plan['skipped'] = [];
  let subscribed = false;
  let first: { home?: Plan['home'] } | undefined;
  for (const wanted of targetsOf(world, route, input.head.model)) {
    const { provider: name, model: asked } = wanted;
    const model = asked === '*' ? modelName(input.head.model, name) : asked;
    const label = `${name}/${model}`;
    // `anthropic/*` and the model's own name may come to the same: nobody is asked twice for standing there twice.
    if (targets.some((known) => targetName(known.target) === label)) continue;
    const known = world.provider(name, model);
    // A service that speaks the client's dialect too is asked in it: what passes through needs no translation.
    const provider = known?.faces?.get(input.dialect) ?? known;
    if (!provider) {
      skipped.push({ target: label, reason: `there is no provider named ${name}` });
      continue;
    }
    const facts = provider.facts(model);
    if (world.standIns?.includes(wanted) && isServed(targets, name, facts)) continue;
    const native = provider.dialect === input.dialect && (input.head.stream || provider.streamsOnly !== true);
    const passThrough = provider.credential.type === 'client' && input.client.credential === 'subscription';
    const refusal = passThrough && native ? passThroughRefusal(provider, input.client, world.claudeApi ?? CLAUDE_API) : undefined;
    subscribed ||= refusal !== undefined;
    const rule = ruledOut(route, provider, asked === '*', model, native, input) ?? refusal;
    if (rule === undefined) {
      const speaks = provider.dialect === input.dialect;
      first ??= speaks ? { home: { vendor: provider.vendor, signedCalls: facts.signedCalls === true } } : {};
    }
    const reason = rule ?? unfit(provider, facts, model, native, input);
    if (reason !== undefined) {
      skipped.push({ target: label, reason, ...(rule === undefined && { unfit: true as const }) });
      continue;
    }
    const target: Target = {
      provider: name,
      model,
      credential: passThrough ? 'subscription' : provider.credential.type,
      dialect: provider.dialect,
      vendor: provider.vendor,
    };
    const lead = targets.length === 0;
    const keys = provider.accounts ?? [provider];
    for (const [place, account] of keys.entries()) {
      const credential = keys.length === 1 ? target.credential : `key ${place + 1}`;
      targets.push({ target: { ...target, credential }, provider: account, facts, lead, native, passThrough });
    }
  }
  // Whoever has a plan of its vendor's is well without us: a model that nobody has written down is no answer to it.
  if (subscribed && route.here === undefined && targets.every(({ provider }) => provider.found)) targets.length = 0;
  if (targets.length === 0)
    return err(noAssistant(world, route) ?? (subscribed ? leftAlone(input, skipped) : nothingFits(world, route, skipped, input)));
  return ok({
    route: route.name,
    targets: withMixture(targets),
    skipped,
    save: route.save,
    strict: route.strict,
    untouched: targets.some(({ passThrough }) => passThrough),
    ...(first?.home && { home: first.home }),
    untold: isUntold(world.failover, first?.home, input.dialect),
    whenClientLeaves: route.whenClientLeaves,
    ...(route.spend !== undefined && { spend: route.spend }),
    account: route.account ?? route.name,
    defer: route.defer,
    ...(route.waits !== undefined && { waits: route.waits }),
    deadlines: world.deadlines,
    failover: world.failover,
  });
}

/** Chat has no proofs: what others think is plain text there, or in a list of OpenRouter's that its vendors pass over. */
function isUntold({ foreignThoughts }: FailoverSettings, home: Plan['home'], dialect: DialectName): boolean {
  if (dialect === 'openai-chat' || foreignThoughts === 'sealed') return false;
  return foreignThoughts === 'untold' || home !== undefined;
}

/** Tells native targets whether others of their dialect, by other vendors, may have made what the client sends back. */
function withMixture(targets: PlannedTarget[]): PlannedTarget[] {
  const vendors = new Set(targets.filter(({ native }) => native).map(({ target }) => target.vendor));
  if (vendors.size < 2) return targets;
  return targets.map((planned) => (planned.native ? { ...planned, facts: { ...planned.facts, mixedVendors: true } } : planned));
}

/** `anthropic/claude-x` asked of `anthropic/*` means `claude-x`. */
function modelName(asked: string, provider: string): string {
  return asked.startsWith(`${provider}/`) ? asked.slice(provider.length + 1) : asked;
}

function routeFor(world: World, input: PlanInput): Route | undefined {
  const found = findRoute(world.routes, input.head.model, (name) => world.providerNames.includes(name));
  if (found) return found;
  // Nothing has been written yet: each client's own vendor, for models that this vendor is known to have.
  if ([...world.routes.values()].some((route) => !route.name.startsWith('sim/'))) return undefined;
  if (input.head.model.startsWith('sim/')) return undefined;
  const own = world.ownVendor(input.dialect);
  const asks = own?.offers(input.head.model) === true && (own.credential.type !== 'client' || input.client.credential !== 'none');
  if (!asks && !world.standIns?.length) return undefined;
  return {
    name: asks ? `own vendor (${own.name})` : 'this machine',
    unwritten: true,
    fits: () => true,
    targets: asks ? [{ provider: own.name, model: '*' }] : [],
    allow: undefined,
    never: [],
    save: true,
    strict: false,
    whenClientLeaves: 'cancel',
    defer: false,
  };
}

/** Why the configuration keeps a target out of this, whatever is asked. */
function ruledOut(route: Route, provider: Provider, wild: boolean, model: string, native: boolean, input: PlanInput): string | undefined {
  // Nothing goes anywhere that it could be kept from.
  if (route.allow && !provider.desk && !route.allow.includes(provider.name)) return `the route allows only ${route.allow.join(', ')}`;
  if (route.never.includes(provider.name)) return `the route never sends to ${provider.name}`;
  if (provider.desk && !input.client.alone)
    return 'what lies on this machine is for its user alone, and this request may be somebody else’s (server.host: 127.0.0.1)';
  if (wild && !provider.offers(model)) return `${provider.name} does not offer ${model}`;
  if (provider.credential.type === 'client') {
    if (!native) return `no key is configured for ${provider.name}, and a client's own credential goes only to its own vendor`;
    if (input.client.credential === 'none') return `no key is configured for ${provider.name} and the client sent none`;
  }
  if (provider.credential.type === 'identity' && provider.credential.personal && !input.client.alone)
    return `your sign-in for ${provider.name} is for you alone, and this request may be somebody else's (server.host: 127.0.0.1)`;
  return undefined;
}

/** Why this request in particular is nothing for a target: whoever asks the same again gets the same answer. */
function unfit(provider: Provider, facts: ModelFacts, model: string, native: boolean, input: PlanInput): string | undefined {
  const { previousResponse, dependsOn } = input.head;
  if (previousResponse !== undefined && !(native && provider.keepsResponses === true))
    return `only the service that gave the response ${previousResponse} knows what came before it: it is not in the archive here`;
  if (dependsOn !== undefined && !(native && provider.vendor === vendorOfDialect(input.dialect)))
    return `only the vendor's own servers know ${dependsOn}`;
  if (!native && input.head.candidates > 1) return `${input.head.candidates} candidates at once can't be asked of another dialect`;
  if (facts.tools === false && input.head.hasTools) return `${model} has no tools`;
  if (facts.contextWindow !== undefined && facts.cutsLongInput === true) {
    const { body, head } = input;
    const tokens = body ? inputTokens(body, BYTES_A_TOKEN_AT_LEAST) : head.size / BYTES_A_TOKEN_AT_LEAST;
    if (tokens > facts.contextWindow * MOST_OF_WINDOW)
      return `too long for ${model}: about ${Math.ceil(tokens)} tokens, and what does not fit into its ${facts.contextWindow} would be dropped without a word`;
    return undefined;
  }
  // Four bytes a token is the usual English average; six leaves room for code and JSON, so that only the hopeless is skipped.
  if (facts.contextWindow !== undefined && input.head.size / 6 > facts.contextWindow)
    return `too long for ${model} (${facts.contextWindow} tokens)`;
  return undefined;
}

/** Of JSON with code in it: rather too many tokens are counted than one too few. */
const BYTES_A_TOKEN_AT_LEAST = 3.5;
/** The rest of a window is for the answer. */
const MOST_OF_WINDOW = 0.9;

function noRoute(world: World, input: PlanInput): Fault {
  const model = input.head.model;
  if (input.route !== undefined) {
    return {
      class: 'model-not-found',
      symptom: 'skipped',
      message: `There is no route named '${input.route}' (header x-understudy-route). Routes: ${names(world)}.`,
    };
  }
  const own = world.ownVendor(input.dialect);
  const known = own?.offers(model) ?? false;
  const advice =
    known && own
      ? `${own.name} has it, but no key is configured and the client sent none: set ${own.name}'s key (understudy doctor says how)`
      : `Add a route for it to understudy.yaml, or ask for a model of a provider as provider/model`;
  return {
    class: 'model-not-found',
    symptom: 'skipped',
    message: `No route knows the model '${model}'. ${advice}. Known here: ${names(world)}.`,
  };
}

function names(world: World): string {
  const list = [
    ...world.routes.keys(),
    ...world.providerNames.filter((name) => name !== 'sim' && name !== DESK).map((name) => `${name}/*`),
  ];
  return list.length === 0 ? 'nothing yet' : list.join(', ');
}

/** A simulated assistant that is not there. */
function noAssistant(world: World, route: Route): Fault | undefined {
  const isMissing = ({ provider, model }: RouteTarget): boolean => provider === 'sim' && !world.provider('sim', model);
  if (route.targets.length === 0 || !route.targets.every(isMissing)) return undefined;
  const there = [...world.routes.keys()].filter((name) => name.startsWith('sim/'));
  const list = `${there.slice(0, -1).join(', ')} and ${there.at(-1) ?? ''}`;
  return {
    class: 'model-not-found',
    symptom: 'skipped',
    message: `There is no '${route.name}'. The simulated assistants are ${list}.`,
  };
}

/** 403: Claude Code 2.1.330 shows its message after one request; it asks four times after a 400 and twice after a 401. */
function leftAlone(input: PlanInput, skipped: Plan['skipped']): Fault {
  const reasons = skipped.map(({ target, reason }) => `${target}: ${reason}`).join('; ');
  return { class: 'auth', status: 403, symptom: 'skipped', message: `${subscriptionAdvice(input.dialect)}. ${reasons}.` };
}

function nothingFits(world: World, route: Route, skipped: Plan['skipped'], input: PlanInput): Fault {
  if (skipped.length === 0)
    return {
      class: 'provider-fault',
      symptom: 'skipped',
      message: `Route '${route.name}' leads only to models on this machine, and none answers here now (understudy local says what can be done).`,
    };
  const reasons = skipped.map(({ target, reason }) => `${target}: ${reason}`).join('; ');
  // Only models on this machine could have been asked: what else there might be is to be set up.
  const more = route.targets.length === 0 ? ` ${noRoute(world, input).message}` : '';
  return {
    class: skipped.some(({ unfit: request }) => request) ? 'bad-request' : 'model-not-found',
    symptom: 'skipped',
    message: `No target of route '${route.name}' can take this request for '${input.head.model}'. ${reasons}.${more}`,
  };
}
