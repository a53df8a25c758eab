import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { redactor } from '../credentials.ts';
import { secretOptions } from '../resolve.ts';
import type { ModelLoader } from './bridge-call.ts';

/** A service that a package of the AI SDK speaks to. */
export interface SdkService {
  /** `@ai-sdk/cohere`. */
  package: string;
  /** What the package's `create…` function takes: `apiKey`, `region`, `baseURL` … */
  options: JsonObject;
}

type SdkProvider = ((model: string) => LanguageModelV4) & { languageModel?: (model: string) => LanguageModelV4 };

/** Packages know the way to their service; another host that this one names in a redirect is not to have the key. */
const asked: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' });

/**
 * Loads packages from `folders`, in order, each only when it is first asked for. They are the user's to install: none of them comes
 * with Understudy.
 */
export function sdkLoader(service: (name: string) => SdkService | undefined, folders: readonly string[]): ModelLoader {
  const providers = new Map<SdkService, Promise<Result<SdkProvider, string>>>();
  return async (name, model) => {
    const wanted = service(name);
    if (!wanted) return err(`there is no service named ${name} in the configuration any more`);
    const redact = redactor(secretOptions(wanted.options));
    let provider = providers.get(wanted);
    if (!provider) providers.set(wanted, (provider = loadProvider(wanted, folders)));
    const loaded = await provider;
    if (!loaded.ok) {
      // It may be installed while we run.
      providers.delete(wanted);
      return err(redact(loaded.error));
    }
    try {
      return ok({ model: loaded.value.languageModel?.(model) ?? loaded.value(model), redact });
    } catch (error) {
      return err(redact(`${wanted.package} refuses ${model}: ${error instanceof Error ? error.message : String(error)}`));
    }
  };
}

async function loadProvider({ package: name, options }: SdkService, folders: readonly string[]): Promise<Result<SdkProvider, string>> {
  const path = locate(name, folders);
  if (path === undefined)
    return err(`${name} is not installed: run «npm install ${name}» in ${folders[0] ?? 'the folder of understudy.yaml'}`);
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    return err(`${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  // By the SDK's convention: createCohere, createAmazonBedrock.
  const create = Object.entries(exports).find(([key, value]) => /^create[A-Z]/.test(key) && typeof value === 'function')?.[1];
  if (typeof create !== 'function') return err(`${name} is no provider of the AI SDK: it exports no create… function`);
  try {
    return ok((create as (options: object) => SdkProvider)({ ...options, fetch: asked }));
  } catch (error) {
    return err(`${name} refuses its options: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function locate(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(join(folder, 'package.json')).resolve(name);
    } catch {
      // Not there: perhaps in the next.
    }
  }
  return undefined;
}
