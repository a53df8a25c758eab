import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Place, startServer, understudy } from './program.ts';
import { DIALECTS } from './questions.ts';

/** llama.cpp's own server, where this machine has one: LLAMA_SERVER says where, or it is on the PATH. */
export function findLlamaServer(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [process.env['LLAMA_SERVER'] ?? '', ...folders.map((folder) => join(folder, 'llama-server'))].find(
    (path) => path !== '' && existsSync(path),
  );
}

interface Found {
  services: { kind: string; models: { target: string; context?: number }[] }[];
}

/** The same model file behind llama.cpp's own server: found by itself at a port of `local.ports`, and the last target of the default route. */
export async function withLlamaServer(
  program: string,
  { environment, folder }: Place,
  { model, says, dead, port }: { model: string; says: string; dead: string; port: number },
  check: (title: string, isSo: boolean, seen?: unknown) => boolean,
): Promise<void> {
  const home = join(folder, 'with-llama-server');
  mkdirSync(home);
  writeFileSync(
    join(home, 'understudy.yaml'),
    `providers:\n  gone: { dialect: openai-chat, baseUrl: ${dead}/v1, apiKey: k }\nroutes:\n  default: [gone/m]\nlocal: { ports: [${port}] }\n`,
    { mode: 0o600 },
  );
  const place = { folder: home, environment: { ...environment, HOME: home } };
  const words = ['-m', model, '--alias', 'tiny', '--host', '127.0.0.1', '--port', String(port), '-t', '1', '-c', '512'];
  const llama = spawn(program, words, { cwd: home, stdio: 'ignore' });
  try {
    const isUp = await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok);
    if (!check("llama.cpp's own server loads the model file", isUp)) return;
    const server = await startServer(place, '--port', '0');
    try {
      const found = async (): Promise<Found> => (await (await fetch(`${server.address}/api/local`)).json()) as Found;
      const isFound = await until(async () => (await found()).services.length > 0);
      const [service] = (await found()).services;
      check(
        '… is found by itself, with the window that it runs with',
        isFound && service?.kind === 'llamacpp' && service.models[0]?.target === `local-${port}/tiny` && service.models[0].context === 512,
        service,
      );
      for (const dialect of ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini']) {
        const answer = await DIALECTS[dialect]!(server.address, 'whatever', 'Hello?');
        check(`… and answers where all remote targets are dead: ${dialect}`, answer.text === says && answer.pieces > 5, answer);
      }
      const listed = await understudy(place, 'local');
      check('understudy local lists it', listed.code === 0 && /llama\.cpp server at /.test(listed.said), listed);
    } finally {
      await server.stop();
    }
  } finally {
    llama.kill('SIGKILL');
  }
}

async function until(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < 150; round++) {
    if (await isSo().catch(() => false)) return true;
    await sleep(100);
  }
  return false;
}
