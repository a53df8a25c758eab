import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Vitest leaves a core free. Many tests wait for processes and timers that others can use: on two cores this halves the time.
export default defineConfig({ test: { setupFiles: ['test/property-seed.ts'], maxWorkers: Math.max(2, availableParallelism()) } });
