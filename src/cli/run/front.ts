import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Loaded } from '../../config/load.ts';
import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';
import { whoHolds } from '../../journal/lock.ts';
import type { StatusReport } from '../../server/ports.ts';
import { startInBackground } from './background.ts';
import type { Context } from '../command.ts';
import { readStatus } from '../control-api.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { findRunning } from '../running-address.ts';
import { joinUsers, type RunUsers } from './run-users.ts';

/** The Understudy that stands in front of a CLI. */
export interface Front {
  address: string;
  token: string | undefined;
  report: StatusReport;
  loaded: Loaded;
  /** It was started for this CLI, and what it prints is in `log`. */
  startedHere: boolean;
  log: string;
  users: RunUsers;
  /** Starts it again where it was; the error says why that does not work. Absent: it runs elsewhere and is not ours to start. */
  restart: (() => Promise<Result<void, string>>) | undefined;
}

/** The running Understudy, found by `--url`, by the data folder, or because it runs with the same configuration; or one that is started in the background. The error is lines for the user. */
export async function findOrStart(context: Context, signal: AbortSignal): Promise<Result<Front, string[]>> {
  const { flags, deps } = context;
  const read = readConfigAnyway(context);
  if (!read.ok) return err(read.error);
  const { loaded, missing } = read.value;
  const { settings } = loaded;
  const data = settings.data ?? '';
  const log = join(data, 'run', 'understudy.log');
  const token = deps.surroundings.environment['UNDERSTUDY_TOKEN'] ?? settings.server.token;
  const url = flags.text('url');
  if (url !== undefined && !URL.canParse(url)) return err([`--url ${url} is no URL; give one such as http://127.0.0.1:4141.`]);

  const reach = async (address: string, its = token): Promise<Result<StatusReport, string[]>> => {
    const status = await readStatus(address, its);
    return status.ok ? ok(status.value.report) : err([status.error.message]);
  };
  if (url !== undefined) {
    const report = await reach(url);
    if (!report.ok) return report;
    const address = url.replace(/\/+$/, '');
    return ok({
      address,
      token,
      report: report.value,
      loaded,
      startedHere: false,
      log,
      users: joinUsers(data, process.pid),
      restart: undefined,
    });
  }

  const found = findRunning(context, loaded);
  const { server } = found;
  // With another configuration it may send what is asked to somebody else: then it is not taken unasked.
  if (found.by === 'announced' && server?.config === loaded.file && server !== undefined && flags.text('port') === undefined) {
    const report = await reach(found.address, found.token);
    if (!report.ok) return report;
    return ok({
      address: found.address,
      token: found.token,
      report: report.value,
      loaded: found.loaded,
      startedHere: false,
      log: join(server.data, 'run', 'understudy.log'),
      users: joinUsers(server.data, process.pid),
      restart: undefined,
    });
  }

  const start = (port: number, stop?: AbortSignal): ReturnType<typeof startInBackground> => {
    const config = flags.text('config');
    return startInBackground({
      args: [...(config === undefined ? [] : ['--config', config]), '--data', data, '--port', String(port)],
      environment: deps.surroundings.environment,
      workingFolder: deps.surroundings.workingFolder,
      log,
      ...(stop === undefined ? {} : { signal: stop }),
    });
  };
  let { address } = found;
  const running = whoHolds(data).held;
  let started: number | undefined;
  if (!running) {
    if (missing.length > 0) return err([missingKeys(missing)]);
    const { host, port } = settings.server;
    const background = await start(await portFor(host, port, flags.text('port') !== undefined), signal);
    if (!background.ok) return err(['Understudy could not be started:', background.error]);
    address = background.value.address;
    started = background.value.pid;
  }
  const report = await reach(address);
  if (!report.ok) return report;
  const users = joinUsers(data, process.pid);
  if (started !== undefined) users.started(started);
  const restart = async (): Promise<Result<void, string>> => {
    const again = await start(Number(new URL(address).port));
    if (!again.ok) return again;
    users.started(again.value.pid);
    return ok(undefined);
  };
  return ok({ address, token, report: report.value, loaded, startedHere: started !== undefined, log, users, restart });
}

function missingKeys(missing: readonly string[]): string {
  return `Understudy is not running and cannot be started: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set in this terminal, and the configuration needs ${missing.length === 1 ? 'it' : 'them'}.`;
}

/** The port that is wished for, or another where it is taken and nobody insists. Never 0: others find it by the port that it was started with. */
async function portFor(host: string, wished: number, insisted: boolean): Promise<number> {
  if (wished !== 0 && insisted) return wished;
  return (wished === 0 ? undefined : await freePort(host, wished)) ?? (await freePort(host, 0)) ?? wished;
}

function freePort(host: string, wished: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(wished, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
