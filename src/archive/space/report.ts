import { bytesText } from '../../journal/bytes-text.ts';
import type { Space, SpaceLevel } from '../../journal/space.ts';
import type { Growth } from './growth.ts';

/** How much room the data folder has. */
export interface SpaceReport extends Space {
  /** `soon`: there is plenty, and at this pace it is used up within days. */
  level: SpaceLevel | 'soon';
  /** How the folder has grown, and milliseconds until the disk is full at that pace; absent where that is far away or unknown. */
  grown?: Growth;
  fullIn?: number;
}

/** What people are told; `undefined`: nothing. */
export function spaceNotice({ level, free, total, grown, fullIn }: SpaceReport, folder: string): string | undefined {
  if (level === 'plenty') return undefined;
  const pace =
    grown === undefined || fullIn === undefined
      ? ''
      : ` Understudy took ${bytesText(grown.bytes)} in ${spanText(grown.within)}: at that pace it is full in about ${spanText(fullIn)}.`;
  const waits =
    level === 'critical'
      ? ' Mirror, search index and copies of transcripts wait, so that answers can be saved; they catch up when there is room.'
      : '';
  return `${level === 'soon' ? '' : 'Little room: '}${bytesText(free)} of ${bytesText(total)} are left for ${folder}.${pace}${waits} What takes how much: understudy archive sizes.`;
}

function spanText(milliseconds: number): string {
  const hours = milliseconds / (60 * 60_000);
  const [count, unit] = hours < 36 ? [Math.max(1, Math.round(hours)), 'hour'] : [Math.round(hours / 24), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
