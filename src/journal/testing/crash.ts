import { spawn } from 'node:child_process';
import { systemClock } from '../../exchange/clock.ts';
import { openJournal } from '../open.ts';
import { journalSettings } from '../settings.ts';
import { chance } from './chance.ts';
import { lineDecoders } from './entries.ts';

interface CrashReport {
  /** Exchanges and entries that the killed process has said it delivered. */
  exchanges: number;
  delivered: number;
  /** Of those, what was not there afterwards. */
  lost: string[];
  interrupted: number;
  /** Bytes of torn frames that were passed over. */
  notices: string[];
}

/**
 * Starts a process that appends and delivers at random, kills it with SIGKILL at a random instant, opens its folder again, and
 * compares what it has delivered with what is there.
 */
export async function crashOnce(folder: string, seed: number): Promise<CrashReport> {
  const random = chance(seed);
  const said = await runUntilKilled(folder, seed, 20 + random(300));
  const delivered = new Map<string, Map<number, string>>();
  for (const line of said) {
    const [, id, seq, text] = /^(x_\S+) (\d+) (.*)$/.exec(line) ?? [];
    if (id === undefined || seq === undefined || text === undefined) continue;
    let entries = delivered.get(id);
    if (!entries) delivered.set(id, (entries = new Map()));
    entries.set(Number(seq), text);
  }

  const report: CrashReport = { exchanges: delivered.size, delivered: 0, lost: [], interrupted: 0, notices: [] };
  report.lost.push(...said.filter((line) => line.startsWith('lost ')));
  const opened = await openJournal({
    folder,
    settings: journalSettings.parse({}),
    clock: systemClock,
    decoders: lineDecoders,
    onNotice: (notice) => report.notices.push(notice.message),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  for (const [id, entries] of delivered) {
    const detail = await opened.value.get(id);
    const kept = new Map((await opened.value.entries(id))?.map((logged) => [logged.seq, logged.entry]));
    if (detail?.request !== `{"messages":[{"content":"for ${id}"}]}` || detail.hole) report.lost.push(`${id}: request`);
    if (detail?.state === 'interrupted') report.interrupted += 1;
    const ended = [...entries.values()].includes('end');
    if (detail?.state !== 'interrupted' && detail?.state !== 'complete') report.lost.push(`${id}: is ${detail?.state}`);
    if (ended && detail?.state !== 'complete') report.lost.push(`${id}: its end`);
    for (const [seq, text] of entries) {
      report.delivered += 1;
      const entry = kept.get(seq);
      const found = entry?.type === 'bytes' || entry?.type === 'events' ? JSON.stringify(entry.events) : entry?.type;
      if (found !== text) report.lost.push(`${id} ${seq}: ${text} is ${found}`);
    }
  }
  await opened.value.close();
  return report;
}

/** Lines that a child has written, the last one only if it is whole. `after`: milliseconds from its being ready. */
function runUntilKilled(folder: string, seed: number, after: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [new URL('./crash-child.ts', import.meta.url).pathname, folder, String(seed)]);
    let said = '';
    let errors = '';
    let ready = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (ready || !said.includes('ready\n')) return;
      ready = true;
      setTimeout(() => child.kill('SIGKILL'), after);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('close', (_, signal) => {
      if (signal === 'SIGKILL') resolve(said.split('\n').slice(0, -1));
      else reject(new Error(`the child ended by itself: ${errors}`));
    });
  });
}
