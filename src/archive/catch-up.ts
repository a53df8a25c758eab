import { exchangeFollower } from './exchanges/follow.ts';
import type { Archive } from './store/open.ts';

/**
 * Takes over what has been said since the last time, so that a command shows all of it, whether a server runs or not: one that runs does the same at
 * the same time, and neither doubles anything. `progress` is called now and then while there is much.
 */
export function catchUp(archive: Archive, dataFolder: string, progress: () => void = () => undefined): void {
  const follower = exchangeFollower(archive, dataFolder);
  while (follower.step()) progress();
  follower.takeUnfolded();
}
