import { spaceNotice } from '../../archive/space/report.ts';
import type { StatusReport } from '../../server/ports.ts';
import type { Command, Context } from '../command.ts';
import { readExchanges, readStatus } from '../control-api.ts';
import { deadlineFindings } from './doctor-deadlines.ts';
import type { Finding } from './doctor-finding.ts';
import { encryptionFindings } from './doctor-encryption.ts';
import { localFindings } from './doctor-local.ts';
import { LOOKED_AT, lossFindings } from './doctor-losses.ts';
import { modelFindings } from './doctor-models.ts';
import { providerFindings } from './doctor-providers.ts';
import { routeFindings } from './doctor-routes.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway, type LoadedAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS, PORT_ARG } from '../read-config.ts';
import { findRunning, type Running } from '../running-address.ts';
import { accountFindings } from '../sign-in-place.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Checks configuration, keys, network, disk and port.',
  args: {
    ...CONFIG_ARGS,
    ...PORT_ARG,
    model: { type: 'string', alias: 'm', valueHint: 'MODEL', description: 'Which targets a request for this model would go to.' },
    probe: { type: 'boolean', description: 'Also show each key to its provider (GET /models; costs nothing).' },
    json: { type: 'boolean', description: 'Print the findings as JSON.' },
  },
  examples: [
    ['understudy doctor', 'everything that can be checked without showing a key to anybody'],
    ['understudy doctor --probe', 'also: does each provider accept its key?'],
    ['understudy doctor --model claude-opus-5-5', 'who would be asked for this model, in which order'],
  ],
  page: 'start.md',
  more: ['✓ fine, ! works, but look at it, ✗ will not work.', 'Exit code 0: no ✗. 1: at least one. 2: the configuration is not valid.'],
  async run(context) {
    const { flags, terminal } = context;
    const loaded = readConfigAnyway(context);
    const findings = loaded.ok ? await examine(loaded.value, context) : loaded.error.map(badConfig);
    if (flags.on('json')) terminal.out(JSON.stringify(findings, null, 2));
    else for (const finding of findings) for (const line of findingLines(finding, terminal)) terminal.out(line);
    if (!loaded.ok) return EXIT.usage;
    return findings.some((finding) => finding.state === 'bad') ? EXIT.failed : EXIT.done;
  },
};

async function examine({ loaded, missing }: LoadedAnyway, context: Context): Promise<Finding[]> {
  const { flags, deps } = context;
  const running = findRunning(context, loaded);
  return [
    ...(await localFindings(loaded, deps)),
    ...(await encryptionFindings(loaded.settings.data!, context)),
    ...runFindings(running),
    ...missing.map(unsetHere),
    ...(await providerFindings(loaded, flags.on('probe'), deps)),
    ...(await accountFindings(loaded, deps)),
    ...(await modelFindings(loaded, deps)),
    ...routeFindings(loaded, flags.text('model')),
    ...(await runningFindings(running)),
  ];
}

/** Milliseconds: a server that takes longer than this has other troubles, which are told above. */
const GLANCE = 1000;

/** Which servers there are; that of the data folder here is told with its port. */
function runFindings({ by, server, others }: Running): Finding[] {
  const elsewhere = [...(by === 'announced' && server ? [server] : []), ...others];
  return elsewhere.map(({ address, pid, data, config }) => ({
    about: 'running',
    state: 'good',
    said: `an Understudy serves at ${address}, process ${pid}, with the data folder ${data} and ${config === undefined ? 'no configuration file' : config}`,
  }));
}

/** Where an Understudy runs: how long it waits for its targets, and what they could not be told lately. */
async function runningFindings({ address, token }: Running): Promise<Finding[]> {
  const [status, exchanges] = await Promise.all([readStatus(address, token, GLANCE), readExchanges(address, token, LOOKED_AT, GLANCE)]);
  return [
    ...(status.ok ? paceFindings(status.value.report) : []),
    ...(status.ok ? deadlineFindings(status.value.report.targets) : []),
    ...(exchanges.ok ? lossFindings(exchanges.value) : []),
  ];
}

/** Only a server knows how its folder has grown lately. */
function paceFindings({ space, data }: StatusReport): Finding[] {
  const said = space?.fullIn === undefined ? undefined : spaceNotice(space, data);
  return said === undefined ? [] : [{ about: 'data folder', state: 'look', said }];
}

function unsetHere(variable: string): Finding {
  return {
    about: 'keys',
    state: 'look',
    said: `${variable} is not set in this terminal; a running server may have it`,
    advice: `Before \`understudy start\` here: export ${variable}=…`,
  };
}

function badConfig(line: string): Finding {
  return { about: 'configuration', state: 'bad', said: line };
}

const SIGNS: Record<Finding['state'], { sign: string; paint: keyof Terminal['paint'] }> = {
  good: { sign: '✓', paint: 'good' },
  look: { sign: '!', paint: 'warn' },
  bad: { sign: '✗', paint: 'bad' },
};

function findingLines({ about, state, said, advice }: Finding, { paint, width }: Terminal): string[] {
  const { sign, paint: colour } = SIGNS[state];
  return [
    ...wrapped(`${paint[colour](sign)} ${paint.bold(`${about}:`)} ${said}`, width, '  '),
    ...(advice === undefined ? [] : wrapped(`    ${advice}`, width, '    ')),
  ];
}
