import { writeSync } from 'node:fs';
import { systemClock } from '../../exchange/clock.ts';
import { exchangeId } from '../../exchange/ids.ts';
import type { AnswerLog } from '../journal.ts';
import { openJournal } from '../open.ts';
import { journalSettings } from '../settings.ts';
import { bytesEntry, lineDecoders, openingOf, textEntry, wholeEnd } from './entries.ts';
import { chance } from './chance.ts';

/**
 * A process to be killed: appends at random to several answers and says on its standard output what has been handed to a
 * follower, a line each: exchange id, place, text. What it has said, a client has seen.
 */
const [folder = '', seed = '0'] = process.argv.slice(2);
const random = chance(Number(seed));

const opened = await openJournal({
  folder,
  settings: journalSettings.parse({ segmentSize: '32KiB', ring: 4096, keepAfterEnd: '50ms' }),
  clock: systemClock,
  decoders: lineDecoders,
  onNotice: (notice) => process.stderr.write(`${notice.message}\n`),
});
if (!opened.ok) throw new Error(opened.error.message);
const journal = opened.value;

function begin(): AnswerLog {
  const id = exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
  const log = journal.open(openingOf(id), Buffer.from(`{"messages":[{"content":"for ${id}"}]}`));
  log.follow(
    -1,
    ({ seq, entry }) => {
      const text = entry.type === 'bytes' || entry.type === 'events' ? JSON.stringify(entry.events) : entry.type;
      writeSync(1, `${id} ${seq} ${text}\n`);
      return true;
    },
    (reason) => writeSync(1, `lost ${reason}\n`),
  );
  return log;
}

const logs = Array.from({ length: 8 }, begin);
writeSync(1, 'ready\n');

function work(): void {
  for (let count = random(6); count >= 0; count--) {
    const at = random(logs.length);
    const what = random(40);
    if (what === 0) {
      logs[at]!.append(wholeEnd());
      logs[at] = begin();
    } else if (what < 20) logs[at]!.append(textEntry(`t${random(1e9)}`.repeat(1 + random(20))));
    else logs[at]!.append(bytesEntry(`b${random(1e9)}`.repeat(1 + random(20)), at % 2));
  }
  if (random(4) === 0) setTimeout(work, random(3));
  else setImmediate(work);
}
work();
