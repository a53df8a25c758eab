import { join } from 'node:path';
import type { MessageStatus, SourceName } from '../conversation.ts';
import type { RetentionSettings } from './settings.ts';

/** Which conversations go: all that is said has to hold. */
export interface RetentionRule {
  /** What it says, in words. Also its name: one that is changed is another one. */
  text: string;
  source?: SourceName;
  /** A folder, with those below it; or a project's name. */
  project?: string;
  status?: MessageStatus;
  /** Last changed longer ago than this; milliseconds. */
  olderThan?: number;
  /** Bytes: the oldest go until the rest takes no more. */
  max?: number;
}

const DAY = 24 * 60 * 60_000;
const AGES: Record<string, number> = { d: DAY, w: 7 * DAY, y: 365 * DAY };
const SIZES: Record<string, number> = { MB: 1e6, GB: 1e9, TB: 1e12, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

/** `home`: what `~/` in a project stands for. */
export function retentionRules(settings: RetentionSettings, home: string): RetentionRule[] {
  return settings.map(({ source, project: written, status, olderThan, max }) => {
    const project = written?.startsWith('~/') ? join(home, written.slice(2)) : written;
    const text = [
      ...(source === undefined ? [] : [`source ${source}`]),
      ...(project === undefined ? [] : [`project ${project}`]),
      ...(status === undefined ? [] : [`status ${status}`]),
      ...(olderThan === undefined ? [] : [`older than ${olderThan}`]),
      ...(max === undefined ? [] : [`at most ${max}`]),
    ].join('; ');
    return {
      text,
      ...(source && { source }),
      ...(project !== undefined && { project }),
      ...(status && { status }),
      ...(olderThan !== undefined && { olderThan: scaled(olderThan, AGES) }),
      ...(max !== undefined && { max: scaled(max, SIZES) }),
    };
  });
}

function scaled(text: string, units: Record<string, number>): number {
  const unit = /[A-Za-z]+$/.exec(text)?.[0] ?? '';
  return Number.parseFloat(text) * (units[unit] ?? 1);
}
