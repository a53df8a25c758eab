import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';

/** Loads a library that only some installations have. The error says how to get it. */
export async function optionalModule<Module>(name: string, load: () => Promise<Module>): Promise<Result<Module, string>> {
  try {
    return ok(await load());
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    return err(
      missing ? `the library ${name} is not installed; run: npm i ${name}` : `the library ${name} does not load: ${String(cause)}`,
    );
  }
}
