import { seeded } from '../../src/sim/seeded.ts';
import { callsTools } from '../matrix/question.ts';
import { type Cell, eachCell } from '../matrix/cell.ts';
import { pairwise } from '../sockets/pairwise.ts';
import { AT_THE_PORT_ONLY, BROKEN_HOSTS, shuffled } from '../sockets/socket-cell.ts';
import type { SdkCell } from './cell.ts';
import { type Sdk, SDKS } from './clients.ts';

/** Takes minutes by design, and is no failure. */
const SLOW = 'drip-events';

/**
 * All pairs of client library, streaming, lead, backup, content, fault, position and persistence, of those cells of the fault matrix in which
 * a healthy backup can rescue the answer, in an order without meaning. Hosts that are broken for good are met in `test/sockets`.
 */
export function wideCells(seed: number): SdkCell[] {
  const random = seeded(seed);
  return shuffled(pairwise(rows(), factorsOf, random), random).map(({ sdk, cell }) => {
    const { fault, position, persistence, stream, content, lead, backup } = cell;
    const place = position === undefined ? '' : ` at ${String(position)}`;
    const condition = {
      name: `${fault.id}${place}, ${persistence}`,
      fault: fault.id,
      persistence,
      ...(position !== undefined && { position }),
    };
    return { sdk, condition, stream, content, lead, backup };
  });
}

interface Row {
  sdk: Sdk;
  cell: Cell;
}

function* rows(): Generator<Row> {
  for (const cell of eachCell()) {
    const { fault, stream, content, lead, backup } = cell;
    // Faults of meaning (E) change the words, and accounts and regions (F) have weather of their own.
    if (fault.expected !== 'rescue' || fault.group === 'E' || fault.group === 'F' || fault.id === SLOW) continue;
    if (AT_THE_PORT_ONLY.has(fault.id) || BROKEN_HOSTS.has(fault.id)) continue;
    for (const sdk of SDKS) {
      if (sdk.dialect !== cell.client || (content === 'structured' && !sdk.takesSchema)) continue;
      if (sdk.oneCallOnly && (content === 'parallel' || content === 'pondered')) continue;
      if (sdk.wholeCallsOnly && stream && callsTools(content) && (lead === 'openai-chat' || backup === 'openai-chat')) continue;
      yield { sdk, cell };
    }
  }
}

/** The positions of these cells are words. */
function factorsOf({ sdk, cell: { stream, lead, backup, content, fault, position, persistence } }: Row): unknown[] {
  return [sdk.name, stream, lead, backup, content, fault.id, position, persistence];
}
