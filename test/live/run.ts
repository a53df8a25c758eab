import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startUnderstudy, type UnderstudyProcess } from '../clients/understudy-process.ts';
import { dollars, mostCalls, mostCost, MOST } from './budget.ts';
import { allChecks, type Check, modelOf, type Outcome, type Stage, standInRoute } from './checks.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { keyVariables, type Service, servicesWithKeys } from './services.ts';

/**
 * Client and failover checks against real services, with your own keys from their usual variables. Says what it will ask and
 * what that costs at most, and asks before it does. The last line is `N passed, N failed`. docs/live.md has the rest.
 *
 *   npm run test:live -- [--yes] [--only anthropic,openai] [--model anthropic=claude-sonnet-5-5] [--match TEXT]
 *
 * Exit codes: 0 all passed; 1 something failed; 2 nothing was asked: no key, or no agreement.
 */
const { values } = parseArgs({
  options: {
    yes: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    model: { type: 'string', multiple: true, default: [] },
    match: { type: 'string', default: '' },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const only = values.only.split(',').filter((name) => name !== '');
const services = servicesWithKeys({ environment: process.env, only, models: values.model });
const checks = allChecks(services).filter(({ name }) => name.includes(values.match));

if (services.length === 0) nothingToAsk();
else if (checks.length === 0) say(`No check has «${values.match}» in its name.`, 2);
else if (await agreed()) await performAll();
else say('Nothing was asked.', 2);

function nothingToAsk(): void {
  say('No key was found, so there is no real service to check with.', 2);
  console.log(`Set one or more of ${keyVariables().join(', ')} and run this again: it says what it costs before it asks anybody.`);
}

function say(line: string, code: number): void {
  console.log(line);
  process.exitCode = code;
}

async function agreed(): Promise<boolean> {
  console.log(`${checks.length} checks through Understudy against real services, with your keys:\n`);
  let sum = 0;
  for (const service of services) {
    const calls = plannedCalls(service);
    const cost = mostCost(service, calls);
    sum += cost ?? 0;
    const price = cost === undefined ? 'its price is not known here' : `${dollars(cost)} at most`;
    console.log(`  ${modelOf(service)} at ${service.baseUrl}, key from ${service.variable}: ${calls} requests, ${price}`);
  }
  console.log(
    `\nAt most ${dollars(sum)} where prices are known (each request once more, ${MOST.inputTokens} tokens in and ${MOST.outputTokens} out; a proxy on`,
  );
  console.log('this machine lets nothing beyond that through). Answers are kept in a folder that is deleted.');
  if (values.yes) return true;
  if (!process.stdin.isTTY) {
    console.log('There is no terminal to ask in: give --yes to go on.');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Go on? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function plannedCalls(service: Service): number {
  return checks.flatMap((check) => check.asks).reduce((sum, asked) => sum + (asked.service === service ? asked.calls : 0), 0);
}

async function performAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-live-'));
  const proxies = new Map<Service, FaultProxy>();
  const failures: string[] = [];
  let shared: UnderstudyProcess | undefined;
  try {
    for (const service of services) proxies.set(service, await startFaultProxy(service, mostCalls(plannedCalls(service))));
    const start = (name: string): Promise<UnderstudyProcess> => startUnderstudy(root, join(folder, name), configOf(proxies), process.env);
    shared = await start('shared');
    for (const [index, check] of checks.entries()) {
      const began = performance.now();
      const understudy = check.breaks ? await start(String(index)) : shared;
      const { notes, problem } = await perform(check, { understudy, proxy: (service) => proxies.get(service)! });
      if (check.breaks) await understudy.stop();
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${problem === undefined ? 'ok  ' : 'FAIL'}  ${check.name}  ${seconds} s`);
      for (const note of problem === undefined ? notes : [problem, ...notes]) console.log(`        ${note}`);
      if (problem !== undefined) failures.push(check.name);
    }
    for (const [service, proxy] of proxies) console.log(`${modelOf(service)}: ${proxy.calls()} requests made`);
  } finally {
    await shared?.stop();
    for (const proxy of proxies.values()) await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${checks.length - failures.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

async function perform(check: Check, stage: Stage): Promise<Outcome> {
  try {
    return await check.run(stage);
  } catch (error) {
    return { notes: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Keys stay in the environment: the file names their variables. */
function configOf(proxies: ReadonlyMap<Service, FaultProxy>): unknown {
  const providers = [...proxies].map(([{ preset, variable }, proxy]) => [
    preset.name,
    { preset: preset.name, baseUrl: proxy.baseUrl, apiKey: `\${${variable}}` },
  ]);
  const pairs = services.flatMap((service) => services.filter((second) => second !== service).map((second) => [service, second] as const));
  const routes = pairs.map(([service, second]) => [standInRoute(service, second), [modelOf(service), modelOf(second)]]);
  return { providers: Object.fromEntries(providers), routes: Object.fromEntries(routes) };
}
