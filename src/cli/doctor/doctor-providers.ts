import type { Loaded } from '../../config/load.ts';
import { BRIDGE_SCHEME } from '../../providers/bridge/scheme.ts';
import type { Call, TransportError } from '../../providers/call.ts';
import { modelsRequest } from '../../providers/ask-models.ts';
import { findPreset } from '../../providers/catalogue.ts';
import { createCall } from '../../providers/http-call.ts';
import type { Provider } from '../../providers/provider.ts';
import type { CliDeps } from '../deps.ts';
import type { Finding } from './doctor-finding.ts';
import { durationText } from '../duration-text.ts';
import { STAND_IN } from '../missing-keys.ts';

/** Longest time for one provider to answer a small GET. */
const PATIENCE = 10_000;
const CONNECT_TIMEOUT = 5000;
/** Signed requests, token lifetimes and Retry-After dates go wrong beyond a minute or so. */
const MOST_SKEW = 60_000;

interface Reached {
  status: number;
  /** The provider's clock, UTC milliseconds. */
  date: number | undefined;
  took: number;
}

/** Keys, and whether each provider can be reached the way in which requests will go: same proxies, same certificates. */
export async function providerFindings(loaded: Loaded, probe: boolean, deps: CliDeps): Promise<Finding[]> {
  const { providers, connections } = loaded.resolved;
  if (providers.length === 0) return [];
  const http = createCall({ environment: deps.surroundings.environment, connection: (origin) => connections.get(origin) });
  try {
    const findings = await Promise.all(providers.map((provider) => examine(provider, probe, http.call, deps)));
    return findings.flat();
  } finally {
    await http.close();
  }
}

async function examine(provider: Provider, probe: boolean, call: Call, deps: CliDeps): Promise<Finding[]> {
  const about = `provider ${provider.name}`;
  if (provider.baseUrl.startsWith(BRIDGE_SCHEME))
    return [{ about, state: 'good', said: 'asked through a package of the AI SDK; a real request will tell whether it is installed' }];
  const key = keyFinding(provider);
  const keys = provider.accounts ?? [provider];
  const base = new URL(provider.baseUrl);
  const reached = await get(call, base.origin, '/', [], deps);
  if ('symptom' in reached)
    return [key, { about, state: 'bad', said: `${base.origin} cannot be reached: ${reached.message}`, advice: adviceFor(reached) }];
  const findings: Finding[] = [key, { about, state: 'good', said: `${base.origin} answers (${durationText(reached.took)})` }];
  const skew = reached.date === undefined ? 0 : deps.clock.now() - reached.date;
  if (Math.abs(skew) > MOST_SKEW) {
    findings.push({
      about: 'clock',
      state: 'look',
      said: `this machine is ${durationText(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} ${provider.name}`,
      advice: 'Set it by the network (timedatectl set-ntp true).',
    });
  }
  if (probe && !['client', 'identity'].includes(provider.credential.type)) {
    const probes = keys.map((one, place) =>
      isMissing(one) ? [] : [probeKey(one, keys.length === 1 ? 'the key' : `key ${place + 1}`, call, deps)],
    );
    findings.push(...(await Promise.all(probes.flat())));
  }
  return findings;
}

function isMissing({ credential }: Provider): boolean {
  return credential.type === 'key' && credential.value.includes(STAND_IN);
}

function keyFinding(provider: Provider): Finding {
  const about = `provider ${provider.name}`;
  const preset = findPreset(provider.preset ?? provider.name);
  switch (provider.credential.type) {
    case 'key':
      return keysFinding(about, provider.accounts ?? [provider]);
    case 'none':
      return { about, state: 'good', said: 'needs no key' };
    case 'identity':
      return { about, state: 'good', said: `shows ${provider.credential.from}; a real request will tell` };
    case 'client':
      return {
        about,
        state: 'look',
        said: "no key: only its own clients' requests can go there, with the credential that they bring",
        advice: `As a backup it needs a key${preset ? `: set ${preset.keyVariables[0] ?? 'apiKey'} (${preset.keyPage})` : ''}.`,
      };
  }
}

function keysFinding(about: string, keys: readonly Provider[]): Finding {
  const missing = keys.flatMap((one, place) => (isMissing(one) ? [`key ${place + 1}`] : []));
  if (keys.length === 1)
    return missing.length > 0
      ? { about, state: 'look', said: 'a key is configured, but not set in this terminal' }
      : { about, state: 'good', said: 'a key is configured' };
  const said = `${keys.length} keys are configured, used in this order`;
  return missing.length === 0
    ? { about, state: 'good', said }
    : { about, state: 'look', said: `${said}; not set in this terminal: ${missing.join(', ')}` };
}

/** `which`: the key, as it is called here. */
async function probeKey(provider: Provider, which: string, call: Call, deps: CliDeps): Promise<Finding> {
  const about = `provider ${provider.name}`;
  const { origin, path, headers } = modelsRequest(provider);
  const answer = await get(call, origin, path, headers, deps);
  if ('symptom' in answer) return { about, state: 'bad', said: `GET ${path} failed: ${answer.message}`, advice: adviceFor(answer) };
  if (answer.status === 200) return { about, state: 'good', said: `accepts ${which}` };
  if (answer.status === 401 || answer.status === 403) {
    return {
      about,
      state: 'bad',
      said: `refuses ${which} (status ${answer.status})`,
      advice: 'Make a new one, or check which variable or file it comes from: understudy config.',
    };
  }
  return {
    about,
    state: 'look',
    said: `GET ${path} answered with status ${answer.status}`,
    advice: 'Some services have no list of models; a real request will tell.',
  };
}

function get(call: Call, origin: string, path: string, headers: [string, string][], deps: CliDeps): Promise<Reached | TransportError> {
  const begun = deps.clock.monotonic();
  return new Promise((resolve) => {
    let reached: Reached | undefined;
    const giveUp = deps.clock.after(PATIENCE, () => {
      cancel();
      resolve({ symptom: 'connect-timeout', local: false, message: `no answer within ${PATIENCE / 1000} s` });
    });
    const done = (result: Reached | TransportError): void => {
      giveUp();
      resolve(result);
    };
    const cancel = call(
      {
        method: 'GET',
        origin,
        path,
        headers: [['accept', 'application/json'], ['user-agent', 'understudy'], ...headers],
        body: Buffer.alloc(0),
        connectTimeout: CONNECT_TIMEOUT,
        fresh: false,
      },
      {
        headers(status, received) {
          const date = Date.parse(received['date'] ?? '');
          reached = { status, date: Number.isNaN(date) ? undefined : date, took: deps.clock.monotonic() - begun };
          // The body says nothing that is needed here.
          cancel();
          done(reached);
        },
        data() {},
        end() {},
        error: (error) => done(reached ?? error),
      },
    );
  });
}

function adviceFor({ symptom, local }: TransportError): string {
  if (local) return 'Nothing outside of this machine can be reached: check the network.';
  switch (symptom) {
    case 'dns':
      return 'Check the name in baseUrl, and the name service.';
    case 'tls':
      return 'Behind a proxy that reads TLS? Give its certificate with providers.<name>.ca or NODE_EXTRA_CA_CERTS.';
    case 'refused':
      return 'Nothing listens there: check baseUrl, or start the local server.';
    case 'connect-timeout':
      return 'A firewall, or a proxy that is needed: set HTTPS_PROXY or providers.<name>.proxy.';
    case 'reset':
    case 'closed':
    case 'protocol':
      return 'Something in between ends the connection: a proxy, a firewall, or the wrong port.';
  }
}
