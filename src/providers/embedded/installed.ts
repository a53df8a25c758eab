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
  const installed = objectIn(join(folder, 'node_modules', ENGINE_PACKAGE, 'package.json'));
  if (!isObject(own?.dependencies) || typeof installed?.version !== 'string') return undefined;
  const names = Object.keys(own.dependencies).join(' ');
  const accelerator = (['cuda', 'vulkan', 'metal'] as const).find((kind) => names.includes(`-${kind}`)) ?? 'cpu';
  return { version: installed.version, accelerator };
}

function objectIn(path: string): ReturnType<typeof parseObject> {
  try {
    return parseObject(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
