import { defineConfig } from 'vitest/config';

/** As the package's own, but for the few test files that `run.ts` names: with all of them each mutant would cost minutes. */
export default defineConfig({
  test: { setupFiles: ['test/property-seed.ts'], include: (process.env['MUTATION_TESTS'] ?? '').split(' ') },
});
