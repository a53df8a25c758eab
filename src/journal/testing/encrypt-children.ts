import { registerHooks } from 'node:module';

/** Given to node with --import: every database that the program opens is encrypted (encrypted-sqlite.ts). */
const shim = new URL('./encrypted-sqlite.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'node:sqlite' && context.parentURL !== shim ? { url: shim, shortCircuit: true } : next(specifier, context);
  },
});
