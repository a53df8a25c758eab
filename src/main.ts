import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { buildApp } from './app.ts';
import { runCli } from './cli/cli.ts';
import { calledAs } from './cli/called-as.ts';
import type { Surroundings } from './cli/deps.ts';
import { systemClock } from './exchange/clock.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const surroundings: Surroundings = {
  streams: process,
  environment: process.env,
  workingFolder: process.cwd(),
  home: homedir(),
  platform: process.platform,
  nodeVersion: process.version,
  called: calledAs(fileURLToPath(new URL('../bin/understudy', import.meta.url)), process.env, process.cwd()),
  onSignal(signal, heard) {
    process.on(signal, heard);
    return () => process.off(signal, heard);
  },
};

process.exitCode = await runCli(process.argv.slice(2), {
  build: (settings, dataKey) => buildApp(settings, { version, surroundings, findsLocal: true, ...(dataKey && { dataKey }) }),
  version,
  clock: systemClock,
  surroundings,
});
