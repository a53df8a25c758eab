import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import type { ClientCase } from './cases.ts';

export const KEYS = { lead: 'lead-key-4f1d20c7aa', backup: 'backup-key-93be51d08c', client: 'client-key-7e02c4b6f1' } as const;

/** Slow enough that an answer is under way when it breaks. Milliseconds. */
const PACE = { headers: 30, firstToken: 40, perToken: 2, scale: 1 };

/** What the shell command prints; `exampleOf` of a schema with a `command` or `cmd` begins with this program's name. */
const TOOL = 'simulated';
export const TOOL_OUTPUT = 'the tool ran behind the curtain';

export const PRESETS: Record<DialectName, { preset: string; path: string; model: string }> = {
  'anthropic-messages': { preset: 'anthropic', path: '', model: 'claude-opus-5-5' },
  'openai-chat': { preset: 'openai', path: '/v1', model: 'gpt-5.6' },
  'openai-responses': { preset: 'openai', path: '/v1', model: 'gpt-5.6' },
  gemini: { preset: 'google', path: '', model: 'gemini-3.1-pro-preview' },
};

export interface Providers {
  lead: SimServer;
  backup: SimServer;
  close(): Promise<void>;
}

/** Two simulated providers, strict as the real ones are: the lead with the case's trouble, the backup well. */
export async function startProviders({ trouble: { name, fault } }: ClientCase): Promise<Providers> {
  const lead = await startSim({ name: `lead ${name}`, key: KEYS.lead, pace: PACE, strict: true, ...(fault ? { faults: [fault] } : {}) });
  const backup = await startSim({ name: `backup ${name}`, key: KEYS.backup, pace: PACE, strict: true });
  return {
    lead,
    backup,
    async close() {
      await Promise.all([lead.close(), backup.close()]);
    },
  };
}

/** What understudy.yaml says. */
export function configOf({ variant, trouble, backup }: ClientCase, providers: Providers): unknown {
  const provider = (dialect: DialectName, { url }: SimServer, apiKey: string): unknown => {
    const { preset, path } = PRESETS[dialect];
    return { preset, dialect, baseUrl: `${url}${path}`, apiKey };
  };
  const early = trouble.earlyHeaders === true;
  return {
    providers: {
      lead: provider(variant.dialect, providers.lead, KEYS.lead),
      backup: provider(backup, providers.backup, KEYS.backup),
    },
    routes: { default: ['lead/*', `backup/${backup === variant.dialect ? '*' : PRESETS[backup].model}`] },
    deadlines: { headers: '3s', firstEvent: '3s', idle: '2s', ...(early && { headerHold: '300ms' }) },
    ...(early && { server: { keepAlive: '300ms' } }),
  };
}

export interface Home {
  /** Where the client works. */
  work: string;
  environment: Record<string, string | undefined>;
}

/** A fresh home with the client's program and the command of its tool on PATH, and nothing of this machine's user. */
export function makeHome(folder: string, { variant }: Pick<ClientCase, 'variant'>, client: readonly string[], address: string): Home {
  const bin = join(folder, 'bin');
  const work = join(folder, 'work');
  const home = join(folder, 'home');
  for (const each of [bin, work, home]) mkdirSync(each, { recursive: true });
  program(join(bin, variant.client), `exec ${client.map((word) => `'${word}'`).join(' ')} "$@"`);
  // No real command ends at once; of one that does, Qwen Code's own shell tool now and then reads nothing.
  program(join(bin, TOOL), `echo "$*" >> '${join(work, 'executions.txt')}'\necho '${TOOL_OUTPUT}'\nsleep 0.3`);
  // Codex runs a login shell, which begins with a PATH of its own.
  const files = { '.profile': `PATH='${bin}':$PATH\n`, ...variant.home?.(address) };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return {
    work,
    environment: {
      PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: home,
      LANG: 'C.UTF-8',
      [variant.keyVariable]: KEYS.client,
      ...variant.environment(address),
    },
  };
}

function program(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}
