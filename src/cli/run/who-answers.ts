import { findRoute, parseRoute } from '../../failover/route.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { Provider } from '../../providers/provider.ts';
import type { StatusReport } from '../../server/ports.ts';

/** The route of a model, as the running Understudy has it. */
export interface Answerers {
  /** `claude-*`; absent: nothing is written, and each client goes to its own vendor. */
  route: string | undefined;
  targets: { target: string; down: boolean }[];
}

export function whoAnswers(report: Pick<StatusReport, 'routes' | 'targets'>, model: string): Answerers {
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
  const providers = new Set([...routes.values()].flatMap((route) => route.targets.map(({ provider }) => provider)));
  const route = findRoute(routes, model, (name) => providers.has(name));
  const targets = (route?.targets ?? []).map(({ provider, model: wanted }) => {
    const target = `${provider}/${wanted === '*' ? model.replace(`${provider}/`, '') : wanted}`;
    return { target, down: report.targets.some((known) => known.target === target && known.verdict === 'down') };
  });
  return { route: route?.name, targets };
}

/** Whether someone on the model's route needs no key of the client's: has its own, or is local. An unknown provider is taken to have one. */
export function answersWithoutKey(
  report: Pick<StatusReport, 'routes' | 'targets'>,
  providers: readonly Provider[],
  model: string,
): boolean {
  return whoAnswers(report, model).targets.some(({ target }) => {
    const provider = providers.find(({ name }) => name === target.slice(0, target.indexOf('/')));
    return provider?.credential.type !== 'client';
  });
}

/** Whether the configuration says that the login of a client's own plan goes along to someone on the model's route. */
export function passesLogin(report: Pick<StatusReport, 'routes' | 'targets'>, providers: readonly Provider[], model: string): boolean {
  const { route, targets } = whoAnswers(report, model);
  return providers.some(
    ({ name, credential }) =>
      credential.type === 'client' &&
      credential.subscription === 'pass-through' &&
      // Without a route, each client goes to its own vendor.
      (route === undefined || targets.some(({ target }) => target.startsWith(`${name}/`))),
  );
}

/** `gpt-5.6 → openai/gpt-5.6, then groq/x (route default)`. */
export function answerersText({ route, targets }: Answerers, model: string, vendor: string): string {
  if (route === undefined)
    return `${model} → ${findPreset(vendor)?.title ?? vendor} only: no backup is configured (understudy start helps)`;
  const names = targets.map(({ target, down }) => (down ? `${target} (down)` : target));
  return `${model} → ${names.join(', then ')} (route ${route})`;
}
