import { setImmediate } from 'node:timers/promises';
import { createCall } from '../../providers/http-call.ts';
import { createCrowd, type Crowd, type CrowdPorts } from './crowd.ts';
import { hubCall } from './hub-call.ts';
import { openInstallKey } from './install-key.ts';
import type { HubSettings } from './settings.ts';

/** The crowd with this machine's own ports. `folder`: the data folder, where the install key lies. */
export function crowdHere(
  settings: HubSettings,
  here: Pick<CrowdPorts, 'clock' | 'random' | 'database' | 'own' | 'version' | 'environment' | 'onEvidence' | 'broken'> & {
    folder: string;
  },
): Crowd {
  const { folder, ...ports } = here;
  const http = createCall({ environment: ports.environment });
  const crowd = createCrowd(settings, {
    ...ports,
    call: hubCall(http.call, ports.clock, ports.version),
    pause: () => setImmediate(),
    installKey: () => openInstallKey(folder),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  return {
    ...crowd,
    close() {
      crowd.close();
      void http.close();
    },
  };
}
