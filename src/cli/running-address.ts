import type { Settings } from '../config/settings.ts';
import { whoHolds } from '../journal/lock.ts';

/** Where an Understudy with these settings serves: as the one that holds the data folder says, else as configured. */
export function runningAddress(settings: Settings): string {
  const holder = settings.data === undefined ? undefined : whoHolds(settings.data).holder;
  if (holder?.address !== undefined && !holder.address.endsWith(':0')) return holder.address;
  const { host, port } = settings.server;
  const reached =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `http://${reached}:${port}`;
}
