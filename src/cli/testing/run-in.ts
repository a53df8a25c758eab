import { systemClock } from '../../exchange/clock.ts';
import { err } from '../../exchange/result.ts';
import { runCli } from '../cli.ts';

export interface Ran {
  code: number;
  /** Standard output. */
  out: string;
  /** Standard error. */
  note: string;
}

/** Runs a command line as somebody whose home and working folder are `folder`, with pipes for a terminal. It starts no server. */
export async function runIn(folder: string, words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  let out = '';
  let note = '';
  const code = await runCli([...words], {
    build: () => Promise.resolve(err([{ message: 'not in this test', advice: 'Give it a build.' }])),
    version: '9.9.9',
    clock: systemClock,
    surroundings: {
      streams: { stdin: {}, stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (note += text) } },
      environment,
      workingFolder: folder,
      home: folder,
      platform: 'linux',
      nodeVersion: process.version,
      onSignal: () => () => {},
    },
  });
  return { code, out, note };
}
