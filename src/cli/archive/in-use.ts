import type { InUse } from '../../archive/care/erasing.ts';

/** Why nothing can be taken out of a data folder now, and what to type. */
export function inUse({ by, holder }: InUse, data: string): string[] {
  if (by === 'protect') return [`understudy protect copies transcripts into ${data} now. Wait for it, or stop it, and do it again.`];
  const who = holder?.address === undefined ? 'A server' : `The server at ${holder.address}`;
  const stop = holder && process.platform !== 'win32' ? `Ctrl-C where it runs, or: kill ${holder.pid}` : 'Ctrl-C where it runs';
  return [
    `${who} works in ${data}: it has in memory and in its log what is to go. Nothing was changed.`,
    `Stop it (${stop}), do this again, and start it when that is done.`,
  ];
}
