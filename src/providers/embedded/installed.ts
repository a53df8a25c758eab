import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { type Accelerator, ENGINE_PACKAGE } from './package.ts';

/** Where the engine is put, in the data folder. */
export function engineFolder(data: string): string {
  return join(data, 'engine');
}

/** The engine as it is installed in a folder. */
export interface InstalledEngine {
  version: string;
  accelerator: Accelerator;
}

/** Nothing where it is not, or not whole. */
export function installedEngine(folder: string): InstalledEngine | undefined {
  const own = objectIn(join(folder, 'package.json'));
  const names = isObject(own?.dependencies) ? Object.keys(own.dependencies) : [];
  const installed = new Map(names.map((name) => [name, objectIn(join(folder, 'node_modules', name, 'package.json'))]));
  const version = installed.get(ENGINE_PACKAGE)?.version;
  if (typeof version !== 'string' || [...installed.values()].includes(undefined)) return undefined;
  const accelerator = (['cuda', 'vulkan', 'metal'] as const).find((kind) => names.some((name) => name.includes(`-${kind}`))) ?? 'cpu';
  return { version, accelerator };
}

function objectIn(path: string): ReturnType<typeof parseObject> {
  try {
    return parseObject(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
