import { randomFillSync } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { createCall } from '../../providers/http-call.ts';
import { productTitle } from '../registry/known.ts';
import { means } from '../registry/means.ts';
import type { RunbookHint } from '../runbooks.ts';
import { type AlertParts, type Alerts, createAlerts } from './alerts.ts';
import { channelsOf, type ChannelPorts } from './channels/channels.ts';
import { webCall } from './channels/web-call.ts';
import type { AlertSettings } from './settings.ts';

export interface AlertsHere extends Omit<Alerts, 'apply'> {
  apply(settings: AlertSettings, address: string, runbooks?: readonly RunbookHint[]): void;
}

/** Alerts with this machine's own ports. `address`: where this server is reached. */
export function alertsHere(
  settings: AlertSettings,
  address: string,
  here: Pick<ChannelPorts, 'environment' | 'platform' | 'tell'> &
    Pick<AlertParts, 'onAnswer' | 'broken' | 'runbooks'> & { clock: Clock; database: DatabaseSync; version: string },
): AlertsHere {
  const { clock, database, version, environment, platform, tell, onAnswer, broken } = here;
  const http = createCall({ environment });
  const ports: ChannelPorts = { call: webCall(http.call, clock, version), clock, environment, platform, tell };
  const alerts = createAlerts({
    clock,
    random: (bytes) => randomFillSync(bytes),
    database,
    settings,
    channels: channelsOf(settings, ports),
    title: productTitle,
    means,
    address,
    ...(here.runbooks && { runbooks: here.runbooks }),
    onAnswer,
    broken,
  });
  let inForce = JSON.stringify([settings, address, here.runbooks]);
  return {
    ...alerts,
    apply(wanted, at, runbooks) {
      const text = JSON.stringify([wanted, at, runbooks]);
      if (text === inForce) return;
      inForce = text;
      alerts.apply({ settings: wanted, address: at, channels: channelsOf(wanted, ports), ...(runbooks && { runbooks }) });
    },
    close() {
      alerts.close();
      void http.close();
    },
  };
}
