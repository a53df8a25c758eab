import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { faultById } from '../../src/sim/faults/catalogue.ts';
import type { Content } from '../../src/sim/faults/fault.ts';
import { type Cell, CONTENTS, DIALECTS, soundScene } from './cell.ts';

/** A clean end of the body, a reset, a silence: each between or inside events, as the byte falls. */
const CUTS = ['clean-end', 'reset-edge', 'stall'] as const;

/**
 * Cells that cut a stream at every byte, or at every `stride`th beginning with `phase`. Two of three clients speak the lead's dialect,
 * every other backup does; the rest go round the other dialects.
 */
export function* cutCells(stride = 1, phase = 0): Generator<Cell> {
  for (const lead of DIALECTS)
    for (const content of CONTENTS) {
      const length = bodyLength(lead, content);
      for (const id of CUTS)
        for (let byte = phase; byte < length; byte += stride) {
          const fault = faultById(id);
          if (!fault) throw new Error(`the catalogue has no fault ${id}`);
          const client = byte % 3 === 0 ? other(lead, Math.floor(byte / 3)) : lead;
          const backup = byte % 2 === 0 ? lead : other(lead, Math.floor(byte / 2));
          const persistence = byte % 5 === 0 ? 'ever' : 'once';
          yield { client, lead, backup, stream: true, content, fault, position: { byte }, persistence };
        }
    }
}

/** One of the other dialects, in turn. */
function other(dialect: ClientDialect, turn: number): ClientDialect {
  const others = DIALECTS.filter((each) => each !== dialect);
  return others[turn % others.length]!;
}

function bodyLength(lead: ClientDialect, content: Content): number {
  return soundScene(lead, true, content).reduce((sum, step) => sum + (step.type === 'write' ? step.bytes.length : 0), 0);
}
