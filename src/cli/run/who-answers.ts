import { findRoute, parseRoute } from '../../failover/route.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { Provider } from '../../providers/provider.ts';
import { UNWRITTEN } from '../../failover/stand-ins.ts';
import type { StatusReport } from '../../server/ports.ts';

/** What of a server's state says who answers. */
type Told = Pick<StatusReport, 'routes' | 'targets' | 'local'>;

/** The route of a model, as the running Understudy has it. */
export interface Answerers {
  /** `claude-*`; absent: nothing is written, and each client goes to its own vendor. */
  route: string | undefined;
  targets: { target: string; down: boolean }[];
  /** Models on this machine that come last, by themselves: best first. */
  here: string[];
}

export function whoAnswers(report: Told, model: string): Answerers {
  const routes = new Map(
    report.routes.map(({ pattern, targets, never, save, allow }) => [
      pattern,
      parseRoute(pattern, {
        targets,
        never,
        save,
        strict: false,
        whenClientLeaves: 'cancel',
        defer: false,
        ...(allow === undefined ? {} : { allow }),
      }),
    ]),
  );
  const found = report.local?.services.map(({ provider }) => provider) ?? [];
  const providers = new Set([...found, ...[...routes.values()].flatMap((route) => route.targets.map(({ provider }) => provider))]);
  const route = findRoute(routes, model, (name) => providers.has(name));
  const targets = (route?.targets ?? []).map(({ provider, model: wanted }) => {
    const target = `${provider}/${wanted === '*' ? model.replace(`${provider}/`, '') : wanted}`;
    return { target, down: report.targets.some((known) => known.target === target && known.verdict === 'down') };
  });
  const here = report.local?.routes.find((one) => one.route === (route?.name ?? UNWRITTEN))?.targets ?? [];
  return { route: route?.name, targets, here: here.filter((target) => !targets.some((one) => one.target === target)) };
}

/** Whether someone on the model's route needs no key of the client's: has its own, or is local. An unknown provider is taken to have one. */
export function answersWithoutKey(report: Told, providers: readonly Provider[], model: string): boolean {
  const answerers = whoAnswers(report, model);
  return answerers.here.length > 0 || hasOwnKey(answerers, providers);
}

/** Whether only a model that was found on this machine would answer without a key of the client's: nobody has written it down. */
export function answersHereAlone(report: Told, providers: readonly Provider[], model: string): boolean {
  const answerers = whoAnswers(report, model);
  return answerers.here.length > 0 && !hasOwnKey(answerers, providers);
}

function hasOwnKey({ targets }: Answerers, providers: readonly Provider[]): boolean {
  return targets.some(({ target }) => {
    const provider = providers.find(({ name }) => name === target.slice(0, target.indexOf('/')));
    return provider?.credential.type !== 'client';
  });
}

/** Whether the configuration says that the login of a client's own plan goes along to someone on the model's route. */
export function passesLogin(report: Told, providers: readonly Provider[], model: string): boolean {
  const { route, targets } = whoAnswers(report, model);
  return providers.some(
    ({ name, credential }) =>
      credential.type === 'client' &&
      credential.subscription === 'pass-through' &&
      // Without a route, each client goes to its own vendor.
      (route === undefined || targets.some(({ target }) => target.startsWith(`${name}/`))),
  );
}

/** `gpt-5.6 → openai/gpt-5.6, then groq/x (route default)`. `keyless`: the client shows no key to anybody. */
export function answerersText({ route, targets, here: [first] }: Answerers, model: string, vendor: string, keyless = false): string {
  // Its vendor would want a key.
  if (route === undefined && first !== undefined && keyless) return `${model} → ${first} on this machine`;
  const last = first === undefined ? '' : `, then ${first} on this machine`;
  if (route === undefined)
    return `${model} → ${findPreset(vendor)?.title ?? vendor}${last === '' ? ' only: no backup is configured (understudy start helps)' : last}`;
  const names = targets.map(({ target, down }) => (down ? `${target} (down)` : target));
  return `${model} → ${names.join(', then ')}${last} (route ${route})`;
}
