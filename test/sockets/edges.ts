import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { faultById } from '../../src/sim/faults/catalogue.ts';
import type { Fault } from '../../src/sim/faults/fault.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { CONTENTS, DIALECTS } from '../matrix/cell.ts';
import { SDKS, type Sdk, type SocketCell } from './socket-cell.ts';
import { type Calm, calmKey } from './tally.ts';

/** A clean end of the body, a closed and a reset connection, a silence. */
const CUTS = ['clean-end', 'cut-edge', 'reset-edge', 'stall'] as const;
/** Byte offsets taken at random from each stream, beside its frame edges. */
const SAMPLED = 12;

/**
 * Cells that cut a stream at every frame edge (in turn in one of four ways) and at a seeded sample of bytes. The edges are
 * those of the stream that the same client got on a calm day, which passed through untouched.
 */
export function edgeCells(calm: Calm, seed: number): SocketCell[] {
  const random = seeded(seed);
  const cells: SocketCell[] = [];
  const sdks: Sdk[] = ['anthropic-sdk', 'openai-sdk', 'openai-responses', 'google-genai'];
  for (const sdk of sdks)
    for (const content of CONTENTS) {
      const body = calm.get(calmKey({ sdk, stream: true, content }))!.bytes;
      const sampled = Array.from({ length: SAMPLED }, () => Math.floor(random() * body.length));
      for (const [turn, byte] of [...frameEdges(body), ...sampled].entries()) {
        const client = SDKS[sdk];
        const lead = turn % 5 === 4 ? other(client, random) : client;
        const backup = random() < 0.5 ? client : other(client, random);
        const persistence = random() < 0.2 ? 'ever' : 'once';
        cells.push({ sdk, client, lead, backup, stream: true, content, fault: cutOf(turn), position: { byte }, persistence });
      }
    }
  return cells;
}

/** Offsets at which an event begins or the body ends; Google's lines end with CR LF. */
export function frameEdges(body: Buffer): number[] {
  return [0, ...Array.from(body.toString('latin1').matchAll(/\r?\n\r?\n/g), ({ index, 0: blank }) => index + blank.length)];
}

function cutOf(turn: number): Fault {
  const fault = faultById(CUTS[turn % CUTS.length]!);
  if (!fault) throw new Error(`the catalogue has no fault ${CUTS[turn % CUTS.length]}`);
  return fault;
}

/** One of the other dialects. */
function other(dialect: ClientDialect, random: () => number): ClientDialect {
  const others = DIALECTS.filter((each) => each !== dialect);
  return others[Math.floor(random() * others.length)]!;
}
