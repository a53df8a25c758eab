import type { Accelerator } from './package.ts';

/** Bytes that are left for everything else on the machine, and for what the engine takes besides. */
const REST = 300 * 2 ** 20;

/** What a model takes in memory, in bytes: its weights, and the keys and values of a full window. */
export function memoryFor(model: { size: number; bytesPerToken?: number }, context: number): number {
  return model.size + (model.bytesPerToken ?? 0) * context + REST;
}

/** Why a model may not be loaded, and what helps. `available`: bytes that a process may still take. On a graphics card it is its memory that counts, which the engine looks at itself. */
export function tooLarge(needs: number, available: number, accelerator: Accelerator): string | undefined {
  if (accelerator === 'cuda' || accelerator === 'vulkan' || needs <= available) return undefined;
  return `the model takes about ${gigabytes(needs)} of memory, and ${gigabytes(available)} are free: close other programs, give it a smaller window (context), or take a smaller file of it`;
}

/** `4.9 GB`. */
export function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * Memory that a process may still take, in bytes. macOS counts only untouched pages as free (libuv, uv_get_free_memory) though it gives away what it
 * merely caches: three quarters of all are taken for free there.
 */
export function availableMemory(platform: NodeJS.Platform, available: number, total: number): number {
  return platform === 'darwin' ? Math.max(available, total * 0.75) : available;
}
