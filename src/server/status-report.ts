import type { AdmissionControl } from '../failover/admission.ts';
import type { Concurrency } from '../failover/concurrency.ts';
import { passedNow } from '../failover/passed-now.ts';
import type { World } from '../failover/plan.ts';
import type { RateRooms } from '../failover/rate-room.ts';
import { HERE, type Route } from '../failover/route.ts';
import { turnPrices } from '../failover/turn-price.ts';
import type { TargetStatus } from '../health/health.ts';
import type { LocalReport } from './local/report.ts';
import type { StatusReport } from './ports.ts';

/** Who keeps targets from being asked, besides their health. */
export interface Keepers {
  rooms: Pick<RateRooms, 'status'>;
  concurrency: Concurrency;
  spend: AdmissionControl;
}

/** What is known of targets by their health, with what else keeps them from being asked. */
export function targetsReport(targets: readonly TargetStatus[], world: World, { rooms, concurrency, spend }: Keepers): TargetStatus[] {
  return targets.map((status) => {
    const told = rooms.status(status.target);
    const places = concurrency.status(status.target);
    const passedOver = passedNow(world, [spend, concurrency], status.target);
    return {
      ...status,
      ...(told.length > 0 && { rooms: told }),
      ...(places && { concurrency: places }),
      ...(passedOver.length > 0 && { passedOver }),
    };
  });
}

/** What was found on this machine, in short. */
export function foundReport({ services, routes }: LocalReport): Pick<StatusReport, 'local'> {
  if (services.length === 0) return {};
  return {
    local: {
      services: services.map(({ provider, title, baseUrl, models }) => ({ provider, title, baseUrl, models: models.length })),
      routes,
    },
  };
}

/** With the place of the models on this machine, where the route names it. */
function told({ targets, here }: Route): string[] {
  const names = targets.map(({ provider, model }) => `${provider}/${model}`);
  return here === undefined ? names : names.toSpliced(here, 0, HERE);
}

/** Where requests go, in order, and what it costs to go there. */
export function routesReport({ routes, provider }: World): StatusReport['routes'] {
  return [...routes.values()].map((route) => ({
    pattern: route.name,
    targets: told(route),
    ...(route.allow === undefined ? {} : { allow: route.allow }),
    never: route.never,
    save: route.save,
    turns: turnPrices(route.targets, provider),
  }));
}
